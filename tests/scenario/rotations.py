# SPDX-License-Identifier: Apache-2.0
"""rotations: logs that are written fast and rotated in every way, and the
account of what became of each line. For test_rotation_*.py and explore.py.

A Log has a process that writes numbered lines (writer.c) and keeps a journal
of them, and a thread that rotates. What must arrive is known from the disk:
where nothing was truncated, every line; else whatever stands in the log, in
its copies, and stood in files when they were removed.
"""

import collections
import gzip
import os
import re
import random
import shutil
import subprocess
import threading
import time

import harness
from harness import SLOW, Failure, binary, check, own, path, ranges, wait_until

ENDINGS = ("", ".gz", ".zst")
PACKED = (".gz", ".zst")
LOST = re.compile(r"(\S+): lost (?:at least )?(\d+) bytes")


class Log:
    """One log, its writer, its rotations. `name` is its stream, its
    directory and the first word of its lines."""

    def __init__(self, name, rate, *options):
        self.name = name
        self.alone = False  # is one request under way at a time?
        self.holds = any(at.startswith("hold") for at in options)
        self.options = options
        self.directory = path("logs", name)
        self.file = path("logs", name, "app.log")
        self.journal = own(f"{name}.journal")
        self.rotated = 0  # so often
        self.truncated = False
        self.removed = []  # what stood in files that are gone
        self.unwanted = set()  # what stood there before anybody looked
        self.thread = self.trouble = None
        self.ending = threading.Event()
        os.makedirs(self.directory, exist_ok=True)
        self.rng = random.Random(harness.stage.rng.random())
        seed = self.rng.randrange(1, 2**63)
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", binary("SCENARIO_WRITER"),
             self.file, name, self.journal, str(seed),
             str(max(1, int(rate / SLOW))), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        harness.stage.writers.append(self)
        self.tell("c")

    def tell(self, letter):
        """Have the writer do that; it is done when this returns."""
        self.process.stdin.write(letter.encode() + b"\n")
        self.process.stdin.flush()
        check(self.process.stdout.readline(), f"{self.name}: writer ended")

    def begin(self, kinds, least=0.3, most=0.9, after=None):
        """Rotate every `least` to `most` seconds in one of these ways;
        `after` is called after each."""

        def keep_rotating():
            try:
                while not self.ending.wait(self.rng.uniform(least, most)):
                    self.rotate(self.rng.choice(kinds))
                    if after is not None:
                        after(self)
            except Exception as error:  # told by stop()
                self.trouble = error

        self.ending.clear()
        self.thread = threading.Thread(target=keep_rotating, daemon=True)
        self.thread.start()
        return self

    def halt(self):
        """End the rotations; the writer goes on."""
        self.ending.set()
        if self.thread:
            self.thread.join()
            self.thread = None
        check(self.trouble is None, f"{self.name}: {self.trouble!r}")

    def stop(self):
        self.halt()
        if self.process.poll() is None:
            self.process.stdin.close()
            code = self.process.wait()
            check(code == 0, f"{self.name}: the writer ended with {code}")

    # -- what a rotation is made of

    def rotate(self, kind, **how):
        self.rotated += 1
        KINDS[kind](self, **how)

    def remove(self, file):
        """Remove it; what stands in it now must arrive."""
        if not file.endswith(PACKED):
            self.removed.append(read_pieces(file))
        os.unlink(file)

    def make_way(self, directory=None, keep=None):
        """Shift app.log.N up by one, so that app.log.1 is free; the one that
        would be beyond `keep` goes."""
        base = os.path.join(directory or self.directory, "app.log")
        last = 1
        while any(os.path.exists(f"{base}.{last}{at}") for at in ENDINGS):
            last += 1
        for number in range(last - 1, 0, -1):
            for ending in ENDINGS:
                old = f"{base}.{number}{ending}"
                if not os.path.exists(old):
                    continue
                if keep is not None and number >= keep:
                    self.remove(old)
                else:
                    os.rename(old, f"{base}.{number + 1}{ending}")
        return base + ".1"

    def copy(self, to, seconds=0):
        """Copy it as far as it goes, taking so long at least."""
        size = max(1, os.stat(self.file).st_size)
        began, done = time.monotonic(), 0
        with open(self.file, "rb") as log, open(to, "wb") as out:
            while part := log.read(1 << 16):
                out.write(part)
                out.flush()
                done += len(part)
                due = began + seconds * min(1, done / size)
                time.sleep(max(0, due - time.monotonic()))

    def squeeze(self, file, how="gzip"):
        """Compress a file, as logrotate does it."""
        with open(file, "rb") as log:
            if how == "gzip":
                with gzip.open(file + ".gz", "wb", 1) as out:
                    shutil.copyfileobj(log, out)
            else:
                with open(file + ".zst", "wb") as out:
                    subprocess.run(["zstd", "-q", "-1"], check=True,
                                   stdin=log, stdout=out)  # fmt: skip
        self.remove(file)

    # -- the account

    def lines(self):
        """Every line that was written."""
        with open(self.journal, "rb") as journal:
            return journal.read().splitlines(keepends=True)

    def pieces(self):
        """What stands, or stood, in files: whole lines, and ends without
        one."""
        whole, ends = set(), set()
        for more, rest in self.removed + [
            read_pieces(os.path.join(where, file))
            for where, _, files in os.walk(self.directory)
            for file in files
            if not file.endswith(".zst")
        ]:
            whole |= more
            ends |= rest
        return whole, ends

    def expected(self):
        """Every piece that must arrive."""
        if not self.truncated:
            return set(self.lines())
        return self.pieces()[0] - self.unwanted


