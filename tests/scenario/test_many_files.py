# SPDX-License-Identifier: Apache-2.0
"""2,000 small files, with fewer descriptors than that: every line of every
file arrives once, in order, also what is appended to them all later and what
is appended while the agent is down."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario, scaled


@scenario
def play():
    sandbox = Sandbox()
    logs = [
        LogWriter(f"many/{n:04d}.log", hold=False) for n in range(scaled(2000))
    ]
    agent = Agent(
        sandbox, [flow("many/*.log", "one")], wrap=["prlimit", "--nofile=512"]
    )
    account = Account(sandbox, *logs)
    for log in logs:
        log.write(3)
    agent.start()
    account.wait_delivered()
    for log in logs:
        log.write(3)
    account.wait_delivered()
    agent.stop()
    for log in logs:
        log.write(3)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
