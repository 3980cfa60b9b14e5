# SPDX-License-Identifier: Apache-2.0
"""SIGTERM while nothing can be delivered: the agent ends within
shutdownTimeoutMillis, and delivers everything once, after the next start."""

import time

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import SLOW, check

CASES = "refused silent failing"


@scenario
def play(case):
    sandbox = Sandbox(cert="own", start=case != "refused")
    log = LogWriter("app.log")
    log.write(2000)
    if case == "silent":
        sandbox.fault("no-answer", count=-1)
    elif case == "failing":
        sandbox.fault("500", count=-1)
    agent = Agent(
        sandbox, [flow("app.log", "one")], {"shutdownTimeoutMillis": 1500}
    ).start()
    if case == "silent":
        agent.wait_ready()
    else:
        agent.wait_log("(warn|error) .*127.0.0.1")
    began = time.monotonic()
    agent.stop()
    took = time.monotonic() - began
    check(took < 1.5 + 1.0 * SLOW, f"took {took:.1f} s to end")

    if case == "refused":
        sandbox.start()
    else:
        sandbox.no_faults()
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    account.settle()
