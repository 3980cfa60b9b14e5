# SPDX-License-Identifier: Apache-2.0
"""A crash while one batch is stuck does not repeat what came after it: its
place is noted on disk apart from what was delivered beyond."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(3000)
    sandbox.fault("no-answer", after=3, count=1)
    agent = Agent(
        sandbox,
        [flow("app.log", "one", maxBufferSizeRecords=50, maxInFlight=8)],
        {"socketTimeoutMillis": 60000},
    ).start()
    account = Account(sandbox, log)
    wait_until(
        lambda: account.missing() <= 50, lambda: account.report(), 10
    )
    check(account.missing() == 50, f"nothing is stuck\n{account.report()}")
    agent.wait_settled()
    agent.kill9()
    log.write(100)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
