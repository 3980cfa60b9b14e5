# SPDX-License-Identifier: Apache-2.0
"""A file that is renamed and removed before the agent has read it to its end
is read to its end all the same, as long as the agent is up."""

import os

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import scaled


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent = Agent(sandbox, [flow("app.log", "one")]).start()
    account = Account(sandbox, log)
    log.write(10)
    account.wait_delivered()
    sandbox.fault("throttle", count=3)
    for _ in range(5):
        log.write(scaled(5000))
        log.rotate()
        os.unlink(log.file + ".1")
        log.write(10)
        account.wait_delivered()
    agent.stop()
    account.settle()
