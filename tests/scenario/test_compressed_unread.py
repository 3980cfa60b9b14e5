# SPDX-License-Identifier: Apache-2.0
"""Rotated and compressed faster than the agent could look, with more files
than it may keep open: what it had not read is read inside the archives."""

import os
import signal

from archives import compress, lost_bytes
from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "gzip zstd"


@scenario
def play(how):
    sandbox = Sandbox(streams={"one": 4})
    logs = [LogWriter(f"log/{number:02d}.log") for number in range(60)]
    for log in logs:
        log.write(50)
    agent = Agent(
        sandbox,
        [flow("log/*.log", "one")],
        wrap=["prlimit", "--nofile=64:64"],
    ).start()
    account = Account(sandbox, *logs)
    account.wait_delivered()
    os.kill(agent.process.pid, signal.SIGSTOP)
    for log in logs:
        log.write(50)
        log.rotate()
        compress(log.file + ".1", how)
        log.write(50)
    os.kill(agent.process.pid, signal.SIGCONT)
    account.wait_delivered()
    agent.wait_settled()
    check(agent.log_lines("is in .* now"), "every file was still open")
    check(lost_bytes(agent) == 0, "something is said to be lost")
    agent.stop()
    account.settle()
    agent.start()
    for log in logs:
        log.write(1)
    account.wait_delivered()
    agent.stop()
    account.settle()
