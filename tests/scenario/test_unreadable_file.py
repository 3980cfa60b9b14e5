# SPDX-License-Identifier: Apache-2.0
"""A file or a directory that the agent may not read: one clear line that
names it, the other files go on, and its lines are delivered as soon as it may
be read."""

import os

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario

CASES = "file directory"


@scenario
def play(case):
    sandbox = Sandbox()
    secret = LogWriter("closed/secret.log")
    secret.write(500)
    fine = LogWriter("logs/fine.log")
    fine.write(500)
    shut = secret.file if case == "file" else os.path.dirname(secret.file)
    os.chmod(shut, 0)
    agent = Agent(
        sandbox,
        [flow("closed/*.log", "one"), flow("logs/*.log", "two")],
    ).unprivileged()
    for each in agent.config["flows"]:
        each["maxTimeBetweenFileTrackerRefreshMillis"] = 1000
    agent.start()
    agent.wait_log(f"{shut}.*[Pp]ermission denied")
    account = Account(sandbox, fine, stream="two")
    account.wait_delivered()
    fine.write(500)
    account.wait_delivered()

    os.chmod(shut, 0o755)
    later = Account(sandbox, secret, stream="one")
    later.wait_delivered()
    agent.stop()
    account.settle()
    later.settle()
