# SPDX-License-Identifier: Apache-2.0
"""What was written, renamed and created anew while the agent was down is
read: the rest of the old file under its new name, whether or not a pattern
matches that, and the new ones."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario

CASES = "sigterm kill9 exact unprivileged"


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("log/app.log")
    log.write(1000)
    pattern = "log/app.log*" if case in ("sigterm", "kill9") else "log/app.log"
    agent = Agent(sandbox, [flow(pattern, "one")])
    if case == "unprivileged":
        agent.unprivileged()
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    if case != "kill9":
        agent.stop()
    else:
        agent.wait_settled()
        agent.kill9()
    log.write(700)
    log.rotate()
    log.write(700)
    if pattern.endswith("*"):
        log.rotate()
        log.write(700)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
