# SPDX-License-Identifier: Apache-2.0
"""A file that vanishes, with its lines delivered or not: the others go on,
and a new file under its name is followed from its start."""

import os

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    gone, fine = LogWriter("gone.log"), LogWriter("fine.log")
    gone.write(200)
    fine.write(200)
    agent = Agent(sandbox, [flow("*.log", "one")]).start()
    account = Account(sandbox, gone, fine)
    account.wait_delivered()
    os.unlink(gone.file)
    gone.write(200)  # its writer has not noticed: still readable, unnamed
    fine.write(200)
    account.wait_delivered()
    gone.reopen()
    gone.write(200)
    fine.write(200)
    account.wait_delivered()
    os.unlink(gone.file)
    agent.stop()
    fine.write(200)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
