# SPDX-License-Identifier: Apache-2.0
"""An empty file is followed in silence: not a record, not a complaint, and
its first line is delivered when it comes; also after a restart."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    empty, fine = LogWriter("empty.log"), LogWriter("fine.log")
    fine.write(100)
    agent = Agent(sandbox, [flow("*.log", "one")]).start()
    account = Account(sandbox, empty, fine)
    account.wait_delivered()
    agent.stop()
    check(not agent.log_lines("(warn|error).*empty.log"), "complains of it")
    agent.start()
    fine.write(100)
    account.wait_delivered()
    empty.write(1)
    account.wait_delivered()
    agent.stop()
    account.settle()
