# SPDX-License-Identifier: Apache-2.0
"""skipHeaderLines: no header of any file arrives, and every line behind them
does: files that are there and files that come, headers written byte by byte,
after rotations, after a truncation, over kill -9 in the middle of a header,
and with END_OF_FILE."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import at_a_random_moment

HEAD = b"#Version: 1.0\n\n#Fields: date time c-ip\n"


@scenario
def play():
    sandbox = Sandbox()
    log, old = LogWriter("app.log"), LogWriter("old/app.log", name="old")
    late = LogWriter("old/late.log")
    old.put(HEAD + b"before our time\n")
    late.put(HEAD[:20])
    agent = Agent(
        sandbox,
        [
            flow("app.log*", "one", skipHeaderLines=3),
            flow(
                "old/*.log",
                "one",
                skipHeaderLines=3,
                initialPosition="END_OF_FILE",
            ),
        ],
    ).start()
    agent.wait_ready()
    agent.wait_settled()
    for turn in range(4):
        for at in range(len(HEAD)):
            log.put(HEAD[at : at + 1])
            if at == 16:
                at_a_random_moment(0, 0.2)
                agent.kill9()
                agent.start()
        log.write(200)
        if turn == 1:  # it may be empty for a moment: nobody writes
            Account(sandbox, log).wait_delivered()
            with open(log.file, "r+b") as file:
                file.truncate(0)
            continue
        log.rotate()
    old.write(100)
    late.put(HEAD[20:])
    late.write(100)
    account = Account(sandbox, log, old, late)
    account.wait_delivered()
    agent.stop()
    account.settle(repeated=None)

    sandbox.records().clear()
    agent.start()
    new = LogWriter("app.log.new")
    new.put(HEAD)
    new.write(10)
    account = Account(sandbox, new)
    account.wait_delivered()
    agent.stop()
    said = agent.log_lines(r"app\.log\*: delivered .* filtered 3 lines")
    check(said, "the report does not say what was filtered")
    account.settle()
