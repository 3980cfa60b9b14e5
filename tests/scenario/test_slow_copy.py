# SPDX-License-Identifier: Apache-2.0
"""copytruncate of a large log, whose copy takes seconds while the writer goes
on: what was on disk arrives once, in order. ahead: all but the newest lines
were there before the agent. behind: the destination is slow, and most of the
log is unread when it is truncated. The copy's name matches (-all) or not."""

import os

from harness import Agent, Sandbox, check, flow, path, scenario, wait_until
from rotations import Books, Log

CASES = "ahead ahead-all behind behind-all"

SIZE = int(os.environ.get("SCENARIO_COPIED_MB") or 16) << 20
LONG = b"x" * 960


def fill(file):
    """Lines that are there before anybody looks."""
    lines = [
        b"one 4294967295 %010d %s\n" % (number, LONG)
        for number in range(SIZE // 1000)
    ]
    os.makedirs(os.path.dirname(file))
    with open(file, "wb") as log:
        log.writelines(lines)
    return set(lines)


@scenario
def play(case):
    kind, _, everything = case.partition("-")
    old = fill(path("logs/one/app.log"))
    position = "END_OF_FILE" if kind == "ahead" else "START_OF_FILE"
    sandbox = Sandbox()
    agent = Agent(
        sandbox,
        [
            flow("logs/one/app.log" + ("*" if everything else ""), "one",
                 maxInFlight=1, initialPosition=position)
        ],
        settings={"memoryBudgetBytes": 32 << 20},
    )  # fmt: skip
    if kind == "behind":
        sandbox.fault("slow", count=-1, ms=250)
    agent.start().wait_ready()
    log = Log("one", 10000)
    log.alone = True
    if kind == "ahead":
        log.unwanted = old
    for _ in range(2):
        wait_until(lambda: sandbox.records(), "lines")
        log.rotate("copytruncate", seconds=SIZE / (40 << 20))
        unread = len(old) - len(sandbox.records())
    sandbox.no_faults()
    log.stop()
    if kind == "behind":
        print(f"{unread} lines were unread at the truncation")
        check(unread > 0, "too late: all of it was read")
    books = Books(sandbox, agent, [log])
    books.wait_delivered(120)
    books.wait_quiet()
    agent.stop(seconds=30)
    print(books.report())
    books.settle()
    if kind == "ahead":
        sent = sum(at.data in old for at in sandbox.records())
        check(sent == 0, f"{sent} lines of before the agent's time were sent")
