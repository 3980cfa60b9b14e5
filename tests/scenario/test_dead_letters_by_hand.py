# SPDX-License-Identifier: Apache-2.0
"""The README's commands for dead letters do what it says: one lists them, the
other gives their lines back, byte for byte, in their order."""

import os
import re
import subprocess

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path, read
from harness import scenario, wait_until

FILE = "/var/lib/kinesis-agent/dead-letter/FLOW.jsonl"


def commands():
    readme = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
    with open(readme, encoding="utf-8") as text:
        section = text.read().split("\n## Dead letters\n")[1].split("\n## ")[0]
    block = re.search(r"^```sh\n(.*?)^```", section, re.S | re.M).group(1)
    found = re.findall(r"^sudo (jq .*?[^\\])$", block, re.S | re.M)
    check(len(found) == 2, block)
    return found


def play_one(command, file):
    check(FILE in command, command)
    return subprocess.run(["bash", "-c", command.replace(FILE, file)], check=True,
                          capture_output=True, timeout=60, cwd=path("own")).stdout  # fmt: skip


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent = Agent(sandbox, [flow("app.log", "one", name="one",
                                 oversizeRecords="deadLetter")]).start()  # fmt: skip
    log.write(10)
    long = [("%d " % n * 700000).encode() + "ß\n".encode() for n in (1, 2)]
    for line in long:
        log.put(line)
    log.write(10)
    Account(sandbox, log).wait_delivered()
    file = path("state", "dead-letter", "one.jsonl")
    wait_until(lambda: os.path.exists(file)
               and read(file).count(b'"last"') == 2, "the letters")  # fmt: skip
    agent.stop()
    listing, back = commands()
    rows = play_one(listing, file).decode().splitlines()
    check(len(rows) == read(file).count(b"\n"), rows)
    check(all("longer than a record" in row and log.file in row for row in rows), rows)
    play_one(back, file)
    check(read(path("own", "letters.txt")) == b"".join(long), "other bytes")