def read_pieces(file):
    """The lines of a file, and what stands behind the last. A hole of NULs
    before a line is none of it."""
    with (gzip.open if file.endswith(".gz") else open)(file, "rb") as opened:
        lines = opened.read().splitlines(keepends=True)
    rest = set()
    if lines and not lines[-1].endswith(b"\n"):
        rest.add(lines.pop().lstrip(b"\0"))
    return {line.lstrip(b"\0") for line in lines}, rest


# ---------------------------------------------------------------------------
# The ways to rotate


def create(log):
    os.rename(log.file, f"{log.file}.{1000 + log.rotated}")
    log.tell("r")


def shift(log):
    os.rename(log.file, log.make_way())
    log.tell("r")


def shiftmax(log):
    os.rename(log.file, log.make_way(keep=4))
    log.tell("r")


def dateext(log):
    os.rename(log.file, f"{log.file}-20261121-{1795300000 + log.rotated}")
    log.tell("r")


def subdirectory(log):
    where = os.path.join(log.directory, "old")
    os.makedirs(where, exist_ok=True)
    os.rename(log.file, log.make_way(where))
    log.tell("r")


def delete(log):
    to = log.make_way()
    os.rename(log.file, to)
    log.tell("r")
    log.remove(to)


def compress(log, how="gzip"):
    to = log.make_way()
    os.rename(log.file, to)
    log.tell("r")
    log.squeeze(to, how)


def zstd(log):
    compress(log, "zstd")


def delaycompress(log, how="gzip"):
    to = log.make_way()
    if os.path.exists(log.file + ".2"):
        log.squeeze(log.file + ".2", how)
    os.rename(log.file, to)
    log.tell("r")


def delayzstd(log):
    delaycompress(log, "zstd")


def copytruncate(log, seconds=0):
    log.truncated = True
    log.copy(log.make_way(), seconds)
    os.truncate(log.file, 0)


def slowcopy(log):
    copytruncate(log, seconds=0.4)


def copycompress(log):
    copytruncate(log)
    log.squeeze(log.file + ".1")


def copysubdirectory(log):
    """copytruncate with olddir."""
    log.truncated = True
    where = os.path.join(log.directory, "old")
    os.makedirs(where, exist_ok=True)
    log.copy(log.make_way(where))
    os.truncate(log.file, 0)


def copy(log):
    log.copy(log.make_way())


def truncate(log):
    log.truncated = True
    os.truncate(log.file, 0)


KINDS = {
    at.__name__: at
    for at in (
        create, shift, shiftmax, dateext, subdirectory, delete, compress, zstd,
        delaycompress, delayzstd, copytruncate, copycompress, copysubdirectory, slowcopy, copy, truncate,
    )
}  # fmt: skip


# ---------------------------------------------------------------------------
# The account


def place(piece):
    """File and number of a line, as its writer counted them."""
    parts = piece.split(b" ", 3)
    return int(parts[1]), int(parts[2])


