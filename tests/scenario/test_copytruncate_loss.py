# SPDX-License-Identifier: Apache-2.0
"""What copytruncate itself loses is told to the byte, where it was seen: lines
written between the end of the copy and the truncation, while the destination
was too slow for the agent to have read them."""

import os

from harness import Agent, Sandbox, at_a_random_moment, check, flow, scenario
from harness import wait_until
from rotations import Books, Log


@scenario
def play():
    sandbox = Sandbox()
    # What is not answered is not freed: the agent reads a budget's worth.
    sandbox.fault("no-answer", count=-1)
    log = Log("one", 40000)
    agent = Agent(
        sandbox,
        [flow("logs/one/app.log", "one")],
        {"memoryBudgetBytes": 4 << 20, "socketTimeoutMillis": 5000},
    ).start()
    size = lambda: os.path.getsize(log.file)  # noqa: E731
    wait_until(lambda: size() > 10 << 20, "more than the agent may read", 60)
    log.copy(log.make_way())
    copied = os.path.getsize(log.file + ".1")
    wait_until(lambda: size() > copied + 100000, "lines after the copy")
    log.tell("p")
    at_a_random_moment(0.5, 0.6)  # the agent sees that
    lost = size() - copied
    log.truncated = True
    os.truncate(log.file, 0)
    log.tell("c")
    at_a_random_moment(0.1, 0.3)
    log.stop()
    sandbox.no_faults()
    books = Books(sandbox, agent, [log])
    books.wait_delivered(60)
    books.wait_quiet()
    agent.stop()
    print(books.report())
    books.settle()
    reported = books.reported_lost(log)
    check(reported == lost, f"{lost} bytes were lost, {reported} reported")
