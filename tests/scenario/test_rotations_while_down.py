# SPDX-License-Identifier: Apache-2.0
"""Several rotations with compress and delaycompress while the agent was down:
each file's lines come once, also of files that it never saw uncompressed, in
the order in which they were written."""

from archives import Absence, rotate
from harness import scenario

CASES = "gzip.exact.kill9 gzip.glob.sigterm zstd.exact.sigterm zstd.glob.kill9"


@scenario
def play(case):
    how, pattern, ending = case.split(".")
    down = Absence(pattern, ending)
    for _ in range(4):
        down.log.write(500)
        rotate(down.log, how)
    down.log.write(500)
    down.settle(across=True)
