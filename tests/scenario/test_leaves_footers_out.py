# SPDX-License-Identifier: Apache-2.0
"""fileFooterPattern: neither a footer nor what follows it in its file
arrives, also when that follows after a restart or a kill -9; the next file
under the name begins anew; all of it is counted."""

import re

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

FOOT = b" \t== 200 lines ==  \r\n"


def leave_out(log, account, agent):
    """Put a footer, and lines that are not to arrive."""
    log.put(FOOT)
    log.put(b"".join(log.make(5)))
    account.wait_delivered()
    agent.wait_log(re.escape(log.file) + ".*the footer is at")


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent = Agent(
        sandbox,
        [flow("app.log*", "one", fileFooterPattern=r"== \d+ lines ==")],
    ).start()
    account = Account(sandbox, log)
    for end in ("stop", "kill9"):
        log.write(200)
        leave_out(log, account, agent)
        agent.wait_settled()
        agent.stop() if end == "stop" else agent.kill9()
        log.put(b"".join(log.make(5)))
        agent.start()
        log.put(b"".join(log.make(5)))
        log.rotate()
        log.write(10)
        account.wait_delivered()
        log.rotate()
    log.write_line(b"x " + FOOT)
    log.write(10)
    account.wait_delivered()
    agent.stop()
    account.settle(repeated=None)

    log.put(FOOT + b"a\nb\n")
    agent.start()
    wait_until(
        lambda: agent.log_lines("the footer is at"), "the footer to be seen"
    )
    agent.stop()
    said = agent.log_lines(r"filtered 3 lines \(%d bytes\)" % (len(FOOT) + 4))
    check(said, "the report does not say what was filtered")
    account.settle(repeated=None)
