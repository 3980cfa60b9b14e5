# SPDX-License-Identifier: Apache-2.0
"""Lines that are too long to be records are kept in the dead-letter file, byte
for byte, and their neighbours are delivered: whatever happens to the agent or
to the disk that holds the file."""

import base64
import json
import os
import subprocess

from harness import (
    Account,
    Agent,
    LogWriter,
    Sandbox,
    check,
    flow,
    need_root,
    path,
    read,
    scenario,
    wait_until,
)

CASES = "kept killed full-disk bounded"
LONG = 2500000


def letters(name="one"):
    """The flow's letters on disk, the oldest first."""
    base = path("state", "dead-letter", name)
    files = [f"{base}.jsonl"]
    while os.path.exists(f"{base}.{len(files)}.jsonl"):
        files.append(f"{base}.{len(files)}.jsonl")
    found = []
    for file in reversed(files):
        if os.path.exists(file):
            lines = read(file).split(b"\n")
            # One that is being written.
            found += [json.loads(at) for at in lines[:-1]]
    return found


def data_of(letter):
    if "dataBase64" in letter:
        return base64.b64decode(letter["dataBase64"])
    return letter["data"].encode()


class Story:
    """A log in which every fifth line is too long for a record."""

    def __init__(self, settings=None):
        self.sandbox = Sandbox()
        self.log = LogWriter("app.log")
        self.long = {}
        self.number = 0
        self.agent = Agent(
            self.sandbox,
            [flow("app.log", "one", oversizeRecords="deadLetter", name="one")],
            settings,
        )
        self.account = Account(self.sandbox, self.log)

    def write(self, count):
        for _ in range(count):
            self.number += 1
            if self.number % 5 == 3:
                end = b"\xff\n" if self.number % 2 else b"\n"
                line = b"%09d " % self.number * (LONG // 10) + end
                self.long[os.path.getsize(self.log.file)] = line
                self.log.put(line)
            self.log.write(1)

    def kept(self):
        """The long lines that are there to their end, by their offset. What
        is there twice must be the same both times."""
        pieces = {}
        for letter in letters():
            data = data_of(letter)
            check(letter["length"] == len(data), "its length is another")
            there = pieces.setdefault(letter["offset"], data)
            check(there == data, "two letters of the same bytes differ")
        found = {}
        for start in self.long:
            line, at = b"", start
            while at in pieces:
                line += pieces[at]
                at += len(pieces[at])
            found[start] = line
        return found

    def wait_kept(self, seconds=20):
        wait_until(
            lambda: self.kept() == self.long, "all letters to be kept", seconds
        )

    def settle(self, repeated=0):
        self.account.settle(repeated=repeated)
        check(self.kept() == self.long, "a long line is not kept as it was")


def kept():
    story = Story()
    story.write(20)
    story.agent.start()
    story.account.wait_delivered()
    story.wait_kept()
    story.agent.stop()
    story.settle()
    there = letters()
    check(len(there) == 3 * len(story.long), "not each piece once")
    check(
        [at["part"] for at in there[:3]] == ["first", "middle", "last"],
        "the parts have other names",
    )
    check(there[0]["file"] == story.log.file, "of another file")
    check(there[0]["destination"] == "kinesis:one", "meant for another")
    total = sum(len(line) for line in story.long.values())
    check(
        story.agent.log_lines(rf"dead letters {len(there)} \({total} bytes"),
        "the report does not count them",
    )
    story.agent.start()
    story.agent.wait_ready()
    story.agent.stop()
    check(letters() == there, "a restart keeps them again")


def killed():
    story = Story()
    story.write(10)
    for _ in range(4):
        before = len(letters())
        story.agent.start()
        story.write(5)
        wait_until(lambda: len(letters()) > before, "more letters")
        story.agent.kill9()
    with open(path("state", "dead-letter", "one.jsonl"), "ab") as out:
        out.write(b'{"time":"20')
    story.agent.start()
    story.account.wait_delivered()
    story.wait_kept()
    story.agent.stop()
    story.settle(repeated=None)


def full_disk():
    need_root("to mount a small file system")
    disk = path("state", "dead-letter")
    os.makedirs(disk)
    where = ["-t", "tmpfs", "-o", "size=3m", "none", disk]
    subprocess.run(["mount", *where], check=True)
    try:
        story = Story({"memoryBudgetBytes": 8 << 20})
        healthy = LogWriter("other.log")
        story.agent.config["flows"].append(flow("other.log", "two"))
        story.write(40)
        story.agent.start()
        said = story.agent.wait_log("cannot keep dead letters")
        check("No space left" in said, f"says {said}")
        healthy.write(2000)
        Account(story.sandbox, healthy, stream="two").wait_delivered()
        check(story.account.missing() > 0, "nothing waits for the disk")
        subprocess.run(
            ["mount", "-o", "remount,size=200m", disk], check=True
        )
        story.account.wait_delivered()
        story.wait_kept()
        story.agent.stop()
        story.account.stream = "one"
        story.settle()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def bounded():
    story = Story({"deadLetterMaxBytes": 20 << 20})
    story.write(60)
    story.agent.start()
    story.account.wait_delivered()
    story.agent.wait_log(r"lost \(dead-letter-full\)")
    story.agent.stop()
    story.account.settle()
    disk = path("state", "dead-letter")
    size = sum(at.stat().st_size for at in os.scandir(disk))
    check(size <= 20 << 20, f"{size} bytes are kept")
    there = sum(at["length"] for at in letters())
    total = sum(len(line) for line in story.long.values())
    check(there > 10 << 20, f"only {there} bytes are kept")
    check(
        story.agent.log_lines(rf"dead letters \d+ \({total} bytes, lost [1-9]"),
        "the report does not count the lost",
    )


@scenario
def play(case):
    {
        "kept": kept,
        "killed": killed,
        "full-disk": full_disk,
        "bounded": bounded,
    }[case]()
