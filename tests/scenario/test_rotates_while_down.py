# SPDX-License-Identifier: Apache-2.0
"""What was written, renamed and created anew while the agent was down is
read: the rest of the old file under its new name, then the new ones."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario

CASES = "sigterm kill9"


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("log/app.log")
    log.write(1000)
    agent = Agent(sandbox, [flow("log/app.log*", "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    if case == "sigterm":
        agent.stop()
    else:
        agent.wait_settled()
        agent.kill9()
    log.write(700)
    log.rotate()
    log.write(700)
    log.rotate()
    log.write(700)
    other = LogWriter("log/app.log.other")
    other.write(300)
    agent.start()
    account = Account(sandbox, log, other)
    account.wait_delivered()
    agent.stop()
    account.settle()
