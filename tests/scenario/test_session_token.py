# SPDX-License-Identifier: Apache-2.0
"""Temporary keys: the session token is sent, is part of the signature, and is
never shown."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

TOKEN = "IQoJ+token/with=odd+characters//=="


@scenario
def play():
    sandbox = Sandbox(options=["--session-token", TOKEN])
    log = LogWriter("app.log")
    log.write(500)
    agent = Agent(
        sandbox, [flow("app.log", "one")], {"awsSessionToken": TOKEN}
    ).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    account.settle()
    check(TOKEN not in agent.process.log_text(), "shows the token")
    check(sandbox.stats()["bad_signatures"] == 0, "a signature was refused")
