# SPDX-License-Identifier: Apache-2.0
"""However and whenever it is asked to end, the agent ends in order: by a
signal in its first moments, by a terminal that is closed, by nohup's owner
(not by the terminal then), by two signals at once."""

import os
import signal

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import stays_true, wait_until

CASES = "at-once hangup nohup twice"


def blocks(agent, number):
    """Does the agent (not yet what starts it) hear of the signal in order?"""
    pid = agent.process.pid
    if os.readlink(f"/proc/{pid}/exe") != os.path.realpath(agent.binary):
        return False
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        masks = dict(line.split(":\t") for line in status.read().splitlines())
    return int(masks["SigBlk"], 16) >> (number - 1) & 1


def play_at_once(agent, log, account):
    """As soon as it is the agent's own code that runs."""
    for number in (signal.SIGTERM, signal.SIGINT) * 5:
        agent.start()
        wait_until(lambda: blocks(agent, number), "the signal blocked")
        agent.stop(number)
    log.write(500)
    agent.start()
    account.wait_delivered()
    agent.stop()


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(500)
    account = Account(sandbox, log)
    agent = Agent(sandbox, [flow("app.log", "one")])
    if case == "at-once":
        play_at_once(agent, log, account)
        account.settle()
        return
    if case == "nohup":
        agent.wrap = ["nohup"]
    terminal = None
    if case == "hangup":
        terminal, line = os.openpty()
        own_it = 'exec setsid --ctty "$@" <"$0"'
        agent.wrap = ["sh", "-c", own_it, os.ttyname(line)]
    agent.start()
    account.wait_delivered()
    if case == "hangup":
        agent.process.must_run = False
        os.close(line)
        os.close(terminal)
        check(agent.wait_exit() == 0, agent.process.ending())
        check(agent.log_lines("Hangup: stopping;"), "names the signal")
        agent.wrap = []
    elif case == "nohup":
        agent.process.popen.send_signal(signal.SIGHUP)
        stays_true(lambda: agent.process.poll() is None, 0.3, "nohup")
        log.write(500)
        account.wait_delivered()
        agent.stop()
    else:
        sandbox.fault("slow", count=-1, ms=700)
        before = sandbox.stats()["requests"]
        log.write(500)
        wait_until(lambda: sandbox.stats()["requests"] > before, "a request")
        agent.process.signal(signal.SIGTERM)
        agent.stop(signal.SIGHUP)
        check(agent.log_lines("Terminated: stopping;"), "names the signal")
        sandbox.no_faults()
    log.write(500)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
