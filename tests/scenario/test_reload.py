# SPDX-License-Identifier: Apache-2.0
"""A new configuration is adopted while the agent runs (SIGHUP): a changed flow
goes on where it was, a removed one is delivered to its end and no further, one
that comes begins as at a start; a bad configuration changes nothing."""

import os
import sqlite3

from harness import Account, Agent, LogWriter, Sandbox, check, flow
from harness import own, path, scenario, tail_of, wait_until, yaml

CASES = "changed refused removed again late patterns crash full order storm"


def lines_of(sandbox, stream):
    return [at.data for at in sandbox.records() if at.stream == stream]


def start(*flows, settings=None):
    sandbox = Sandbox()
    agent = Agent(sandbox, list(flows), settings).start()
    agent.wait_log(r"\d flows?, checkpoints in")
    return sandbox, agent


def changed():
    """The stream of one flow is another; what was read before goes to the old
    one, though that is stuck, and holds nothing up."""
    log, other = LogWriter("app.log"), LogWriter("other.log")
    sandbox, agent = start(
        flow("app.log", "old", name="app"), flow("other.log", "same", name="o")
    )
    account = Account(sandbox, log, other)
    log.write(50)
    other.write(50)
    account.wait_delivered()
    sandbox.fault("500", count=-1, stream="old")
    log.write(500)
    wait_until(lambda: agent.log_lines("flow app: .*answered 500"), "trouble")
    opened = len(agent.log_lines("following"))
    agent.reload(
        [
            flow("app.log", "new", name="app", keepNewline=True),
            flow("other.log", "same", name="o"),
        ],
        {"maxConnections": 7, "checkpointIntervalMillis": 120},
    )
    check(agent.log_lines("maxConnections: .*next start"), "no warning")
    check(len(agent.log_lines("flow o: goes on")) == 0, "o was touched")
    log.write(700)
    other.write(300)
    wait_until(
        lambda: set(log.lines[550:]) <= set(lines_of(sandbox, "new"))
        and set(other.lines) <= set(lines_of(sandbox, "same")),
        lambda: f"the successor's lines\n{account.report()}",
    )
    check(len(agent.log_lines("following")) == opened, "a file was reopened")
    check(len(lines_of(sandbox, "old")) == 50, "the old stream is not stuck")
    sandbox.no_faults()
    account.wait_delivered()
    check(
        set(lines_of(sandbox, "old")) == set(log.lines[:550]),
        "the old settings' lines went elsewhere",
    )
    agent.stop()
    account.settle()
    log.write(10)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def refused():
    """A mistake changes nothing, and is told with its place."""
    log = LogWriter("app.log")
    sandbox, agent = start(flow("app.log", "one", name="app"))
    account = Account(sandbox, log)
    log.write(10)
    account.wait_delivered()
    agent.reload(tell="flows:\n  - filePattern: relative\n", good=False)
    check(agent.log_lines(r"agent\.yaml:2:\d+: filePattern: "), "no place")
    agent.reload(
        [flow("app.log", "one", name="app"), flow("b.log", "b", multiLine="x")],
        good=False,
    )
    log.write(10)
    account.wait_delivered()
    agent.reload([flow("app.log", "one", name="app", maxInFlight=3)])
    log.write(10)
    account.wait_delivered()
    # So are the files of the folder beside it.
    more = LogWriter("more.log")
    more.write(10)
    os.mkdir(own("agent.d"))
    with open(own("agent.d/more.yaml"), "w", encoding="utf-8") as out:
        out.write(yaml({"flows": [flow("more.log", "more")]}))
    agent.reload()
    Account(sandbox, more, stream="more").wait_delivered()
    agent.stop()
    Account(sandbox, log, more).settle()


