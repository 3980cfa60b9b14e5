# SPDX-License-Identifier: Apache-2.0
"""A busy file does not starve a quiet one: while three logs of the same flow
are written and rotated as fast as they are shipped, the line of a fourth
arrives within a second."""

import time

from harness import SLOW, Agent, LogWriter, Sandbox, at_a_random_moment, check
from harness import flow, scenario, wait_until
from rotations import Log


@scenario
def play():
    sandbox = Sandbox()
    busy = [Log(f"busy{n}", 15000) for n in range(3)]
    quiet = LogWriter("logs/quiet/app.log")
    agent = Agent(
        sandbox,
        [
            flow("logs/*/app.log*", "one"),
        ],
    ).start()
    agent.wait_ready()
    for log in busy:
        log.begin(["create"])
    seen = set()
    position = 0

    def has_arrived(line):
        nonlocal position
        records = sandbox.records()
        seen.update(at.data for at in records[position:])
        position = len(records)
        return line in seen

    took = []
    for _ in range(6):
        at_a_random_moment(0.2, 0.5)
        has_arrived(b"")  # what came before is read now
        start = time.monotonic()
        line = quiet.write()[0]
        wait_until(lambda: has_arrived(line), "the quiet file's line")
        took.append(time.monotonic() - start)
    print("took", ", ".join(f"{at:.3f} s" for at in took))
    for log in busy:
        log.stop()
    agent.stop()
    check(max(took) < SLOW, f"the quiet file's line took {max(took):.2f} s")
