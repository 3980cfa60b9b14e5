# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent checkpoints` shows what is noted, beside a running agent and
without one, and leaves nothing behind that the agent may not write. What it is
told to forget is sent again, and nothing else; never while the agent runs."""

import json
import os

from harness import Account, Agent, LogWriter, Process, Sandbox, check, flow
from harness import own, path, scenario, wait_until


def ask(agent, *words, wrap=()):
    process = Process(
        "checkpoints",
        [agent.binary, "checkpoints", "-c", own("agent.yaml"), *words],
        wrap=wrap,
    )
    code = process.wait_exit()
    with open(process.out_path, encoding="utf-8") as out:
        return code, out.read(), process.log_text()


def rows(agent, *words):
    code, out, said = ask(agent, "list", "--json", *words)
    check(code == 0, said)
    return {os.path.basename(row["file"]): row
            for row in map(json.loads, out.splitlines())}  # fmt: skip


def expect(answer, code, *texts):
    check(answer[0] == code, answer)
    for text in texts:
        check(text in answer[1] + answer[2], f"{text!r} is not in {answer}")


def nothing_is_another_s(agent):
    owner = os.stat(agent.state).st_uid
    for name in os.listdir(agent.state):
        at = os.path.join(agent.state, name)
        check(os.stat(at).st_uid == owner, f"{name} belongs to another now")


def come_again(account, agent, lines):
    """The agent sends these again, and no others."""
    before = account.counts()
    agent.start().wait_ready()
    wait_until(
        lambda: all(account.counts()[at] > before[at] for at in lines),
        account.report,
    )
    agent.wait_settled()
    agent.stop()
    after = account.counts()
    check(sum((after - before).values()) == len(lines), account.report())


@scenario
def play():
    sandbox = Sandbox()
    one, two = LogWriter("a/one.log"), LogWriter("a/two.log")
    other = LogWriter("b/other.log")
    agent = Agent(
        sandbox,
        [flow("a/*.log*", "s", name="pair"), flow("b/*.log", "s", name="b")],
    ).unprivileged()
    account = Account(sandbox, one, two, other)
    for log in (one, two, other):
        log.write(20)

    agent.start().wait_ready()
    account.wait_delivered()
    size = os.stat(one.file).st_size
    wait_until(
        lambda: all(row["left"] == 0 for row in rows(agent).values())
        and len(rows(agent)) == 3,
        "all of it noted",
    )

    # Beside the agent.
    row = rows(agent)["one.log"]
    check(row["file"] == one.file and row["flow"] == "pair", row)
    check(row["committed"] == row["size"] == size, row)
    check(row["delivered"] == [] and not row["imported"], row)
    expect(ask(agent, "list"), 0, one.file, "100%", "3 rows")
    check(set(rows(agent, "--flow", "b")) == {"other.log"}, "--flow")
    check(set(rows(agent, "--flow", "1")) == {"one.log", "two.log"}, "--flow")
    expect(ask(agent, "forget", one.file), 5, f"pid {agent.process.pid}",
           "stop it first")  # fmt: skip
    agent.stop()

    # And without one.
    code, out, said = ask(agent, "export")
    check(code == 0, said)
    head, *exported, last = map(json.loads, out.splitlines())
    check(head["format"] == "kinesis-agent checkpoints", head)
    check(head["version"] == 1 and head["flows"] == ["b", "pair"], head)
    check(last == {"rows": 3} and len(exported) == 3, last)
    row = next(at for at in exported if at["file"] == one.file)
    check(row["inode"] == str(os.stat(one.file).st_ino), row)
    check(row["head"]["end"] > 0 and row["marks"], row)
    full = ["sh", "-c", 'exec "$@" >/dev/full', "-"]
    expect(ask(agent, "export", wrap=full), 1, "No space left")
    nothing_is_another_s(agent)

    # Nothing but what is there, and not without being told what.
    expect(ask(agent, "forget"), 2, "name each FILE")
    expect(ask(agent, "forget", one.file, path("a/none")), 6, "a/none",
           "nothing was forgotten")  # fmt: skip
    expect(ask(agent, "forget", "99"), 6, "no row of that number")
    expect(ask(agent, "forget", "--all", "--flow", "x"), 6, "no flow")
    expect(ask(agent, "show"), 2, "list export forget")
    check(len(rows(agent)) == 3, "something is gone")

    # By its number, and by the name it has now: the one that had it stays.
    os.rename(one.file, one.file + ".1")
    with open(one.file, "w", encoding="ascii"):
        pass
    expect(ask(agent, "forget", one.file), 6, "is of another file")
    number = str(rows(agent)["two.log"]["row"])
    expect(ask(agent, "forget", one.file + ".1", number), 0, "forgot row",
           "another that matches it is read from 0",
           "all that it holds is sent again")  # fmt: skip
    nothing_is_another_s(agent)
    come_again(account, agent, one.lines + two.lines)

    # A flow with all it has.
    expect(ask(agent, "forget", "--all", "--flow", "b"), 0, "flow b and its 1")
    check("other.log" not in rows(agent), "it is there still")
    come_again(account, agent, other.lines)
    check(set(rows(agent, "--flow", "b")) == {"other.log"}, "not noted again")

    # Where there is nothing yet, nothing is made.
    with open(own("agent.yaml"), encoding="utf-8") as text:
        config = text.read().replace(agent.state, path("none", "yet"))
    with open(own("agent.yaml"), "w", encoding="utf-8") as out:
        out.write(config)
    expect(ask(agent, "list"), 6, "none yet")
    expect(ask(agent, "forget", "--all"), 6, "none yet")
    check(not os.path.exists(path("none")), "it made something")
