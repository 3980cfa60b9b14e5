# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent files` shows what the running agent does with each file of each
flow: how far it is, what it waits for, and why it cannot read one."""

import json
import os
import socket

from harness import Account, Agent, LogWriter, Process, Sandbox, check, flow
from harness import own, path, scenario, wait_until


def ask(agent, *words):
    process = Process(
        "files", [agent.binary, "files", "-c", own("agent.yaml"), *words]
    )
    code = process.wait_exit()
    with open(process.out_path, encoding="utf-8") as out:
        return code, out.read(), process.log_text()


def rows(agent, *words):
    """By flow and name."""
    code, out, said = ask(agent, "--json", *words)
    check(code in (0, 6), said)
    return {(row["flow"], os.path.basename(row["file"])): row
            for row in json.loads(out)["files"]}  # fmt: skip


def raw(agent, line, read=True):
    """What a stranger to the protocol would do."""
    with socket.socket(socket.AF_UNIX) as to:
        to.settimeout(20)
        to.connect(os.path.join(agent.state, "status.sock"))
        to.sendall(line.encode() + b"\n")
        answer = b""
        while read and (more := to.recv(65536)):
            answer += more
    return answer.decode()


def becomes(agent, state, *key):
    def is_so():
        found = rows(agent).get(key)
        return found if found and found["state"] == state else None

    return wait_until(is_so, lambda: f"{key} {state}: {rows(agent)}")


@scenario
def play():
    sandbox = Sandbox()
    log, shut = LogWriter("a/app.log"), LogWriter("a/shut.log")
    agent = Agent(
        sandbox,
        [
            flow("a/*.log", "one", name="first"),
            flow("a/app.log", "two", name="second flow"),
        ],
    ).unprivileged()
    account = Account(sandbox, log, stream="one")
    log.write(50)
    os.chmod(shut.file, 0)
    agent.start().wait_ready()
    account.wait_delivered()
    size = os.stat(log.file).st_size

    row = becomes(agent, "waiting", "first", "app.log")
    wait_until(lambda: rows(agent)["first", "app.log"]["behind"] == 0, "none")
    row = rows(agent)["first", "app.log"]
    check(row["file"] == log.file and row["named"], row)
    check(row["size"] == row["offset"] == row["committed"] == size, row)
    row = becomes(agent, "unreadable", "first", "shut.log")
    check(row["error"] == "Permission denied", row)

    # What is chosen, and what there is not.
    everything = {("first", "app.log"), ("first", "shut.log"),
                  ("second flow", "app.log")}  # fmt: skip
    check(set(rows(agent)) == everything, rows(agent))
    check(set(rows(agent, "app*")) == {("first", "app.log"),
          ("second flow", "app.log")}, "by name")  # fmt: skip
    check(set(rows(agent, path("a/s*"))) == {("first", "shut.log")}, "path")
    check(set(rows(agent, "--flow", "second flow")) ==
          {("second flow", "app.log")}, "by flow")  # fmt: skip
    check(set(rows(agent, "--flow", "2", "shut*")) == set(), "neither")
    code, out, _ = ask(agent)
    check(code == 0 and "3 files" in out and log.file in out, out)
    check("(Permission denied)" in out, out)
    check(ask(agent, "none*")[0] == 6, "a pattern that nothing matches")
    code, _, said = ask(agent, "--flow", "3")
    check(code == 1 and "no flow is called 3" in said, said)

    # Questions that are none, and askers that do not wait.
    for line in ("file", "file 1 zz 1 1 1", "file 1 0 1 1 1", "file 1 00 -",
                 f"file 1 {'00' * 41} 1 1 1", "file 1 00 1 1 x",
                 "file 99999999999 00 1 1 1", "files 0", "files a b c"):
        answer = raw(agent, line)
        check('"error"' in answer, f"{line}: {answer}")
    check(json.loads(raw(agent, 'file 1 "" 1 1 1')) == {"files": []}, "empty")
    for _ in range(40):
        raw(agent, "files", read=False)

    # While nothing is delivered it says how much waits.
    sandbox.fault("500", count=-1)
    log.write(10)
    row = wait_until(
        lambda: next((at for at in [rows(agent)["first", "app.log"]]
                      if at["offset"] > at["committed"]), None),
        "lines under way",
    )  # fmt: skip
    check(row["behind"] == row["size"] - size, row)
    sandbox.no_faults()
    account.wait_delivered()

    # Renamed to where no pattern looks, it is still looked at; then deleted.
    os.rename(log.file, log.file + ".1")
    log.reopen()
    row = becomes(agent, "rotated", "first", "app.log.1")
    check(row["behind"] == 0, row)
    becomes(agent, "waiting", "second flow", "app.log")
    os.unlink(log.file + ".1")
    wait_until(
        lambda: not rows(agent).get(("first", "app.log.1"), row)["named"],
        "no name",
    )
    agent.stop()
    code, _, said = ask(agent)
    check(code == 4 and "no agent is running" in said, said)
