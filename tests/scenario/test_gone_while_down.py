# SPDX-License-Identifier: Apache-2.0
"""What was not delivered and was deleted or truncated while the agent was down
is reported as lost, to the byte."""

import os

from archives import PATTERNS, lost_bytes
from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "deleted.exact.sigterm deleted.glob.kill9 truncated.exact.kill9 truncated.glob.sigterm replaced.exact.sigterm"


@scenario
def play(case):
    what, pattern, ending = case.split(".")
    sandbox = Sandbox(cert="own")
    log = LogWriter("log/app.log")
    log.write(1000)
    agent = Agent(
        sandbox,
        [flow(PATTERNS[pattern], "one")],
        {"shutdownTimeoutMillis": 200},
    ).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.wait_settled()
    sandbox.stop()
    gone = sum(len(line) for line in log.write(500))
    del log.lines[1000:]
    agent.wait_log("connect")
    agent.wait_settled()
    if ending == "sigterm":
        agent.stop()
    else:
        agent.kill9()
    if what == "deleted":
        os.unlink(log.file)
        log.reopen()
    elif what == "truncated":
        os.truncate(log.file, 0)
    else:
        with open(log.file + ".new", "wb"):
            pass
        os.rename(log.file + ".new", log.file)
        log.reopen()
    log.write(300)
    sandbox.start()
    agent.start()
    account.wait_delivered()
    agent.wait_settled()
    found = lost_bytes(agent)
    agent.stop()
    account.settle()
    check(found == gone, f"reported {found} bytes lost, not {gone}")
    agent.start()
    log.write(10)
    account.wait_delivered()
    agent.stop()
    account.settle()
    check(lost_bytes(agent) == 0, "lost twice")
