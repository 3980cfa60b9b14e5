# SPDX-License-Identifier: Apache-2.0
"""The destination is away for longer than memory lasts, and the logs are
rotated meanwhile, each in its way: what was unread then and still is on disk
afterwards, as a file, a copy or an archive, arrives once."""

from harness import Agent, Sandbox, flow, scenario, stays_true, wait_until
from rotations import Books, Log

CASES = "exact all"

KINDS = "create shift dateext subdirectory compress zstd delaycompress copytruncate copycompress copysubdirectory copy".split()


@scenario
def play(case):
    pattern = "app.log" if case == "exact" else "app.log*"
    sandbox = Sandbox()
    logs = [Log(kind, 5000) for kind in KINDS]
    agent = Agent(
        sandbox,
        [flow(f"logs/{log.name}/{pattern}", log.name,
              maxBufferSizeBytes=50000) for log in logs],
        settings={"memoryBudgetBytes": 16 << 20},
    ).start()  # fmt: skip
    wait_until(
        lambda: len({at.stream for at in sandbox.records()}) == len(logs),
        "the first lines",
    )
    sandbox.fault("500", count=-1)
    stays_true(lambda: True, 1, "a moment")
    for _ in range(3):
        stays_true(lambda: True, 0.5, "a moment")
        for log in logs:
            log.rotate(log.name)
    stays_true(lambda: True, 0.3, "a moment")
    sandbox.no_faults()
    for log in logs:
        log.stop()
    books = Books(sandbox, agent, logs)
    books.wait_delivered()
    books.wait_quiet()
    agent.stop()
    print(books.report())
    books.settle()
