# SPDX-License-Identifier: Apache-2.0
"""A crash while one batch is stuck does not repeat what came after it: its
place is noted on disk apart from what was delivered beyond, in its own file
and in others of its flow."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

CASES = "one-file many-files"


@scenario
def play(case):
    sandbox = Sandbox()
    logs = [
        LogWriter(f"{n}.log") for n in range(1 if case == "one-file" else 6)
    ]
    for log in logs:
        log.write(3000 // len(logs))
    sandbox.fault("no-answer", after=3, count=1)
    agent = Agent(
        sandbox,
        [flow("*.log", "one", maxBufferSizeRecords=50, maxInFlight=8)],
        {"socketTimeoutMillis": 60000},
    ).start()
    account = Account(sandbox, *logs)
    wait_until(
        lambda: account.missing() <= 50, lambda: account.report(), 10
    )
    check(account.missing() == 50, f"nothing is stuck\n{account.report()}")
    agent.wait_settled()
    agent.kill9()
    for log in logs:
        log.write(100)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
