# SPDX-License-Identifier: Apache-2.0
"""The machine dies, or a backup of the state directory is put back: whatever
moment the checkpoints on disk are of, and wherever their journal ends, nothing
is lost, and nothing is repeated that they say was there."""

import os
import shutil
import signal

import harness
from deaths import INTERVAL, unasked, unnoted
from harness import Agent, Sandbox, at_a_random_moment, check, flow, own
from harness import scenario, wait_until
from rotations import Books, Log

CASES = "moment torn backup"
KINDS = "create shift dateext copytruncate copy".split()


def is_stopped(agent):
    with open(f"/proc/{agent.process.pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def copy_state(agent, to):
    """As it is at one moment: whole, and with the journal beside it."""
    agent.process.popen.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(agent), "the agent to stand still")
    shutil.copytree(agent.state, to, ignore=shutil.ignore_patterns("*.sock"))
    agent.process.popen.send_signal(signal.SIGCONT)


def put_back(agent, copy, tear):
    shutil.rmtree(agent.state)
    shutil.copytree(copy, agent.state)
    if tear:
        # Since the agent was started nothing was moved from it yet, so any
        # beginning of it may be all that has reached the disk.
        wal = os.path.join(agent.state, "checkpoints.sqlite-wal")
        size = os.path.getsize(wal)
        os.truncate(wal, harness.stage.rng.randrange(size))
        os.unlink(os.path.join(agent.state, "checkpoints.sqlite-shm"))


@scenario
def play(case):
    dice = harness.stage.rng
    sandbox = Sandbox()
    logs = [Log(kind, dice.choice((100, 400, 1500))) for kind in KINDS]
    agent = Agent(
        sandbox,
        [flow(f"logs/{log.name}/{dice.choice(('app.log', 'app.log*'))}",
              log.name) for log in logs],
        {"checkpointIntervalMillis": int(INTERVAL * 1000)},
    ).start()  # fmt: skip
    agent.wait_ready()
    books = Books(sandbox, agent, logs)
    at_a_random_moment(0.1, 0.3)
    agent.stop()
    agent.start()
    for log in logs:
        log.begin([log.name], 0.2, 0.8)
    at_a_random_moment(0.6, 1.2)
    copy_state(agent, own("copy"))
    if case == "backup":
        at_a_random_moment(1.5, 2.0)
        agent.stop()
    else:
        agent.kill9()
    at_a_random_moment(0.1, 0.4)
    put_back(agent, own("copy"), case == "torn")
    allowed = {log.name: unnoted(agent.state, log) for log in logs}
    agent.start()
    at_a_random_moment(0.2, 0.4)
    for log in logs:
        log.stop()
    books.wait_delivered()
    agent.stop()
    books.settle(repeats=True)
    for log in logs:
        wrong = unasked(log, books, allowed[log.name])
        check(not wrong, f"repeated, though noted: {wrong[:5]}"
              f"\n{books.report()}")  # fmt: skip
