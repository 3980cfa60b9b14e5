# SPDX-License-Identifier: Apache-2.0
"""Files that came, were rotated and compressed while the agent could not look,
as often as an archive may: each is read whole in its archive, once."""

import os
import signal

from archives import compress, lost_bytes
from harness import Account, Agent, LogWriter, Sandbox, check, flow, path, scenario

CASES = "gzip.exact zstd.glob"


def shift(log):
    """Make way for app.log.1: archives keep their endings."""
    names = [at for at in os.listdir(path("log")) if at.startswith("app.log.")]
    for name in sorted(names, key=lambda at: -int(at.split(".")[2])):
        parts = name.split(".")
        parts[2] = str(int(parts[2]) + 1)
        os.rename(path("log", name), path("log", ".".join(parts)))


@scenario
def play(case):
    how, kind = case.split(".")
    sandbox = Sandbox()
    log = LogWriter("log/app.log")
    log.write(50)
    pattern = "log/app.log" + ("*" if kind == "glob" else "")
    agent = Agent(sandbox, [flow(pattern, "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    for _ in range(2):
        os.kill(agent.process.pid, signal.SIGSTOP)
        for _ in range(3):
            log.write(50)
            shift(log)
            log.rotate()
            compress(log.file + ".1", how)
        os.kill(agent.process.pid, signal.SIGCONT)
        account.wait_delivered()
    check(agent.log_lines("between two looks"), "every file was met")
    agent.wait_settled()
    check(lost_bytes(agent) == 0, "something is said to be lost")
    agent.stop()
    account.settle()
    agent.start()
    log.write(1)
    account.wait_delivered()
    agent.stop()
    account.settle()
