# SPDX-License-Identifier: Apache-2.0
"""END_OF_FILE: what was in the files before the first start is left alone;
from then on every line counts, over restarts, a crash before anything was
delivered, and in files that come later."""

from harness import Account, Agent, LogWriter, Sandbox, flow, scenario
from harness import stays_true


@scenario
def play():
    sandbox = Sandbox()
    old = LogWriter("app.log", name="old")
    old.write(500)
    half = old.make(1)[0]
    with open(old.file, "ab") as out:
        out.write(half[:10])  # its end comes later: then it is ours
    log = LogWriter("app.log", name="new")
    agent = Agent(
        sandbox, [flow("*.log", "one", initialPosition="END_OF_FILE")]
    ).start()
    agent.wait_ready()
    agent.wait_settled()
    agent.kill9()

    with open(log.file, "ab") as out:
        out.write(half[10:])
    log.lines.append(half)
    log.write(100)
    later = LogWriter("later.log")
    later.write(100)
    agent.start()
    account = Account(sandbox, log, later)
    account.wait_delivered()
    agent.stop()
    log.write(100)
    agent.start()
    account.wait_delivered()
    stays_true(lambda: not account.torn(), 0.3, "old lines stay away")
    agent.stop()
    account.settle()
