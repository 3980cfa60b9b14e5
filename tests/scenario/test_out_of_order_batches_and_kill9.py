# SPDX-License-Identifier: Apache-2.0
"""Batches that come home in any order, and kill -9 in between: nothing is
lost, whatever was delivered out of turn."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import at_a_random_moment, scaled


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent = Agent(
        sandbox,
        [flow("app.log", "one", maxBufferSizeRecords=20, maxInFlight=16)],
        {"socketTimeoutMillis": 500},
    )
    account = Account(sandbox, log)
    log.begin(rate=scaled(3000))
    for kind in ("500", "slow", "no-answer", "fail-records", "lost-answer"):
        for after in range(0, 40, 5):
            sandbox.fault(kind, after=after, count=2, share=0.5, ms=200)
        agent.start()
        at_a_random_moment(0.3, 0.7)
        agent.kill9()
        sandbox.no_faults()
    log.stop()
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle(repeated=None)