def removed():
    """A removed flow delivers what it has read, reads no more, and goes on
    there when it is back."""
    log, other = LogWriter("app.log"), LogWriter("other.log")
    keeps = flow("other.log", "same", name="o")
    sandbox, agent = start(flow("app.log", "one", name="app"), keeps)
    account = Account(sandbox, log, other)
    log.write(100)
    other.write(10)
    account.wait_delivered()
    sandbox.fault("500", count=-1, stream="one")
    log.write(100)
    wait_until(lambda: agent.log_lines("flow app: .*answered 500"), "trouble")
    wait_until(
        lambda: "flow app" in agent.process.log_text(), "it to be read"
    )
    agent.reload([keeps])
    log.write(100)
    log.rotate()
    log.write(100)
    other.write(100)
    wait_until(
        lambda: set(other.lines) <= set(lines_of(sandbox, "same")), "others"
    )
    sandbox.no_faults()
    agent.wait_log("flow app: .*it is gone")
    check(
        set(lines_of(sandbox, "one")) == set(log.lines[:200]),
        f"not what was read\n{account.report()}",
    )
    agent.reload([flow("app.log", "two", name="app"), keeps])
    account.wait_delivered()
    check(
        set(lines_of(sandbox, "two")) == set(log.lines[200:]),
        f"not the rest\n{account.report()}",
    )
    agent.reload([keeps, flow("new.log", "three", initialPosition="END_OF_FILE")])
    agent.stop()
    account.settle()


def patterns():
    """A flow that looks elsewhere leaves what it does not want any more, and
    finds what it has not met."""
    a, b = LogWriter("a.log"), LogWriter("b.log")
    sandbox, agent = start(flow("a.log", "one", name="app"))
    account = Account(sandbox, a, b)
    a.write(100)
    b.write(100)
    Account(sandbox, a).wait_delivered()
    agent.reload([flow("b.log", "one", name="app")])
    Account(sandbox, b).wait_delivered()
    a.write(50)
    b.write(50)
    Account(sandbox, b).wait_delivered()
    check(not set(a.lines[100:]) & account.counts().keys(), "a was read on")
    agent.reload([flow("*.log", "one", name="app")])
    account.wait_delivered()
    agent.stop()
    account.settle()


def crash():
    """Dying in the middle of two drains, nothing is lost; what the successor
    had noted is not repeated."""
    log = LogWriter("app.log")
    sandbox, agent = start(flow("app.log", "old", name="app"))
    account = Account(sandbox, log)
    log.write(50)
    account.wait_delivered()
    for number, stream in enumerate(("old", "mid"), 1):
        sandbox.fault("500", count=-1, stream=stream)
        log.write(200)
        wait_until(
            lambda: len(agent.log_lines("flow app: .*answered 500")) == number,
            "trouble",
        )
        agent.reload([flow("app.log", "mid", name="app")])
        if stream == "mid":
            agent.reload([flow("app.log", "new", name="app")])
    log.write(400)
    wait_until(
        lambda: set(log.lines[450:]) <= set(lines_of(sandbox, "new")),
        lambda: f"the successor's lines\n{account.report()}",
    )
    agent.wait_settled()
    agent.kill9()
    log.write(10)
    agent.start()
    account.wait_delivered()
    check(set(log.lines[50:]) == set(lines_of(sandbox, "new")), "elsewhere")
    agent.stop()
    account.settle()


def order():
    """Who sends one request at a time keeps the order over a reload."""
    log = LogWriter("app.log")
    sandbox, agent = start(flow("app.log", "s", name="app", maxInFlight=1))
    sandbox.fault("slow", count=40, ms=50)
    account = Account(sandbox, log)
    for number in range(6):
        log.write(300)
        agent.reload(
            [
                flow(
                    "app.log",
                    "s",
                    name="app",
                    maxInFlight=1,
                    maxBufferSizeRecords=40 + number,
                )
            ]
        )
    account.wait_delivered()
    agent.stop()
    account.settle(across=True)


def again():
    """A flow that is back before it was gone goes on where it was."""
    log, other = LogWriter("app.log"), LogWriter("other.log")
    keeps = flow("other.log", "same", name="o")
    mine = flow("app.log", "one", name="app")
    sandbox, agent = start(mine, keeps)
    account = Account(sandbox, log, other)
    sandbox.fault("500", count=-1, stream="one")
    for _ in range(3):
        log.write(100)
        wait_until(
            lambda: agent.log_lines("flow app: .*answered 500"), "trouble"
        )
        agent.reload([keeps])
        log.write(100)
        log.rotate()
        agent.reload([mine, keeps])
        other.write(10)
    sandbox.no_faults()
    account.wait_delivered()
    agent.stop()
    account.settle()


