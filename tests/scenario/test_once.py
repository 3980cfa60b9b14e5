# SPDX-License-Identifier: Apache-2.0
"""`--once` ships all that is there, archives, rotated files and records that
wait for a next line included, and ends by itself with 0; a second run sends
nothing. What is not sent is said with its cure. It waits for answers as long
as it takes; who ends that before gets an exit code that says so."""

import gzip
import os
import signal

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import scenario

CASES = "all busy nothing end down"
LEFT = 10


def run_once(agent, code=0, seconds=20):
    agent.arguments = ["--once"]
    agent.start()
    given = agent.process.wait_exit(seconds)
    check(given == code, f"exit code {given}: {agent.process.ending()}")


def play_all(sandbox):
    """Old and new, renamed and compressed, whole and unfinished. The batches
    would wait a minute for more."""
    log = LogWriter("app.log")
    log.write(700)
    log.rotate()
    log.write(300)
    packed = LogWriter("packed.log")
    packed.write(400)
    log.put(b"without its end")
    with open(path("traces.log"), "wb") as traces:
        traces.write(b"one\n  at a\n  at b\ntwo\n  at c\n")
    agent = Agent(sandbox, [
        flow("app.log*", "one", maxBufferAgeMillis=60000),
        flow("packed.log", "one", maxBufferAgeMillis=60000),
        flow("traces.log", "two", maxBufferAgeMillis=60000,
             multiLineStartPattern="[a-z]", multiLineFlushMillis=300),
    ])  # fmt: skip
    run_once(agent)
    said = agent.log_lines("ends in a line without newline .15 bytes")
    check(len(said) == 1, f"the unfinished line: {said}")
    account = Account(sandbox, log, packed, stream="one")
    account.settle()
    records = [at.data for at in sandbox.records() if at.stream == "two"]
    check(
        records == [b"one\n  at a\n  at b\n", b"two\n  at c\n"],
        f"{records}",
    )
    count = len(sandbox.records())
    run_once(agent)
    check(len(sandbox.records()) == count, "a second run sends nothing")

    # What came and was compressed between two runs is there, too.
    packed.write(100)
    with open(packed.file, "rb") as plain, gzip.open(
        packed.file + ".1.gz", "wb"
    ) as archive:
        archive.write(plain.read())
    os.unlink(packed.file)
    packed.reopen()
    packed.write(50)
    log.put(b" and its end\n")
    run_once(agent)
    check(not account.missing(), account.report())
    data = [at.data for at in sandbox.records()]
    check(data.count(b"without its end and its end\n") == 1, "the whole line")
    check(account.repeats() == 0, account.report())


def play_busy(sandbox):
    """A log that is written to all the while has an end all the same."""
    log = LogWriter("app.log")
    log.write(1000)
    before = list(log.lines)
    log.begin(2000)
    agent = Agent(sandbox, [flow("app.log", "one")])
    run_once(agent)
    there = Account(sandbox, log).counts()
    check(all(there[line] == 1 for line in before), "what was there arrived")
    log.stop()
    run_once(agent)
    Account(sandbox, log).settle()


def play_nothing(sandbox):
    agent = Agent(sandbox, [flow("app*.log", "one")]).unprivileged()
    run_once(agent)
    check(agent.log_lines("no file matches its filePattern"), "said")
    LogWriter("app.log").write(1)
    os.chmod(path("app.log"), 0)
    run_once(agent, code=LEFT)
    check(agent.log_lines("1 file could not be read and is left"), "said")


def play_end(sandbox):
    """A first start at the files' ends sends nothing, and says why."""
    log = LogWriter("app.log")
    log.write(100)
    agent = Agent(sandbox, [
        flow("app.log", "one", initialPosition="END_OF_FILE", name="app")
    ])  # fmt: skip
    run_once(agent)
    check(
        agent.log_lines(
            "app: 1 file held .* bytes .*END_OF_FILE.*START_OF_FILE.*forget"
        ),
        "said with its cure",
    )
    check(not sandbox.records(), "nothing is sent")
    log.lines.clear()
    log.write(10)
    run_once(agent)
    check(not agent.log_lines("END_OF_FILE"), "said once")
    Account(sandbox, log).settle()


def play_down(sandbox):
    sandbox.stop()
    log = LogWriter("app.log")
    log.write(600)
    agent = Agent(sandbox, [flow("app.log", "one")], {
        "shutdownTimeoutMillis": 300})  # fmt: skip
    agent.arguments = ["--once"]
    agent.start()
    agent.wait_log("cannot be reached")
    agent.process.signal(signal.SIGTERM)
    code = agent.process.wait_exit()
    check(code == LEFT, f"exit code {code}: {agent.process.ending()}")

    agent.start()
    agent.wait_log("cannot be reached")
    sandbox.start()
    code = agent.process.wait_exit(20)
    check(code == 0, f"exit code {code}: {agent.process.ending()}")
    Account(sandbox, log).settle()


@scenario
def play(case):
    sandbox = Sandbox(cert="own" if case == "down" else None)
    globals()["play_" + case](sandbox)
