# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment under load loses nothing, and repeats no more than
was accepted since the last checkpoint."""

import threading
import time

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import SLOW, at_a_random_moment, check, scaled

INTERVAL = 0.1  # checkpointIntervalMillis of the harness's agent
GRACE = 0.25  # what a write to disk may take on a busy machine


class Watch:
    """How many records had been accepted at which time."""

    def __init__(self, sandbox):
        self.sandbox, self.ended, self.seen = sandbox, False, [(0.0, 0)]
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.ended:
            accepted = self.sandbox.stats()["accepted_records"]
            self.seen.append((time.monotonic(), accepted))
            time.sleep(0.02)

    def accepted_before(self, moment):
        return max(count for at, count in self.seen if at <= moment)


@scenario
def play():
    sandbox = Sandbox()
    logs = [LogWriter("a.log"), LogWriter("b.log")]
    # Too slow for what is written: much is read and not yet accepted.
    sandbox.fault("slow", count=-1, ms=60)
    agent = Agent(sandbox, [flow("*.log", "one", maxInFlight=1)])
    account, watch, allowed = Account(sandbox, *logs), Watch(sandbox), 0
    for log in logs:
        log.begin(rate=scaled(5000))
    for strike in range(6):
        agent.start()
        at_a_random_moment(0.0 if strike % 3 == 0 else 0.3, 0.9)
        agent.kill9()
        moment = time.monotonic()
        at_a_random_moment(0.05, 0.1)  # what was in flight is stored by now
        accepted = sandbox.stats()["accepted_records"]
        before = watch.accepted_before(moment - (INTERVAL + GRACE) * SLOW)
        allowed += accepted - before
    for log in logs:
        log.stop()
    sandbox.no_faults()
    agent.start()
    account.wait_delivered()
    watch.ended = True
    watch.thread.join()
    agent.stop()
    print(f"{account.repeats()} repeated, {allowed} allowed")
    account.settle(repeated=allowed)
    check(account.repeats() < len(account.arrived()) / 2, account.report())
