# SPDX-License-Identifier: Apache-2.0
"""Every way to rotate a log, under load: what was on disk arrives, once, in
order. With a pattern that matches the rotated names too (-all), and with one
that does not.

KIND: four logs at a time, 50,000 and 2,000 lines a second: a quick one; one
whose lines arrive in order over all requests; one whose writer goes on for
two seconds in files that it left, or writes without O_APPEND where it stays
in one file; one with lines torn over two writes. They rotate every 0.3 s to
0.9 s. -tear: the quick one is torn. -hold: the quick one goes on in what it
left, and they rotate every 1 s to 5 s.

every: all ways that need nobody to look away, each with a log of its own, the
writers and the order of requests taking turns."""

import os
import signal
import time

from harness import Agent, Sandbox, flow, scenario, stays_true, wait_until
from rotations import Books, Log

CASES = "create create-all shift shift-all shiftmax shiftmax-all dateext dateext-all subdirectory subdirectory-all delete delete-all compress compress-all zstd zstd-all delaycompress delaycompress-all delayzstd delayzstd-all copytruncate copytruncate-all slowcopy slowcopy-all copy copy-all truncate truncate-all regrow regrow-all burst burst-all burstcopy burstcopy-all every every-all"

SECONDS = float(os.environ.get("SCENARIO_SECONDS") or 2.5)
EVERY = "create shift shiftmax dateext subdirectory delete compress zstd delaycompress delayzstd copytruncate slowcopy copy truncate".split()
COPIES = "copytruncate slowcopy burstcopy copy truncate regrow".split()
BURSTS = {
    "burst": "create dateext".split(),
    "burstcopy": ["copytruncate"],
}


def writers(kind):
    """What the writers do, besides writing at once to the new file."""
    return (), ("overwrite" if kind in COPIES else "hold=2000",), ("tear",)


def one_of_each():
    logs = []
    for number, kind in enumerate(EVERY):
        logs.append(Log(kind, 2000, *writers(kind)[number % 3]))
        logs[-1].alone = number % 2 == 0
        logs[-1].kind = kind
    return logs


def four_logs(kind, more):
    plain, other, torn = writers(kind)
    logs = [
        Log("fast", 50000, *(other if "hold" in more
                             else torn if "tear" in more else plain)),
        Log("ordered", 2000),
        Log("other", 2000, *other),
        Log("torn", 2000, *torn),
    ]  # fmt: skip
    logs[1].alone = True
    for log in logs:
        log.kind = kind
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


def outgrow(agent, logs):
    """Truncate while the agent cannot look, until all are longer than they
    were."""
    agent.process.popen.send_signal(signal.SIGSTOP)
    try:
        sizes = [os.stat(log.file).st_size for log in logs]
        for log in logs:
            log.rotate("truncate")
        wait_until(
            lambda: all(os.stat(log.file).st_size > size
                        for log, size in zip(logs, sizes)),
            "the logs to grow beyond what they were",
        )  # fmt: skip
    finally:
        agent.process.popen.send_signal(signal.SIGCONT)


def rotate_all(agent, logs, kind, slowly):
    seconds = 12 if slowly else SECONDS
    end = time.monotonic() + seconds
    if kind in BURSTS or kind == "regrow":
        while time.monotonic() < end:
            if kind == "regrow":
                outgrow(agent, logs)
            else:
                look_away(agent, logs, BURSTS[kind])
            stays_true(lambda: True, 0.3, "a moment")
        return
    for log in logs:
        log.begin([log.kind], *((1, 5) if slowly else (0.3, 0.9)))
    stays_true(lambda: True, seconds, "a moment")


@scenario
def play(case):
    kind, *more = case.split("-")
    pattern = "app.log*" if "all" in more else "app.log"
    sandbox = Sandbox()
    logs = one_of_each() if kind == "every" else four_logs(kind, more)
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
    rotate_all(agent, logs, kind, slowly="hold" in more)
    for log in logs:
        log.stop()
    books.wait_delivered()
    books.wait_quiet()
    agent.stop()
    print(books.report())
    books.settle()
