# SPDX-License-Identifier: Apache-2.0
"""A directory, a FIFO, a socket, a device or a dangling link that matches the
pattern: the agent neither hangs nor ends, names what it leaves alone, and
follows the other files."""

import os
import socket

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import scenario


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("logs/app.log")
    log.write(200)
    agent = Agent(sandbox, [flow("logs/*", "one")])
    os.mkdir(path("logs/directory"))
    os.mkfifo(path("logs/fifo"))
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.wait_log("logs/directory")
    agent.wait_log("logs/fifo")

    os.mkfifo(path("logs/later-fifo"))
    os.mkdir(path("logs/later-directory"))
    os.symlink("nowhere", path("logs/dangling"))
    os.symlink("/dev/zero", path("logs/device"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path("logs/socket"))
        log.write(200)
        account.wait_delivered()
        agent.wait_log("logs/later-fifo")
        agent.stop()
    for name in ("logs/directory", "logs/fifo"):
        said = agent.log_lines(path(name) + r"\b")
        check(len(said) <= 2, f"says it {len(said)} times: {said[:3]}")
    account.settle()
