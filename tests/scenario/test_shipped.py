# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent shipped FILE` ends with 0 when all that the file held is
delivered and that is noted, for every flow that follows it, and never before:
whatever the file is called by then, with the agent running or not."""

import gzip
import json
import os
import shutil
import subprocess

from harness import Account, Agent, LogWriter, Process, Sandbox, check, flow
from harness import own, path, read, run, scenario, wait_until, yaml


def begin(agent, *words):
    return Process(
        "shipped", [agent.binary, "shipped", "-c", own("agent.yaml"), *words]
    )


def ask(agent, *words):
    process = begin(agent, *words)
    code = process.wait_exit(30)
    return code, read(process.out_path).decode() + process.log_text()


def expect(agent, words, code, *texts):
    answer = ask(agent, *words)
    check(answer[0] == code, f"{words}: {answer}")
    for text in texts:
        check(text in answer[1], f"{text!r} is not in {answer}")


def noted(agent, file):
    """What the database itself says of the file, asked from outside."""
    out = subprocess.run(
        ["sqlite3", "-readonly", os.path.join(agent.state,
         "checkpoints.sqlite"), "SELECT min(committed) FROM checkpoint "
         f"WHERE ino = {os.stat(file).st_ino}"],
        capture_output=True, check=True)  # fmt: skip
    return int(out.stdout.strip() or -1)


def open_inodes(process):
    found = set()
    for at in os.listdir(f"/proc/{process.pid}/fd"):
        try:
            found.add(os.stat(f"/proc/{process.pid}/fd/{at}").st_ino)
        except FileNotFoundError:  # closed meanwhile
            pass
    return found


@scenario
def play():
    sandbox = Sandbox()
    log, other = LogWriter("a/app.log"), LogWriter("b/other.txt")
    agent = Agent(
        sandbox,
        [flow("a/*.log", "one", name="one"), flow("a/*", "two", name="two",
         excludePattern="*.gz")],
    )  # fmt: skip
    account = Account(sandbox, log, stream="one")
    second = Account(sandbox, log, stream="two")
    log.write(20)
    other.write(5)
    agent.start().wait_ready()

    # All of it, and on disk.
    expect(agent, [log.file, "--wait", "30s"], 0, "flow one", "flow two")
    check(noted(agent, log.file) == os.stat(log.file).st_size, "not noted")
    account.settle()
    second.settle()

    # One flow's destination fails: the file is not, but for the other.
    sandbox.fault("500", count=-1, stream="two")
    log.write(20)
    expect(agent, [log.file, "--wait", "30", "--flow", "one"], 0)
    size = os.stat(log.file).st_size
    expect(agent, [log.file], 8, "flow two", f"of {size} bytes")
    wait_until(lambda: "wait for an answer" in ask(agent, log.file)[1], "why")
    code, out = ask(agent, log.file, "--json", "--wait", "300ms")
    answer = json.loads(out.splitlines()[0])
    check(code == 8 and not answer["shipped"] and answer["running"], out)
    flows = {at["flow"]: at for at in answer["flows"]}
    check(flows["one"]["shipped"] and not flows["two"]["shipped"], out)
    check(answer["end"] == size, out)

    # It goes on being asked while the file is renamed, and what is written
    # meanwhile does not count.
    waiting = begin(agent, log.file, "--wait", "60s")
    inode = os.stat(log.file).st_ino
    wait_until(lambda: inode in open_inodes(waiting), "it to look")
    os.rename(log.file, log.file + ".1")
    log.write(1)
    log.reopen()
    check(waiting.poll() is None, "it did not wait")
    expect(agent, [log.file + ".1", "--wait", "200ms"], 8, "flow two")
    sandbox.no_faults()
    check(waiting.wait_exit(30) == 0, waiting.ending())
    expect(agent, [log.file + ".1", "--wait", "30s"], 0, "flow two")

    # A line without newline does not count, unless it is asked for.
    log.put(b"unfinished")
    expect(agent, [log.file], 0, "has no newline yet: 10 bytes")
    expect(agent, [log.file, "--unfinished"], 8, "10 are not read yet")
    log.put(b" no more\n")
    log.lines.append(b"unfinished no more\n")
    expect(agent, [log.file, "--unfinished", "--wait", "30s"], 0)

    # Nobody's, and what is none.
    expect(agent, [other.file], 6, "no flow follows it")
    expect(agent, [path("a")], 1, "not a regular file")
    expect(agent, [path("a/none")], 1, "No such file")
    expect(agent, [log.file, "--wait", "soon"], 2, "no time")
    expect(agent, [log.file, "--flow", "3"], 2, "no flow of that name")

    # Copied and truncated: the copy is asked for.
    log.write(30)
    copy = path("a/app.log-20261122")
    shutil.copy(log.file, copy)
    os.truncate(log.file, 0)
    expect(agent, [copy, "--wait", "30s"], 0, "flow one", "flow two")
    log.write(10)

    # Compressed by now: known by what is in it.
    old = log.file + ".1"
    with open(old, "rb") as plain, gzip.open(old + ".gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    shutil.copystat(old, old + ".gz")
    os.unlink(old)
    expect(agent, [old + ".gz", "--wait", "30s"], 0)
    with gzip.open(own("old.gz"), "wb") as packed:
        packed.write(b"of another life\n" * 100)
    os.utime(own("old.gz"), (0, 0))
    os.rename(own("old.gz"), path("a/app.log.9.gz"))
    expect(agent, [path("a/app.log.9.gz")], 6, "read what is in it")

    # Without an agent: what is noted counts, and nothing more.
    account.wait_delivered()
    second.wait_delivered()
    expect(agent, [log.file, "--wait", "30s"], 0)
    agent.stop()
    expect(agent, [log.file], 0, "flow one flow two")
    # Of a flow that is no more nobody asks.
    with open(own("less.yaml"), "w", encoding="utf-8") as out:
        out.write(yaml({**agent.config, "flows": agent.config["flows"][:1]}))
    code, said = ask(agent, "-c", own("less.yaml"), log.file)
    check(code == 0 and "flow two" not in said, said)
    log.write(1)
    expect(agent, [log.file], 4, "no agent is running, or", "are not noted")
    expect(agent, [old + ".gz"], 0)
    # The same file with other content is not the one that was delivered.
    size = os.stat(log.file).st_size
    run("cp", log.file, own("kept"))
    with open(log.file, "r+b") as rewritten:
        rewritten.write(b"#" * (size - 1) + b"\n")
    expect(agent, [log.file], 4, "nothing of its")
    with open(own("kept"), "rb") as kept, open(log.file, "r+b") as again:
        again.write(kept.read())
    waiting = begin(agent, log.file, "--wait", "60s")
    agent.start()
    check(waiting.wait_exit(30) == 0, waiting.ending())
    agent.stop()
    account.settle()
    second.settle()
