# SPDX-License-Identifier: Apache-2.0
"""The machine dies, or a backup of the state directory is put back: whatever
moment the checkpoints on disk are of, and wherever their journal ends, nothing
is lost, and what is repeated was accepted since that moment."""

import os
import shutil
import signal
import time

import harness
from deaths import INTERVAL, Tally
from harness import SLOW, Agent, Sandbox, check, flow, own, scenario
from harness import wait_until
from rotations import Books, Log

CASES = "moment torn backup"
KINDS = "create shift dateext copytruncate copy".split()


def is_stopped(agent):
    with open(f"/proc/{agent.process.pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def let_time_pass(tally, least, most):
    end = time.monotonic() + harness.stage.rng.uniform(least, most) * SLOW
    wait_until(lambda: tally.look() >= end, "a moment", most + 5)


def copy_state(agent, to):
    """As it is at one moment: whole, and with the journal beside it."""
    agent.process.popen.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(agent), "the agent to stand still")
    shutil.copytree(agent.state, to)
    agent.process.popen.send_signal(signal.SIGCONT)
    return time.monotonic()


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
    tally = Tally(sandbox, [log.name for log in logs])
    books = Books(sandbox, agent, logs)
    let_time_pass(tally, 0.1, 0.3)
    agent.stop()
    agent.start()
    for log in logs:
        log.begin([log.name], 0.2, 0.8)
    let_time_pass(tally, 0.6, 1.2)
    copied_at = copy_state(agent, own("copy"))
    if case == "backup":
        let_time_pass(tally, 1.5, 2.0)
        agent.stop()
    else:
        agent.kill9()
    let_time_pass(tally, 0.1, 0.4)
    allowed = {
        log.name: tally.may_repeat(log.name, copied_at) for log in logs
    }
    put_back(agent, own("copy"), case == "torn")
    agent.start()
    let_time_pass(tally, 0.2, 0.4)
    for log in logs:
        log.stop()
    books.wait_delivered()
    agent.stop()
    books.settle(repeats=True)
    for log in logs:
        _, repeated, _, _ = books.audit(log)
        print(f"{log.name}: {len(repeated)} repeated of {allowed[log.name]}"
              f" and {len(log.lines())}")  # fmt: skip
        check(case == "torn" or len(repeated) <= allowed[log.name],
              f"too many repeated\n{books.report()}")  # fmt: skip
