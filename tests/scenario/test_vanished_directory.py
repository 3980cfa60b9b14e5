# SPDX-License-Identifier: Apache-2.0
"""A directory that vanishes and comes back: one clear line names it, the
other flow goes on, and the files of its successor are followed."""

import os
import shutil

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario

CASES = "removed renamed"


@scenario
def play(case):
    sandbox = Sandbox()
    log, fine = LogWriter("there/app.log"), LogWriter("fine/app.log")
    log.write(300)
    fine.write(300)
    agent = Agent(
        sandbox, [flow("there/*.log", "one"), flow("fine/*.log", "two")]
    )
    for each in agent.config["flows"]:
        each["maxTimeBetweenFileTrackerRefreshMillis"] = 1000
    agent.start()
    account = Account(sandbox, log, fine)
    account.wait_delivered()
    directory = os.path.dirname(log.file)
    if case == "removed":
        shutil.rmtree(directory)
    else:
        os.rename(directory, directory + ".old")
    agent.wait_log(directory)
    fine.write(300)
    account.wait_delivered()
    os.mkdir(directory)
    log.reopen()
    log.write(300)
    fine.write(300)
    account.wait_delivered()
    agent.stop()
    account.settle()
