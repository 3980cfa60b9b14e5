# SPDX-License-Identifier: Apache-2.0
"""Stopped or killed again and again while it reads inside large archives of
several logs, one of them followed by two flows: each goes on where it was."""

from archives import compress
from harness import Account, Agent, LogWriter, Sandbox, at_a_random_moment
from harness import flow, scaled, scenario

CASES = "sigterm kill9"


@scenario
def play(case):
    sandbox = Sandbox(streams={"one": 4, "two": 4})
    logs = [LogWriter(f"log/{name}.log") for name in "abc"]
    for log in logs:
        log.write(100)
    flows = [flow("log/*.log", "one"), flow("log/a.log", "two")]
    agent = Agent(sandbox, flows).start()
    one = Account(sandbox, *logs, stream="one")
    two = Account(sandbox, logs[0], stream="two")
    one.wait_delivered()
    two.wait_delivered()
    agent.wait_settled()
    agent.stop()
    for number, log in enumerate(logs):
        log.write(scaled(30000))
        log.rotate()
        compress(log.file + ".1", "zstd" if number == 1 else "gzip")
        log.write(100)
    for _ in range(5):
        # From then on a signal finds the agent, and not what starts it.
        agent.start().wait_log("credentials")
        at_a_random_moment(0.05, 0.25)
        if case == "sigterm":
            agent.stop()
        else:
            agent.kill9()
    agent.start()
    one.wait_delivered(seconds=60)
    two.wait_delivered(seconds=60)
    agent.wait_settled()
    agent.stop()
    print(f"repeated {one.repeats()} and {two.repeats()}")
    for account in (one, two):
        account.settle(repeated=None if case == "kill9" else 0)