class Books:
    """What the logs were to deliver against what arrived."""

    def __init__(self, sandbox, agent, logs):
        self.sandbox = sandbox
        self.agent = agent
        self.logs = logs

    def arrived(self, log):
        return [at for at in self.sandbox.records() if at.stream == log.name]

    def wait_delivered(self, seconds=30):
        """Until everything is there that must come; the writers are done."""
        left = {log.name: log.expected() for log in self.logs}
        position = 0

        def all_there():
            nonlocal position
            records = self.sandbox.records()
            for at in records[position:]:
                left.get(at.stream, set()).discard(at.data)
            position = len(records)
            return not any(left.values())

        wait_until(all_there, lambda: f"delivery\n{self.report()}", seconds)

    def wait_quiet(self):
        """Until nothing has come for a while: nothing should any more."""
        seen = [-1, 0.0]

        def quiet():
            count = len(self.sandbox.records())
            if count != seen[0]:
                seen[:] = count, time.monotonic()
            return time.monotonic() - seen[1] > 0.3 * SLOW

        wait_until(quiet, "the stream to fall silent", 30)

    def audit(self, log):
        """Lost and repeated pieces, strange and disordered records."""
        records = self.arrived(log)
        counts = collections.Counter(at.data for at in records)
        lines = set(log.lines())
        whole, ends = log.pieces()
        lost = log.expected() - counts.keys()
        # A torn line's pieces may be short enough to look like one another.
        repeated = {
            at for at, n in counts.items()
            if n > 1 and (at in lines or len(at) > 32)
        }  # fmt: skip
        strange = {
            at for at in counts
            if at not in lines and at not in whole and at not in ends
        }  # fmt: skip
        if log.truncated:  # the end of a line whose begin was cut off
            text = b"".join(log.lines())
            strange = {at for at in strange if at not in text}
        return lost, repeated, strange, self.disorder(log, records, lines)

    def disorder(self, log, records, lines):
        """Neighbours in the wrong order: of a request, and of all requests
        where only one was under way at a time."""
        last, wrong = {}, []
        for at in sorted(records, key=lambda at: (at.request, at.index)):
            if at.data not in lines:
                continue
            now = place(at.data)
            source = () if log.alone else (at.request,)
            if log.holds:
                source += (now[0],)
            if now < last.get(source, now):
                wrong.append((at.request, last[source], now))
            last[source] = now
        return wrong

    def reported_lost(self, log):
        """Bytes that the agent says are lost."""
        return sum(
            int(found[2])
            for line in self.agent.log_lines("lost")
            for found in LOST.finditer(line)
            if found[1].startswith(log.directory + "/")
        )

    def truly_lost(self, log):
        """Bytes of lines that never arrived as what they were."""
        there = {at.data for at in self.arrived(log)}
        return sum(len(at) for at in log.lines() if at not in there)

    def report(self):
        text = []
        for log in self.logs:
            lost, repeated, strange, disorder = self.audit(log)
            text.append(
                f"  {log.name}: written {len(log.lines())} in"
                f" {log.rotated + 1} files, expected {len(log.expected())},"
                f" arrived {len(self.arrived(log))}, lost {len(lost)},"
                f" repeated {len(repeated)}, strange {len(strange)}, out of"
                f" order {len(disorder)}; bytes lost {self.truly_lost(log)},"
                f" reported {self.reported_lost(log)}"
            )
            for title, pieces in ("lost", lost), ("repeated", repeated):
                text.extend(f"    {title} {at}" for at in by_file(pieces))
            text.extend(f"    strange {at[:100]!r}" for at in [*strange][:5])
            text.extend(
                f"    request {request}: {after} stands after {before}"
                for request, before, after in disorder[:5]
            )
        return "\n".join(text)

    def settle(self, repeats=False):
        """Nothing lost, nothing repeated, in order."""
        unseen = self.agent.log_lines("came, was written to and went")
        check(not unseen, f"said to be unseen: {unseen}")
        for log in self.logs:
            lost, repeated, strange, disorder = self.audit(log)
            good = not lost and not strange
            if not repeats:
                good = good and not repeated and not disorder
            good = good and self.reported_lost(log) <= self.truly_lost(log)
            if not good:
                raise Failure(f"the books do not balance\n{self.report()}")


def by_file(pieces):
    """Lines, told by file and number."""
    files, others = collections.defaultdict(list), 0
    for piece in pieces:
        try:
            file, number = place(piece)
            files[file].append(number)
        except (IndexError, ValueError):
            others += 1
    for file in sorted(files):
        yield f"of file {file}: {ranges(files[file])}"
    if others:
        yield f"{others} pieces of lines"
