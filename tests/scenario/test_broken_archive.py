# SPDX-License-Identifier: Apache-2.0
"""An archive that is broken or was never finished is read as far as it goes,
given up with one line that tells how much is lost, and left alone after."""

import zlib

from archives import Absence, compress, lost_bytes
from harness import check, read, scenario

CASES = "gzip.damaged.sigterm zstd.damaged.kill9 gzip.cut.kill9 zstd.cut.sigterm"


def damage(file, how, what):
    """Replace `file` by an archive that cannot be read beyond its middle."""
    text = read(file)
    archive = compress(file, how)
    data = read(archive)
    middle = len(data) // 2
    if what == "cut":
        data = data[:middle]
    elif how == "zstd":
        data = data[:middle] + b"\xff" * 1000 + data[middle + 1000 :]
    else:
        # At the start of a block, where deflate notices it at once.
        packer = zlib.compressobj(wbits=31)
        data = packer.compress(text[: len(text) // 2])
        data += packer.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 1000
        data += packer.compress(text[len(text) // 2 :]) + packer.flush()
    with open(archive, "r+b") as out:
        out.write(data)
        out.truncate()


@scenario
def play(case):
    how, what, ending = case.split(".")
    down = Absence("exact", ending)
    log, agent, account = down.log, down.agent, down.account
    log.write(20000)
    log.rotate()
    damage(log.file + ".1", how, what)
    log.write(100)
    agent.start()
    agent.wait_log("given up", seconds=20)
    agent.wait_log("done with .*app.log.1")
    account.wait_some(1000 + 2000)
    log.write(100)
    agent.wait_settled()
    agent.stop()
    check(len(agent.log_lines("given up")) == 1, "said more than once")
    there = account.counts()
    lost = [line for line in log.lines if line not in there]
    check(account.repeats() == 0, "something came twice")
    first = len(log.lines) - 200 - len(lost)
    check(lost == log.lines[first:-200], "lost other lines than the archive's")
    known, found = sum(len(line) for line in lost), lost_bytes(agent)
    if what == "cut":
        # Nobody can say how long it should have been.
        check(0 < found <= known, f"reported {found} lost of {known}")
    else:
        check(found == known, f"reported {found} lost of {known}")
    check(not account.torn(), account.report())
    arrived = len(account.arrived())
    agent.start()
    log.write(10)
    account.wait_some(arrived + 10)
    agent.stop()
    check(account.repeats() == 0, "something came twice")
    check(not agent.log_lines("given up"), "looked at again")
