# SPDX-License-Identifier: Apache-2.0
"""partialLineTimeoutMillis: a last line without newline is sent when it has
not grown for so long, and not before; what comes behind it is a record of its
own; a restart repeats neither."""

import time

from harness import Agent, LogWriter, Sandbox, check, flow, scenario
from harness import SLOW, stays_true, wait_until

TIMEOUT = 0.7 * SLOW


def log_size(log):
    with open(log.file, "rb") as file:
        return len(file.read())


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent = Agent(
        sandbox,
        [flow("*.log", "one", partialLineTimeoutMillis=int(TIMEOUT * 1000))],
    ).start()

    def arrived():
        return [at.data for at in sandbox.records()]

    def wait_for(*lines):
        wait_until(
            lambda: arrived() == list(lines),
            lambda: f"expected {lines}, got {arrived()}",
        )

    log.put(b"whole\nha")
    wait_for(b"whole\n")
    began = time.monotonic()
    while time.monotonic() < began + 1.5 * TIMEOUT:  # it grows and grows
        log.put(b"a")
        stays_true(lambda: len(arrived()) == 1, 0.2, "it grows")
    half = b"ha" + b"a" * (log_size(log) - len(b"whole\nha"))
    grown = time.monotonic()
    wait_for(b"whole\n", half)
    check(
        time.monotonic() - grown > 0.5 * TIMEOUT,
        "sent while it may have been growing",
    )
    agent.stop()
    check(
        agent.log_lines(r"without newline 1\b"), "the report does not count it"
    )
    agent.start()
    log.put(b"rest\nnext\n")
    wait_for(b"whole\n", half, b"rest\n", b"next\n")
    log.put(b"end")
    wait_for(b"whole\n", half, b"rest\n", b"next\n", b"end")
    agent.wait_settled()
    agent.kill9()
    agent.start()
    log.put(b"\n")
    wait_for(b"whole\n", half, b"rest\n", b"next\n", b"end", b"\n")
    agent.stop()