def late():
    """A flow that is back, gone and back again before the ledger could say what
    it knows of it reads on all the same."""
    log, other = LogWriter("app.log"), LogWriter("other.log")
    keeps = flow("other.log", "same", name="o")
    mine = flow("app.log", "one", name="app")
    sandbox, agent = start(mine, keeps)
    account = Account(sandbox, log, other)
    log.write(100)
    account.wait_delivered()
    sandbox.fault("500", count=-1, stream="one")
    log.write(100)
    wait_until(lambda: agent.log_lines("flow app: .*answered 500"), "trouble")
    database = sqlite3.connect(
        path("state", "checkpoints.sqlite"), isolation_level=None
    )
    database.execute("BEGIN IMMEDIATE")  # so the ledger has to wait
    other.write(10)
    agent.wait_log("holds it locked")
    agent.reload([keeps])
    agent.reload([mine, keeps])
    agent.reload([keeps])
    database.execute("ROLLBACK")
    database.close()
    agent.wait_log("checkpoints are written again")
    other.write(10)
    Account(sandbox, other, stream="same").wait_delivered()
    log.rotate()
    log.write(50)
    agent.reload([mine, keeps])
    log.write(100)
    sandbox.no_faults()
    account.wait_delivered()
    agent.stop()
    account.settle()


def full():
    """Where too much is still under way, a reload is refused."""
    log = LogWriter("app.log")
    sandbox, agent = start(flow("app.log", "s0", name="app"))
    sandbox.fault("500", count=-1)
    account = Account(sandbox, log)
    # Beside its own lane each flow has one to spare, and 16 for all.
    for number in range(1, 19):
        log.write(2)
        wait_until(
            lambda: len(agent.log_lines("answered 500")) == number,
            lambda: f"it to be sent\n{tail_of(agent.process.log_path)}",
        )
        agent.reload(
            [flow("app.log", f"s{number}", name="app")], good=number < 18
        )
    check(agent.log_lines("flow app: no room: "), "no reason")
    log.write(10)
    sandbox.no_faults()
    account.wait_delivered()
    agent.reload([flow("app.log", "last", name="app")])
    log.write(10)
    account.wait_delivered()
    check(lines_of(sandbox, "last") == log.lines[-10:], "not to the last")
    agent.stop()
    account.settle()


def storm():
    """Many reloads while everything is written to and rotated, and a part of
    all requests fails."""
    times = 200 if int(os.environ.get("SCENARIO_SECONDS", 8)) > 8 else 30
    logs = {name: LogWriter(f"{name}.log") for name in "kbcdr"}
    keep = flow("k.log", "keep", name="keep")

    def flows(number):
        wanted = "[cd].log" if number % 3 else "c.log"
        made = [
            keep,
            flow("b.log", f"b{number % 4}", name="b", maxInFlight=8),
            flow(wanted, "c", name="c"),
        ]
        if number % 4:
            made.append(flow("r.log", "r", name="r", keepNewline=True))
        return made

    sandbox, agent = start(*flows(1))
    account = Account(sandbox, *logs.values())
    sandbox.fault("fail-records", count=-1, share=0.1)
    for log in logs.values():
        log.begin(300)
    for number in range(times):
        if number % 7 == 3:
            agent.reload(tell="flows: [{filePattern: x}]\n", good=False)
        else:
            agent.reload(flows(number))
        if number % 5 == 2:
            list(logs.values())[number % 5].rotate()
        before = len(account.arrived())
        wait_until(lambda: len(account.arrived()) > before, "something")
    agent.reload(flows(1))
    for log in logs.values():
        log.stop()
    sandbox.no_faults()
    account.wait_delivered()
    check(len(agent.log_lines("flow keep: goes on")) == 0, "keep was touched")
    agent.stop()
    account.settle()


@scenario
def play(case):
    globals()[case]()
