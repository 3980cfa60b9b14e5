# SPDX-License-Identifier: Apache-2.0
"""After SIGTERM and a new start the agent goes on exactly where it was:
nothing lost, nothing repeated, also what was written in between and a line
that was only half written."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import scaled


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log").begin(rate=scaled(5000))
    agent = Agent(sandbox, [flow("app.log", "one")])
    account = Account(sandbox, log)
    for _ in range(4):
        there = len(account.arrived())
        agent.start()
        account.wait_some(there + scaled(1000))
        agent.stop()
    log.stop()
    line = log.make(1)[0]
    with open(log.file, "ab", buffering=0) as half:
        half.write(line[:20])
        agent.start()
        account.wait_delivered()
        agent.stop()
        agent.start()
        half.write(line[20:])
    log.lines.append(line)
    account.wait_delivered()
    agent.stop()
    account.settle()
