# SPDX-License-Identifier: Apache-2.0
"""Archives that were there before the flow's first start, that hold what was
delivered long ago, that copy a log which is still there, or that belong to
another log are left alone, over any number of restarts."""

import os
import shutil

from archives import compress
from harness import Account, Agent, LogWriter, Sandbox, check, flow, run
from harness import scenario

CASES = "exact.sigterm glob.kill9"


@scenario
def play(case):
    pattern, ending = case.split(".")
    sandbox = Sandbox()
    log = LogWriter("log/app.log")
    log.write(300)
    log.rotate()
    compress(log.file + ".1", "gzip")
    os.rename(log.file + ".1.gz", log.file + ".3.gz")
    log.births = [0]
    del log.lines[:]
    log.write(1000)
    glob = {"exact": "log/app.log", "glob": "log/app.log*"}[pattern]
    agent = Agent(sandbox, [flow(glob, "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    log.rotate()
    log.write(200)
    account.wait_delivered()
    for turn in range(4):
        agent.wait_settled()
        if ending == "sigterm":
            agent.stop()
        else:
            agent.kill9()
        if turn == 0:
            run("gzip", log.file + ".1")
            shutil.copy(log.file, log.file + "-20261121")
            compress(log.file + "-20261121", "gzip")
            with open(os.path.dirname(log.file) + "/other.log", "wb") as out:
                out.write(b"another log\n")
            compress(os.path.dirname(log.file) + "/other.log", "zstd")
        if turn == 1:
            os.rename(log.file + ".1.gz", log.file + ".2.gz")
        agent.start()
        log.write(100)
        account.wait_delivered()
    agent.wait_settled()
    agent.stop()
    account.settle()
    check(not agent.log_lines("lost [1-9]"), "something reported as lost")
