#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""discovery: what very many directories and files cost, at start and idle.

  tests/bench/discovery.py BUILD [DIRECTORIES FILES-IN-EACH]...

For each pair (default: 10000 1, 100 1000, 1 100000) under one pattern, with
1,024 descriptors: how long and how much processor time it takes until all
files are followed, memory, what the agent takes while nothing happens, and
with one line in every hundredth file. Run by hand; asserts nothing.
"""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))

import harness  # noqa: E402
from harness import Agent, Sandbox, flow, path, wait_until  # noqa: E402

IDLE_S = 30


def make(directories, files):
    for d in range(directories):
        os.makedirs(path("top", str(d)))
        for f in range(files):
            with open(path("top", str(d), f"{f}.log"), "wb") as out:
                out.write(b"a line that is there already\n")


def wait_quiet(agent, seconds=3):
    """When it last used its processor, once it has not for `seconds`."""
    spent, at = -1.0, time.monotonic()
    while time.monotonic() < at + seconds:
        now = agent.process.cpu_seconds()
        if now > spent + 0.01:
            spent, at = now, time.monotonic()
        time.sleep(0.05)
    return at


def measure(directories, files):
    harness.stage = harness.Stage()
    make(directories, files)
    sandbox = Sandbox(tls=False)
    agent = Agent(
        sandbox,
        [flow("top/*/*.log", "one", initialPosition="END_OF_FILE")],
        wrap=["prlimit", "--nofile=1024"],
    )
    began = time.monotonic()
    agent.start()
    total = directories * files
    took = wait_quiet(agent) - began
    cpu = agent.process.cpu_seconds()
    print(f"{directories} directories, {files} files in each:")
    print(f"  start: {took:.1f} s, {cpu:.2f} CPU s, "
          f"{cpu / total * 1e6:.0f} us a file, "
          f"{agent.process.status('RssAnon') / 1024:.0f} MB")
    began, cpu = time.monotonic(), agent.process.cpu_seconds()
    time.sleep(IDLE_S)
    spent = agent.process.cpu_seconds() - cpu
    print(f"  idle: {100 * spent / (time.monotonic() - began):.2f} % of a core")
    cpu = agent.process.cpu_seconds()
    some = range(0, total, 100)
    for n in some:
        name = path("top", str(n // files), f"{n % files}.log")
        with open(name, "ab") as out:
            out.write(b"one more line\n")
    wait_until(lambda: len(sandbox.records()) >= len(some), "delivery", 60)
    print(f"  {len(some)} lines in as many files: "
          f"{agent.process.cpu_seconds() - cpu:.2f} CPU s", flush=True)
    agent.stop(seconds=60)
    print("  " + agent.log_lines("directories")[-1].split("; ")[-1])
    harness.stage.strike()
    harness.shutil.rmtree(harness.stage.dir, ignore_errors=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = sys.argv[1]
    os.environ["KINESIS_AGENT"] = os.path.join(build, "kinesis-agent")
    os.environ["KINESIS_SANDBOX"] = os.path.join(
        build, "tests", "fake", "kinesis-sandbox")
    pairs = [int(at) for at in sys.argv[2:]] or [10000, 1, 100, 1000, 1, 100000]
    for at in range(0, len(pairs), 2):
        measure(pairs[at], pairs[at + 1])


if __name__ == "__main__":
    main()
