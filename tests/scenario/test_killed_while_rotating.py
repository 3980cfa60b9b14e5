# SPDX-License-Identifier: Apache-2.0
"""kill -9 again and again at any moment, while logs are rotated in every way
that leaves what was written on the disk: nothing is lost, and no death repeats
what the checkpoints on disk said was there.

SCENARIO_DEATHS (default 6, in a slow build 3) is how often."""

import os

import harness
from deaths import INTERVAL, unasked, unnoted
from harness import SLOW, Agent, Sandbox, at_a_random_moment, check, flow
from harness import scenario
from rotations import Books, Log

DEATHS = int(os.environ.get("SCENARIO_DEATHS") or (6 if SLOW == 1 else 3))
KINDS = (
    "create shift dateext copytruncate slowcopy copy compress delaycompress"
).split()


def make_logs(dice):
    logs = []
    for kind in KINDS:
        options = ["tear"] if dice.random() < 0.3 else []
        log = Log(kind, dice.choice((100, 400, 1500)), *options)
        log.pattern = dice.choice(("app.log", "app.log*"))
        logs.append(log)
    return logs


@scenario
def play():
    dice = harness.stage.rng
    sandbox = Sandbox()
    logs = make_logs(dice)
    agent = Agent(
        sandbox,
        [flow(f"logs/{log.name}/{log.pattern}", log.name,
              maxBufferAgeMillis=dice.choice((10, 50, 300)))
         for log in logs],
        {"checkpointIntervalMillis": int(INTERVAL * 1000)},
    ).start()  # fmt: skip
    agent.wait_ready()
    allowed = {log.name: set() for log in logs}
    books = Books(sandbox, agent, logs)
    for log in logs:
        log.begin([log.name], 0.15, 0.9)
    for death in range(DEATHS):
        at_a_random_moment(0.0 if death % 3 == 2 else 0.2, 0.8)
        agent.kill9()
        at_a_random_moment(0.1, 0.4)
        for log in logs:
            allowed[log.name] |= unnoted(agent.state, log)
        agent.start()
    at_a_random_moment(0.1, 0.3)
    for log in logs:
        log.stop()
    books.wait_delivered()
    agent.stop()
    books.settle(repeats=True)
    for log in logs:
        wrong = unasked(log, books, allowed[log.name])
        check(not wrong, f"repeated, though noted: {wrong[:5]}"
              f"\n{books.report()}")  # fmt: skip
