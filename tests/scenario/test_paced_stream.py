# SPDX-License-Identifier: Apache-2.0
"""Writers offer a stream three times what it takes: it is used to its limit
(95 %) and not hammered (at most 15 % of attempts beyond what is delivered),
and another flow of the same agent does not notice."""

import os
import time

from harness import SLOW, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "one ten large"

SHARDS = {"one": 1, "ten": 10, "large": 2}
SECONDS = int(os.environ.get("SCENARIO_SECONDS") or 8)
ALONE = max(2, SECONDS // 5)


class Clock:
    """When lines of the healthy flow were written, and when they arrived."""

    def __init__(self, sandbox, log):
        self.sandbox = sandbox
        self.log = log
        self.written = {}
        self.latencies = []
        self.seen = 0

    def write(self):
        now = time.monotonic()
        for line in self.log.write(1):
            self.written[line] = now

    def look(self):
        records = self.sandbox.records()
        now = time.monotonic()
        for record in records[self.seen :]:
            if record.stream == "healthy":
                self.latencies.append(now - self.written.pop(record.data))
        self.seen = len(records)

    def p99(self):
        """Of what arrived since it was last asked, in milliseconds."""
        found = sorted(self.latencies)
        self.latencies = []
        return found[len(found) * 99 // 100] * 1000

    def run(self, seconds, other=None, rate=0):
        """Write and look every 10 ms, and have `other` write `rate` lines a
        second. Answers how long it was."""
        began = now = time.monotonic()
        written = 0
        while now < began + seconds:
            self.write()
            due = int((now - began) * rate) - written
            if other and due > 0:
                written += len(other.write(due))
            self.look()
            time.sleep(max(0, 0.01 - (time.monotonic() - now)))
            now = time.monotonic()
        return now - began


@scenario
def play(case):
    shards = SHARDS[case]
    sandbox = Sandbox(
        streams={"narrow": shards, "healthy": 4}, options=["--throttle"],
        tls=False,
    )  # fmt: skip
    # Five hundred of the large ones are more than the shards take at once.
    size = 3000 if case == "large" else 120
    narrow = LogWriter("narrow.log", filler=(size, size + 40))
    healthy = LogWriter("healthy.log", filler=(120, 160))
    agent = Agent(
        sandbox,
        [flow("narrow.log", "narrow", retryMaxBackoffMillis=10000,
            retryInitialBackoffMillis=100),
         flow("healthy.log", "healthy")],
    ).start()  # fmt: skip
    agent.wait_ready()
    clock = Clock(sandbox, healthy)
    clock.run(ALONE)
    alone = clock.p99()
    units = max(1, (size + 70) * 1000 / (1 << 20))
    took = clock.run(SECONDS, narrow, 3000 * shards / units)
    beside = clock.p99()
    stats = sandbox.stats()
    taken = sum(at.stream == "narrow" for at in sandbox.records())
    takes = 1000 * shards * (took + 1) / units
    excess = stats["throttled_records"] / taken
    print(
        f"{shards} shards, {took:.1f} s: {taken} of {takes:.0f} taken "
        f"({taken / takes:.3f}), {stats['throttled_records']} refused "
        f"(+{excess:.3f}); p99 alone {alone:.0f} ms, beside {beside:.0f} ms"
    )
    check(excess <= 0.15 * SLOW, f"{excess:.2f} attempts beyond each delivered")
    # The first seconds, and this machine's hiccups, weigh less in a minute.
    least = 0.95 if SECONDS >= 60 else 0.7 / SLOW
    check(taken >= least * takes, f"{taken} of {takes:.0f} used")
    check(beside <= 2 * alone + 100 * SLOW, f"{alone:.0f} -> {beside:.0f} ms")
    check(len(clock.written) < 100, "the healthy flow is behind")
