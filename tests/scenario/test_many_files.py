# SPDX-License-Identifier: Apache-2.0
"""2,000 small files, with fewer descriptors than that: every line of every
file arrives once, in order, also what is appended to them all later and what
is appended while the agent is down. `files` shows them all, and costs the agent
no memory."""

import json

from harness import Account, Agent, LogWriter, Process, Sandbox, check, flow
from harness import SLOW, own, read, scenario, scaled


def show_all(agent, count):
    before = agent.process.status("RssAnon")
    process = Process("files", [
        agent.binary, "files", "--json", "-c", own("agent.yaml")])  # fmt: skip
    check(process.wait_exit(20) == 0, process.ending())
    shown = {at["file"] for at in json.loads(read(process.out_path))["files"]}
    check(len(shown) == count, f"{len(shown)} of {count} files are shown")
    grown = agent.process.status("RssAnon") - before
    check(grown < 512 or SLOW > 1, f"it grew by {grown} kB")


@scenario
def play():
    sandbox = Sandbox()
    logs = [
        LogWriter(f"many/{n:04d}.log", hold=False) for n in range(scaled(2000))
    ]
    agent = Agent(
        sandbox, [flow("many/*.log", "one")], wrap=["prlimit", "--nofile=512"]
    )
    account = Account(sandbox, *logs)
    for log in logs:
        log.write(3)
    agent.start()
    account.wait_delivered()
    show_all(agent, len(logs))
    for log in logs:
        log.write(3)
    account.wait_delivered()
    agent.stop()
    for log in logs:
        log.write(3)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
