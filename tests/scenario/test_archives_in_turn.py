# SPDX-License-Identifier: Apache-2.0
"""Archives of one log that are both still to be read after a crash, the elder
known by its row, the younger found by its content: each has its turn."""

import os

from archives import Absence, compress
from harness import scenario


@scenario
def play():
    down = Absence("exact", "kill9")
    log, agent, sandbox = down.log, down.agent, down.sandbox
    log.write(500)
    log.rotate()
    compress(log.file + ".1")
    log.write(500)
    # Both are read, and nothing of it is noted as delivered.
    sandbox.fault("500", count=-1)
    agent.start()
    agent.wait_log("500")
    agent.wait_settled()
    agent.kill9()
    sandbox.no_faults()
    os.rename(log.file + ".1.gz", log.file + ".2.gz")
    log.rotate()
    compress(log.file + ".1")
    log.write(100)
    down.settle()
