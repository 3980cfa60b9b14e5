# SPDX-License-Identifier: Apache-2.0
"""kill -9 again and again at any moment, while logs are rotated in every way
that leaves what was written on the disk: nothing is lost, and no death repeats
more than was accepted since the last checkpoint.

SCENARIO_DEATHS (default 6) is how often."""

import os
import time

import harness
from deaths import INTERVAL, Tally
from harness import SLOW, Agent, Sandbox, check, flow, scenario, wait_until
from rotations import Books, Log

DEATHS = int(os.environ.get("SCENARIO_DEATHS") or 6)
KINDS = "create shift dateext copytruncate slowcopy copy".split()
if SLOW == 1:  # a slow build is overtaken by them while it lists a directory
    KINDS += ["compress", "delaycompress"]


def make_logs(dice):
    logs = []
    for kind in KINDS:
        options = ["tear"] if dice.random() < 0.3 else []
        log = Log(kind, dice.choice((100, 400, 1500)), *options)
        log.pattern = dice.choice(("app.log", "app.log*"))
        logs.append(log)
    return logs


def let_time_pass(tally, least, most):
    """Choose a moment to strike; look on until then."""
    end = time.monotonic() + harness.stage.rng.uniform(least, most) * SLOW
    wait_until(lambda: tally.look() >= end, "a moment", most + 5)


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
    tally = Tally(sandbox, [log.name for log in logs])
    allowed = dict.fromkeys(tally.counts, 0)
    books = Books(sandbox, agent, logs)
    for log in logs:
        log.begin([log.name], 0.15, 0.9)
    for death in range(DEATHS):
        let_time_pass(tally, 0.0 if death % 3 == 2 else 0.2, 0.8)
        agent.kill9()
        died_at = time.monotonic()
        let_time_pass(tally, 0.1, 0.4)
        for log in logs:
            allowed[log.name] += tally.may_repeat(log.name, died_at)
        agent.start()
    let_time_pass(tally, 0.1, 0.3)
    for log in logs:
        log.stop()
    books.wait_delivered()
    agent.stop()
    books.settle(repeats=True)
    for log in logs:
        _, repeated, _, _ = books.audit(log)
        print(f"{log.name} {log.pattern} {log.options}: {len(repeated)}"
              f" repeated of {allowed[log.name]} and {len(log.lines())}")  # fmt: skip
        check(len(repeated) <= allowed[log.name],
              f"too many repeated\n{books.report()}")  # fmt: skip
