# SPDX-License-Identifier: Apache-2.0
"""What is taken from under the agent's eyes before it could be read, since the
destination did not answer, is reported as lost, to the byte: a log that is
truncated, one that is truncated and outgrows what it was, and files that are
deleted while there is no descriptor left to hold them."""

import os
import signal

from archives import lost_bytes
from harness import Account, Agent, LogWriter, Sandbox, at_a_random_moment
from harness import check, flow, need_root, scenario, wait_until
from rotations import Books, Log

CASES = "truncated regrown deleted"
BUDGET = {"memoryBudgetBytes": 4 << 20, "socketTimeoutMillis": 2000}


def play_truncated(regrown):
    sandbox = Sandbox()
    # What is not answered is not freed: the agent reads a budget's worth.
    sandbox.fault("no-answer", count=-1)
    log = Log("one", 40000)
    agent = Agent(sandbox, [flow("logs/one/app.log", "one")], BUDGET).start()
    size = lambda: os.path.getsize(log.file)  # noqa: E731
    wait_until(lambda: size() > 6 << 20, "more than the agent may read", 60)
    log.tell("p")
    at_a_random_moment(0.3, 0.4)  # the agent sees that
    log.truncated = True
    if regrown:
        agent.process.popen.send_signal(signal.SIGSTOP)
        before = size()
        os.truncate(log.file, 0)
        log.tell("c")
        wait_until(lambda: size() > before + 100000, "it to outgrow", 60)
        agent.process.popen.send_signal(signal.SIGCONT)
    else:
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
    lost, reported = books.truly_lost(log), books.reported_lost(log)
    check(lost > 1 << 20, "nothing was lost")
    check(reported == lost, f"{lost} bytes were lost, {reported} reported")


def play_deleted():
    need_root("to be told at once that a file is gone for good")
    sandbox = Sandbox()
    sandbox.fault("no-answer", count=-1)
    logs = [
        LogWriter(f"log/{n}.log", filler=(900, 1000), hold=False)
        for n in range(60)
    ]
    for log in logs:
        log.write(200)
    agent = Agent(
        sandbox,
        [flow("log/*.log", "one")],
        BUDGET,
        wrap=["prlimit", "--nofile=64"],
    ).start()
    before = sandbox.stats()["requests"]
    wait_until(lambda: sandbox.stats()["requests"] > before, "requests")
    at_a_random_moment(0.5, 0.7)
    written = 0
    for log in logs:
        written += os.path.getsize(log.file)
        os.unlink(log.file)
    sandbox.no_faults()
    account = Account(sandbox, *logs)

    def arrived():
        return sum(len(at.data) for at in account.arrived())

    wait_until(
        lambda: arrived() + lost_bytes(agent) >= written,
        lambda: f"{written} bytes: {arrived()} came,"
        f" {lost_bytes(agent)} reported lost",
        30,
    )
    agent.stop()
    check(account.repeats() == 0 and not account.torn(), account.report())
    check(lost_bytes(agent) > 0, "nothing was lost")
    found = arrived() + lost_bytes(agent)
    check(found == written, f"{written} bytes, {found} came or were lost")


@scenario
def play(case):
    if case == "deleted":
        play_deleted()
    else:
        play_truncated(case == "regrown")
