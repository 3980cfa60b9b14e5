# SPDX-License-Identifier: Apache-2.0
"""2,000 directories under one pattern: every line of every file arrives once,
also when all files are appended to, and when directories come and go."""

import os
import shutil

from harness import Account, Agent, LogWriter, Sandbox, flow, path, scaled
from harness import scenario


@scenario
def play():
    sandbox = Sandbox()
    count = scaled(2000)
    logs = [
        LogWriter(f"top/{n % 50}/{n}/app.log", hold=False)
        for n in range(count)
    ]
    agent = Agent(
        sandbox,
        [flow("top/*/*/*.log", "one",
              maxTimeBetweenFileTrackerRefreshMillis=600000)],
    )  # fmt: skip
    account = Account(sandbox, *logs)
    for log in logs:
        log.write(3)
    agent.start()
    account.wait_delivered()
    for log in logs:
        log.write(3)
    account.wait_delivered()
    gone = logs[:100]
    for log in gone:
        shutil.rmtree(os.path.dirname(log.file))
    for log in gone:
        fresh = LogWriter(
            os.path.relpath(log.file, path()), name=f"again_{log.name}",
            hold=False,
        )  # fmt: skip
        fresh.write(3)
        logs.append(fresh)
    for log in logs[100:]:
        log.write(3)
    account = Account(sandbox, *logs)
    account.wait_delivered()
    agent.stop()
    account.settle()
