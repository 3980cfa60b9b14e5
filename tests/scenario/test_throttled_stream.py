# SPDX-License-Identifier: Apache-2.0
"""A stream that takes 1,000 records a second of 5,000 that are there, as AWS
throttles a shard: nothing is lost and nothing repeated."""

import time

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario


@scenario
def play():
    sandbox = Sandbox(streams={"one": 1}, options=["--throttle"])
    log = LogWriter("app.log")
    log.write(5000)
    agent = Agent(sandbox, [flow("app.log", "one")]).start()
    account, began = Account(sandbox, log), time.monotonic()
    account.wait_delivered(30)
    took = time.monotonic() - began
    agent.stop()
    account.settle()
    stats = sandbox.stats()
    print(f"{took:.1f} s, {stats}")
    check(stats["throttled_records"] > 0, "it was never throttled")
    check(took > 3, f"5,000 records in {took:.1f} s at 1,000 a second")
