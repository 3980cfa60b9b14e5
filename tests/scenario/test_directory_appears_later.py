# SPDX-License-Identifier: Apache-2.0
"""A flow whose directory does not exist yet: one clear line names it, the
other flow goes on, and when the directory comes its files are read from the
start."""

import os

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import scenario


@scenario
def play():
    sandbox = Sandbox()
    fine = LogWriter("fine/app.log")
    fine.write(100)
    agent = Agent(
        sandbox,
        [
            flow("later/deep/*.log", "one", initialPosition="END_OF_FILE"),
            flow("fine/*.log", "two"),
        ],
    )
    for each in agent.config["flows"]:
        each["maxTimeBetweenFileTrackerRefreshMillis"] = 1000
    agent.start()
    agent.wait_log(path("later/deep"))
    account = Account(sandbox, fine)
    account.wait_delivered()
    check(not os.path.exists(path("later")), "the agent made the directory")

    log = LogWriter("later/deep/app.log")
    log.write(500)
    fine.write(100)
    account = Account(sandbox, log, fine)
    account.wait_delivered()
    agent.stop()
    account.settle()
