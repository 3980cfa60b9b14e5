# SPDX-License-Identifier: Apache-2.0
"""explore: random stories of logs, rotations, a stopped agent, kill -9 and
restarts, each accounted for to the last line.

    explore.py --minutes N [--seed S]

plays one story after the other for so long, and ends at the first that does
not balance; SCENARIO_SEED=S explore.py plays that one again.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

import harness
from harness import Agent, Sandbox, at_a_random_moment, flow, scenario
from rotations import Books, Log

# What may happen to a log of which nothing may be missed ...
KEEPING = "create shift dateext copytruncate slowcopy copy".split()
# ... and what only while somebody looks: files go before long.
LOSING = "shiftmax subdirectory delete compress delaycompress truncate".split()

COPYING = "copytruncate slowcopy copy".split()


def make_log(dice, number, rough):
    kinds = KEEPING if rough else KEEPING + LOSING
    kinds = dice.sample(kinds, dice.randint(1, 3))
    # Copied and renamed by one hand: its names tell what is older. Two copies
    # of what nobody met could as well be two files that are alike.
    copies = [at for at in kinds if at in COPYING]
    if rough and copies:
        kinds = copies[:1] + ["shift"] * (len(kinds) > len(copies))
    options = []
    if dice.random() < 0.3:
        options.append("tear")
    if dice.random() < 0.3:
        options.append(f"hold={dice.choice((200, 2000))}")
    if dice.random() < 0.2 and "copytruncate" in kinds:
        # Two that do not append would write over one another.
        options = [at for at in options if not at.startswith("hold")]
        options.append("overwrite")
    rate = dice.choice((200, 2000, 2000, 10000, 50000 if number == 0 else 500))
    log = Log(f"log{number}", rate, *options)
    log.kinds = kinds
    log.alone = dice.random() < 0.3
    log.pattern = dice.choice(("app.log", "app.log*"))
    print(f"{log.name}: {rate}/s {options} {kinds} {log.pattern}", flush=True)
    return log


def make_agent(dice, sandbox, logs):
    flows = [
        flow(f"logs/{log.name}/{log.pattern}", log.name,
             maxBufferAgeMillis=dice.choice((10, 50, 500)),
             **({"maxInFlight": 1} if log.alone else {}))
        for log in logs
    ]  # fmt: skip
    return Agent(sandbox, flows)


def look_away(agent):
    print("look away", flush=True)
    agent.process.popen.send_signal(signal.SIGSTOP)
    at_a_random_moment(0.05, 1.0)
    agent.process.popen.send_signal(signal.SIGCONT)


def kill(agent):
    print("kill -9", flush=True)
    agent.kill9()
    at_a_random_moment(0, 0.7)
    agent.start()


def restart(agent):
    print("restart", flush=True)
    agent.stop(seconds=30)
    at_a_random_moment(0, 0.7)
    agent.start()


def be_slow(sandbox, dice):
    if dice.random() < 0.5:
        sandbox.fault("slow", count=-1, ms=dice.choice((10, 60, 200)))
    else:
        sandbox.no_faults()


def play():
    dice = harness.stage.rng
    rough = dice.random() < 0.6
    sandbox = Sandbox()
    logs = [make_log(dice, n, rough) for n in range(dice.randint(1, 4))]
    agent = make_agent(dice, sandbox, logs).start()
    agent.wait_ready()
    books = Books(sandbox, agent, logs)
    least = dice.choice((0.05, 0.3, 1.0) if rough else (0.3, 1.0))
    for log in logs:
        log.begin(log.kinds, least, 5 * least)
    killed = False
    end = time.monotonic() + dice.uniform(2, 6)
    while time.monotonic() < end:
        at_a_random_moment(0.1, 1.0)
        be_slow(sandbox, dice)
        if not rough:
            continue
        event = dice.choice((look_away, look_away, kill, restart))
        killed = killed or event != look_away
        event(agent)
    for log in logs:
        log.stop()
    sandbox.no_faults()
    books.wait_delivered(60)
    books.wait_quiet()
    agent.stop(seconds=30)
    print(books.report())
    books.settle(repeats=killed)


def explore():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    seed = asked.seed
    while time.monotonic() < end:
        done = subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "SCENARIO_SEED": str(seed)},
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"seed {seed}: {'good' if done.returncode == 0 else 'FAILED'}",
              flush=True)  # fmt: skip
        if done.returncode != 0:
            print(done.stdout + done.stderr)
            sys.exit(1)
        seed += 1


if len(sys.argv) > 1:
    explore()
else:
    scenario(play)
