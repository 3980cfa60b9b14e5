# SPDX-License-Identifier: Apache-2.0
"""An endpoint that is down at the start, comes up, goes away under load and
comes back: the agent says so, stays, and delivers everything; what repeats is
only what was in flight when the endpoint went away."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import check, scaled


@scenario
def play():
    sandbox = Sandbox(cert="own", start=False)
    log = LogWriter("app.log")
    log.write(1000)
    agent = Agent(
        sandbox, [flow("app.log", "one", maxInFlight=4)]
    ).start()
    said = agent.wait_log("(warn|error) .*(connect|refused)")
    check("one" in said or str(sandbox.port) in said, f"names nothing: {said}")
    sandbox.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    account.settle()

    log.begin(rate=scaled(5000))
    account.wait_some(scaled(4000))
    for _ in range(2):
        sandbox.stop()
        there = len(account.arrived())
        sandbox.start()
        account.wait_some(there + scaled(2000))
    log.stop()
    account.wait_delivered()
    agent.stop()
    account.settle(repeated=2 * 4 * 500)
