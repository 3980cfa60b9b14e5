# SPDX-License-Identifier: Apache-2.0
"""Rename and create under load, by a writer that goes on in the renamed file
for a while: nothing lost, nothing repeated, with a pattern that matches the
old names and with one that does not, with the right to open files by handle
and without it, and over a restart in between."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import scaled

CASES = "exact glob unprivileged"


@scenario
def play(case):
    pattern = "log/app.log*" if case == "glob" else "log/app.log"
    sandbox = Sandbox()
    log = LogWriter("log/app.log").begin(rate=scaled(6000))
    account = Account(sandbox, log)
    agent = Agent(sandbox, [flow(pattern, "one")])
    if case == "unprivileged":
        agent.unprivileged()
    agent.start()
    for turn in range(8):
        account.wait_some(len(account.arrived()) + scaled(1000))
        log.rotate(reopen=False)
        written = len(log.lines)
        if turn % 2 == 0:  # a slow writer: goes on in the old file
            account.wait_some(written)
        log.reopen()
        if turn == 4:
            agent.stop()
            agent.start()
    log.stop()
    account.wait_delivered()
    agent.stop()
    account.settle()
