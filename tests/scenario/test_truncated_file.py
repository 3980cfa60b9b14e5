# SPDX-License-Identifier: Apache-2.0
"""A file that is cut to nothing and written anew is read from its start; what
had been delivered is not repeated, whether the agent was up or down."""

import os

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario

CASES = "up down regrown"


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(500)
    agent = Agent(sandbox, [flow("app.log", "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    if case != "up":
        agent.stop()
    os.truncate(log.file, 0)
    log.births.append(len(log.lines))
    log.write(1500 if case == "regrown" else 100)
    if case != "up":
        agent.start()
    account.wait_delivered()
    log.write(100)
    account.wait_delivered()
    agent.stop()
    account.settle()
