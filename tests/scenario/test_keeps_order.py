# SPDX-License-Identifier: Apache-2.0
"""With one request in flight, a file's lines arrive in file order from the
first to the last, not only within a request."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario, scaled


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(scaled(5000))
    agent = Agent(sandbox, [flow("app.log", "one", maxInFlight=1)]).start()
    for _ in range(20):
        log.write(scaled(500))
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    account.settle(across=True)
