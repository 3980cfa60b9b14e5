# SPDX-License-Identifier: Apache-2.0
"""Where the disk does not take the last checkpoint, or does not even answer,
the agent ends all the same, says so, and its exit code tells it from an end
in order; the next start sends again what was not noted, and loses nothing."""

import signal

import inject
from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "fails hangs"

# Who waits for a disk cannot be ended before it answers.
FATES = {
    "fails": ("error=EIO", "could not write the checkpoints .*input/output"),
    "hangs": ("delay_enter=7s", "gave up after 5000 ms"),
}


@scenario
def play(case):
    inject.need()
    what, words = FATES[case]
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(100)
    agent = Agent(sandbox, [flow("app.log", "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    # Of what was there before nothing is synced until something is noted.
    inject.Fate("fdatasync", what, "1+").befalls(agent)
    log.write(500)
    account.wait_delivered()
    agent.process.signal(signal.SIGTERM)
    code = agent.wait_exit(20)
    check(code == 3, f"exit code {code}")
    check(len(agent.log_lines(words)) == 1, agent.process.ending())
    agent.start()
    log.write(100)
    account.wait_delivered()
    agent.stop()
    account.settle(repeated=500)
    check(account.repeats() == 500, "the disk had taken it after all")
