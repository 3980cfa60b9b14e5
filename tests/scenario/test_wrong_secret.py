# SPDX-License-Identifier: Apache-2.0
"""A wrong secret: one clear line, nothing accepted, and nothing lost once the
right one is configured. The secret itself is never shown."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(1000)
    agent = Agent(
        sandbox,
        [flow("app.log", "one")],
        {"awsSecretAccessKey": "not-the-secret", "shutdownTimeoutMillis": 500},
    ).start()
    agent.wait_log("(warn|error) .*signature")
    log.write(1000)
    agent.stop()
    shown = agent.log_lines("not-the-secret")
    check(not shown, f"shows the secret: {shown}")
    said = agent.log_lines("(warn|error) .*signature")
    check(len(said) <= 2, f"says it {len(said)} times: {said[:3]}")
    check(sandbox.stats()["accepted_records"] == 0, "records were accepted")

    agent.configure({"awsSecretAccessKey": Sandbox.SECRET_KEY})
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    account.settle()
