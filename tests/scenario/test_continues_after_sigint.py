# SPDX-License-Identifier: Apache-2.0
"""SIGINT ends the agent as SIGTERM does."""

import signal

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario


@scenario
def play():
    sandbox = Sandbox(tls=False)
    log = LogWriter("app.log")
    log.write(1000)
    agent = Agent(sandbox, [flow("app.log", "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop(signal.SIGINT)
    log.write(1000)
    agent.start()
    account.wait_delivered()
    agent.stop(signal.SIGINT)
    account.settle()
