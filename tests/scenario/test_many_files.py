# SPDX-License-Identifier: Apache-2.0
"""2,000 small files, with fewer descriptors than that: every line of every
file arrives once, also what is appended to them all later."""

import os

from harness import Account, Agent, LogWriter, Sandbox, flow, path, scenario
from harness import scaled

FILES = 2000


@scenario
def play():
    sandbox = Sandbox()
    first = scaled(FILES)
    # One writer for all, a line of each to a file of its own in turn.
    log = LogWriter("all.txt")
    agent = Agent(
        sandbox, [flow("many/*.log", "one")], wrap=["prlimit", "--nofile=512"]
    )
    spread(log, first)
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    spread(log, first)
    account.wait_delivered()
    agent.stop()
    spread(log, first)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def spread(log, files):
    """Three more lines to each of `files` files."""
    os.makedirs(path("many"), exist_ok=True)
    for number in range(files):
        with open(path(f"many/{number:04d}.log"), "ab") as out:
            out.write(b"".join(log.write(3)))
