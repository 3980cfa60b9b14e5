# SPDX-License-Identifier: Apache-2.0
"""kill -9 at the k-th write, pwrite, send, sync or rename of a thread: in its
first start, in a later one, while logs are rotated, while it ends. Nothing is
lost, and nothing is repeated that the checkpoints on disk said was there.

SCENARIO_CALLS="1-200" plays these k, side by side, instead of a few."""

import os
import signal
import time

import harness
import inject
from deaths import INTERVAL, unasked, unnoted
from harness import SLOW, Agent, Sandbox, at_a_random_moment, check, flow
from harness import path, scenario, wait_until
from rotations import Books, Log

CASES = "write pwrite send sync rename"

# The calls, and what k is reached in the time below however slow all is.
CALLS = {
    "write": ("write,writev", 25),
    "pwrite": ("pwrite64,ftruncate", 20),
    "send": ("sendto,sendmsg", 15),
    "sync": ("fdatasync,fsync", 3),
    # Where there are no dead letters nothing is renamed.
    "rename": ("rename,renameat,renameat2", 1),
}

# Nothing is gone for good, however long nobody looks.
KINDS = "create shift dateext copytruncate copy".split()
PACKING = ["compress", "delaycompress"]

SECONDS = 1.5  # then it is asked to end


class Life:
    """An agent that is killed at call `k`, its log, and what becomes of it.
    `fresh`: it is killed in its very first start."""

    def __init__(self, sandbox, call, k, fresh):
        dice = harness.stage.rng
        name = f"{call}{k}{'fresh' if fresh else ''}"
        # What was rotated before a flow ever started is what the pattern says.
        self.kind = dice.choice(KINDS if fresh else KINDS + PACKING)
        self.pattern = "app.log*"
        if not fresh and dice.random() < 0.5:
            self.pattern = "app.log"
        self.log = Log(name, dice.choice((300, 1500)))
        self.agent = Agent(
            sandbox,
            [flow(f"logs/{name}/{self.pattern}", name)],
            {"stateDirectory": path(f"state-{name}"),
             "checkpointIntervalMillis": int(INTERVAL * 1000)},
            name=name,
        )  # fmt: skip
        self.agent.state = path(f"state-{name}")
        if not fresh:
            self.agent.start().wait_ready()
            self.agent.stop()
        self.fate = inject.Fate(CALLS[call][0], "signal=KILL", k)
        self.fate.befalls(self.agent)
        self.ask_at = time.monotonic() + SECONDS * SLOW
        self.again_at = None
        self.killed = False
        self.allowed = None
        self.log.begin([self.kind], 0.1, 0.5)
        self.books = Books(sandbox, self.agent, [self.log])

    def was_killed(self):
        return self.agent.process.poll() == -signal.SIGKILL

    def go_on(self, now):
        """Answers whether it is over: it died, and lives again."""
        if self.again_at is not None and now < self.again_at:
            return False
        if self.again_at is not None:
            if self.allowed is None:
                self.allowed = unnoted(self.agent.state, self.log)
                self.agent.start()
            return True
        if self.agent.process.poll() is not None:
            self.killed = self.was_killed()
            self.again_at = now + harness.stage.rng.uniform(0.05, 0.3) * SLOW
        elif now > self.ask_at:
            self.agent.process.signal(signal.SIGTERM)
        return False


class Lives:
    def __init__(self, lives):
        self.lives = lives

    def look(self):
        now = time.monotonic()
        return all([life.go_on(now) for life in self.lives])

    def play(self):
        wait_until(self.look, "all to die and to live again", 30)
        at_a_random_moment(0.2, 0.4)
        for life in self.lives:
            life.log.stop()
        for life in self.lives:
            life.books.wait_delivered()
        for life in self.lives:
            life.agent.stop()
            print(
                f"{life.log.name}: {life.kind}, {life.pattern}: killed"
                f" {life.killed}, {life.fate.calls_made()} calls",
                flush=True,
            )
            life.books.settle(repeats=True)
            wrong = unasked(life.log, life.books, life.allowed)
            check(not wrong, f"repeated, though noted: {wrong[:5]}"
                  f"\n{life.books.report()}")  # fmt: skip


def deaths(case):
    """(k, fresh) to play, some side by side."""
    asked = os.environ.get("SCENARIO_CALLS")
    if asked:
        first, last = map(int, asked.split("-"))
        every = [(k, at) for k in range(first, last + 1) for at in (0, 1)]
        return [every[at : at + 6] for at in range(0, len(every), 6)]
    dice, most = harness.stage.rng, CALLS[case][1]
    some = dice.sample(range(1, most + 1), min(most, 3))
    return [[(k, n % 2) for n, k in enumerate(some)]]


@scenario
def play(case):
    inject.need()
    sandbox = Sandbox()
    for some in deaths(case):
        lives = Lives([Life(sandbox, case, k, fresh) for k, fresh in some])
        lives.play()
        killed = [life.killed for life in lives.lives]
        if case == "rename":
            calls = [life.fate.calls_made() for life in lives.lives]
            check(any(killed) or not any(calls), "renamed, and not killed")
        elif not os.environ.get("SCENARIO_CALLS"):
            check(all(killed), f"not all were killed: {killed}")
