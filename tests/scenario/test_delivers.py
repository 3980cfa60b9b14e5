# SPDX-License-Identifier: Apache-2.0
"""Lines of several files and two flows arrive byte for byte, each in its own
flow's stream, and stand in file order within every request."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario


@scenario
def play():
    sandbox = Sandbox(streams={"web": 4, "audit": 1})
    web = [LogWriter(f"web/access{n}.log") for n in range(3)]
    audit = [LogWriter("audit/a.log"), LogWriter("audit/b.log")]
    for writer in web + audit:
        writer.write(1000)
    agent = Agent(
        sandbox, [flow("web/*.log", "web"), flow("audit/*", "audit")]
    ).start()
    for _ in range(20):
        for writer in web + audit:
            writer.write(50)
    web.append(LogWriter("web/late.log"))
    web[-1].write(500)

    accounts = [
        Account(sandbox, *web, stream="web"),
        Account(sandbox, *audit, stream="audit"),
    ]
    for account in accounts:
        account.wait_delivered()
    agent.stop()
    for account in accounts:
        account.settle()
