# SPDX-License-Identifier: Apache-2.0
"""A new file is noticed at once: in a directory that is there, in one that
was made a moment ago, and where a whole path of directories was missing.
Prints how long it took; what is asserted leaves a busy machine its time."""

import os
import statistics
import time

from harness import SLOW, Agent, Sandbox, check, flow, path, scenario
from harness import wait_until

ROUNDS = 15


def noticed(agent, file):
    """Milliseconds until the agent says that it follows `file`, which is
    made now with its directories."""
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="ascii") as out:
        out.write("a line\n")
    began = time.monotonic()
    word = f"following {file}\n".encode()
    while time.monotonic() < began + 5 * SLOW:
        with open(agent.process.log_path, "rb") as log:
            if word in log.read():
                return (time.monotonic() - began) * 1000
        time.sleep(0.001)
    raise AssertionError(f"{file} was not noticed within {5 * SLOW:g} s")


@scenario
def play():
    sandbox = Sandbox(tls=False)
    patterns = ["there/*.log", "any/**/*.log", "root/not/there/*.log"]
    agent = Agent(
        sandbox,
        [flow(at, "one", name=at, maxTimeBetweenFileTrackerRefreshMillis=600000)
         for at in patterns],
    )  # fmt: skip
    os.mkdir(path("there"))
    os.mkdir(path("any"))
    agent.start()
    agent.wait_log("root/not/there: cannot be read")
    wait_until(lambda: sandbox.stats() is not None, "the sandbox")
    took = {"in a directory that is there": [], "in a new directory": [],
            "where the path was missing": []}  # fmt: skip
    for n in range(ROUNDS):
        took["in a directory that is there"].append(
            noticed(agent, path(f"there/{n}.log")))  # fmt: skip
        took["in a new directory"].append(
            noticed(agent, path(f"any/{n}/b/c/x.log")))  # fmt: skip
    took["where the path was missing"].append(
        noticed(agent, path("root/not/there/x.log")))  # fmt: skip
    for what, times in took.items():
        print(f"{what}: median {statistics.median(times):.1f} ms, "
              f"most {max(times):.1f} ms")  # fmt: skip
        check(
            statistics.median(times) < 500 * SLOW,
            f"{what}: {times}",
        )
    agent.stop()
