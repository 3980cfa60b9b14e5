# SPDX-License-Identifier: Apache-2.0
"""copytruncate while the agent was down, with and without compression: the
rest is read in the copy, and the original from its new start."""

import os
import shutil

from archives import Absence, compress
from harness import scenario

CASES = "plain.exact.sigterm plain.glob.kill9 gzip.exact.kill9 zstd.glob.sigterm"



@scenario
def play(case):
    how, pattern, ending = case.split(".")
    down = Absence(pattern, ending)
    down.log.write(700)
    shutil.copyfile(down.log.file, down.log.file + ".1")
    os.truncate(down.log.file, 0)
    down.log.births.append(len(down.log.lines))
    if how != "plain":
        compress(down.log.file + ".1", how)
    down.log.write(700)
    down.settle()
