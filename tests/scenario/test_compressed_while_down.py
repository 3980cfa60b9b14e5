# SPDX-License-Identifier: Apache-2.0
"""What was written, rotated and compressed while the agent was down is read
inside the archive, from the exact byte; afterwards the archive is done."""

from archives import Absence, compress
from harness import scenario

CASES = "gzip.exact.sigterm gzip.glob.kill9 zstd.exact.kill9 zstd.glob.sigterm"


@scenario
def play(case):
    how, pattern, ending = case.split(".")
    down = Absence(pattern, ending)
    down.log.write(700)
    down.log.rotate()
    compress(down.log.file + ".1", how)
    down.log.write(700)
    down.settle(across=True)
