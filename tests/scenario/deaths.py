# SPDX-License-Identifier: Apache-2.0
"""deaths: how much a kill -9 may repeat: what was accepted since the last
checkpoint, and no more."""

import time

from harness import SLOW

# Of a checkpoint: how often, and what a write to disk may take on a busy
# machine.
INTERVAL = 0.05
GRACE = 0.3


class Tally:
    """How many records of each stream were accepted at which time. Somebody
    has to look() all the while."""

    def __init__(self, sandbox, streams):
        self.sandbox = sandbox
        self.counts = dict.fromkeys(streams, 0)
        self.seen = []
        self.position = 0
        self.look()

    def look(self):
        """Bring it up to date; the time."""
        now = time.monotonic()
        records = self.sandbox.records()
        for at in records[self.position :]:
            if at.stream in self.counts:
                self.counts[at.stream] += 1
        self.position = len(records)
        self.seen.append((now, dict(self.counts)))
        return now

    def may_repeat(self, stream, died_at):
        """Once nothing is in flight any more: how many records of `stream` an
        agent that was killed then may repeat."""
        noted = 0
        for at, counts in self.seen:
            if at <= died_at - (INTERVAL + GRACE) * SLOW:
                noted = counts[stream]
        return self.counts[stream] - noted
