# SPDX-License-Identifier: Apache-2.0
"""Every way to rotate a log, under load: what was on disk arrives, once, in
order. Four logs at a time: a quick one; one whose lines arrive in order over
all requests; one whose writer also goes on in files that it left; one with
lines torn over two writes. With a pattern that matches the rotated names too,
and with one that does not."""

import os
import signal
import time

from harness import Agent, Sandbox, flow, scenario, stays_true
from rotations import Books, Log

CASES = "create create-all shift shift-all shiftmax shiftmax-all dateext dateext-all subdirectory subdirectory-all delete delete-all compress compress-all delaycompress delaycompress-all copytruncate copytruncate-all slowcopy slowcopy-all copy copy-all regrow regrow-all burst burst-all burstcopy burstcopy-all"

SECONDS = float(os.environ.get("SCENARIO_SECONDS") or 2.5)
COPIES = ("copytruncate", "slowcopy", "burstcopy", "regrow")
BURSTS = {
    "burst": "create dateext".split(),
    "burstcopy": ["copytruncate"],
    "regrow": ["truncate"],
}


def make_logs(kind):
    other = "overwrite" if kind in COPIES else "hold=2000"
    logs = [
        Log("fast", 50000),
        Log("ordered", 2000),
        Log("other", 2000, other),
        Log("torn", 2000, "tear"),
    ]
    logs[1].alone = True
    return logs


def look_away(agent, logs, kinds):
    """Rotate while the agent cannot look."""
    agent.process.popen.send_signal(signal.SIGSTOP)
    try:
        for log in logs:
            log.begin(kinds, 0.05, 0.3)
        time.sleep(log.rng.uniform(0.2, 0.8))
        for log in logs:
            log.halt()
    finally:
        agent.process.popen.send_signal(signal.SIGCONT)


@scenario
def play(case):
    kind, _, everything = case.partition("-")
    pattern = "app.log*" if everything else "app.log"
    sandbox = Sandbox()
    logs = make_logs(kind)
    agent = Agent(
        sandbox,
        [
            flow(f"logs/{log.name}/{pattern}", log.name,
                 **({"maxInFlight": 1} if log.alone else {}))
            for log in logs
        ],
    ).start()  # fmt: skip
    agent.wait_ready()
    books = Books(sandbox, agent, logs)
    end = time.monotonic() + SECONDS
    if kind in BURSTS:
        while time.monotonic() < end:
            look_away(agent, logs, BURSTS[kind])
            stays_true(lambda: True, 0.3, "a moment")
    else:
        for log in logs:
            log.begin([kind])
        stays_true(lambda: True, SECONDS, "a moment")
    for log in logs:
        log.stop()
    books.wait_delivered()
    books.wait_quiet()
    agent.stop()
    print(books.report())
    books.settle()
