# SPDX-License-Identifier: Apache-2.0
"""At every moment the status socket says of each byte that a flow met what
became of it: seen is what was delivered, filtered, skipped, dead, is in flight
or lost, to the byte, and none of these but what is in flight ever shrinks,
whatever fails, is rotated, deleted, or killed. Nor does it matter who else is
at the socket: thousands who come and go, who send garbage or half a question,
or never read."""

import json
import os
import socket
import threading
import time

from harness import (
    SLOW,
    Account,
    Agent,
    LogWriter,
    Sandbox,
    check,
    flow,
    path,
    scaled,
    scenario,
    wait_until,
)

BUDGET = 8 << 20
TERMS = "delivered filtered skipped dead in_flight lost".split()
GROWING = "seen delivered filtered skipped dead lost".split()


class Sampler(threading.Thread):
    """Asks a hundred times a second; what is wrong is in `wrong`."""

    def __init__(self, where):
        super().__init__(daemon=True)
        self.where = where
        self.ending = False
        self.samples = 0
        self.last = {}  # by flow
        self.pid = None
        self.wrong = []

    def run(self):
        due = time.monotonic()
        while not self.ending:
            due = max(due + 0.01, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))
            try:
                answer = ask(self.where)
            except (OSError, ValueError):
                continue  # it is being killed just now
            self.judge(answer)
            self.samples += 1

    def judge(self, answer):
        if answer["agent"]["pid"] != self.pid:
            self.pid = answer["agent"]["pid"]
            self.last = {}
        for row in answer["flows"]:
            bytes_ = row["bytes"]
            if bytes_["seen"] != sum(bytes_[term] for term in TERMS):
                self.wrong.append(f"{row['name']}: {bytes_}")
            if row["counts"]["unbalanced"]:
                self.wrong.append(f"{row['name']}: it noticed itself")
            if sum(row["lost_bytes"].values()) != bytes_["lost"]:
                self.wrong.append(f"{row['name']}: {row['lost_bytes']}")
            before = self.last.get(row["name"], bytes_)
            for term in GROWING:
                if bytes_[term] < before[term]:
                    self.wrong.append(f"{row['name']}: {term} shrank")
            self.last[row["name"]] = bytes_

    def stop(self):
        self.ending = True
        self.join()
        check(not self.wrong, "\n".join(self.wrong[:5]))


def connect(where):
    caller = socket.socket(socket.AF_UNIX)
    caller.settimeout(5 * SLOW)
    caller.connect(where)
    return caller


def ask(where):
    with connect(where) as caller:
        caller.sendall(b"status\n")
        answer = b""
        while piece := caller.recv(65536):
            answer += piece
    return json.loads(answer)


def take_away(sampler, failing):
    """What could not be sent fills the flow's memory, and what stands behind
    it in the file is cut off: that is lost, and said when the rest is home."""
    last = lambda: sampler.last["taken"]  # noqa: E731
    wait_until(lambda: last()["in_flight"] > BUDGET // 4, "it to be read")
    os.truncate(path("taken", "app.log"), 0)
    failing.no_faults()
    wait_until(lambda: last()["lost"] > 0, "the loss to be counted", 30)
    check(last()["lost"] < 2 * BUDGET, f"more than there was: {last()}")


def crowd(where, count):
    """Who never reads, sends garbage, half a question, or nothing."""
    held = []
    for number in range(count):
        try:
            caller = connect(where)
            caller.sendall((b"status\n", b"\xff\0{[", b"stat", b"")[number % 4])
            held.append(caller)
        except OSError:
            pass  # sent away already
        while len(held) > 200:
            held.pop(0).close()
    for caller in held:
        caller.close()


@scenario
def play():
    sandbox = Sandbox(streams={"plain": 2, "joined": 1, "short": 1})
    failing = Sandbox(streams={"taken": 1}, tls=False)
    failing.fault("500", count=-1)
    plain = LogWriter("plain/app.log").begin(scaled(2000))
    joined = LogWriter("joined/app.log", filler=(0, 40)).begin(scaled(2000))
    long = LogWriter("short/app.log", filler=(0, 120)).begin(scaled(300))
    os.mkdir(path("taken"))
    with open(path("taken", "app.log"), "wb") as taken:
        taken.write((b"x" * 999 + b"\n") * (2 * BUDGET // 1000))
    os.utime(path("taken", "app.log"), (1e9, 1e9))  # it is left alone
    drops = {
        "optionName": "FILTER", "pattern": " [0-9]*[05] ", "action": "drop",
    }  # fmt: skip
    agent = Agent(
        sandbox,
        [
            flow("plain/app.log*", "plain", name="plain"),
            flow("joined/*", "joined", name="joined",
                 dataProcessingOptions=[drops],
                 aggregatedRecordSizeBytes=2000),
            flow("short/*", "short", name="short", skipHeaderLines=3,
                 maxBufferSizeBytes=100, oversizeRecords="deadLetter"),
            flow("taken/*", "taken", name="taken", endpoint=failing.url),
        ],
        {"memoryBudgetBytes": BUDGET},
    ).start()  # fmt: skip
    where = path("state", "status.sock")
    wait_until(lambda: os.path.exists(where), "the socket")
    sampler = Sampler(where)
    sampler.start()
    visitors = threading.Thread(
        target=crowd, args=(where, scaled(2000)), daemon=True
    )
    visitors.start()
    for kind, rule in (
        ("throttle-records", dict(count=4, share=0.9)),
        ("fail-records", dict(count=4, share=0.5)),
        ("500", dict(count=3)),
        ("close", dict(count=3)),
        ("lost-answer", dict(count=1)),
    ):
        sandbox.fault(kind, **rule)
        seen = sampler.samples
        wait_until(lambda: sampler.samples > seen + 20, "samples")
        plain.rotate()
    agent.kill9()
    agent.start()
    plain.stop()
    joined.stop()
    long.stop()
    visitors.join()
    Account(sandbox, plain, stream="plain").wait_delivered()

    def is_home():
        return sampler.last and not any(
            at["in_flight"]
            for name, at in sampler.last.items()
            if name != "taken"
        )

    wait_until(is_home, "everything to be home")
    check(sampler.samples >= 100, f"{sampler.samples} samples")
    take_away(sampler, failing)
    agent.stop()
    sampler.stop()
    check(sampler.last["short"]["dead"] > 0, "nothing was dead")
