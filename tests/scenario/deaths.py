# SPDX-License-Identifier: Apache-2.0
"""deaths: what a kill -9 may repeat: what the checkpoints on disk do not say
was delivered, and nothing else. How much that is depends on how busy the
machine was; which lines they are does not."""

import gzip
import hashlib
import os
import shutil
import sqlite3
import struct
import zlib

import harness
from harness import own

INTERVAL = 0.05  # between two checkpoints

MARK = struct.Struct(">QQI")  # where it ends, its value, its length
RANGE = struct.Struct(">QQ")


def rows_of(state):
    """The rows of an agent that does not run: path, head, marks, and the
    stretches that were delivered."""
    copy = own(f"state-{harness.stage.rng.randrange(2**32)}")
    shutil.copytree(state, copy, ignore=shutil.ignore_patterns("*.sock"))
    file = os.path.join(copy, "checkpoints.sqlite")
    rows = []
    if os.path.exists(file):  # there is none before the first start's end
        database = sqlite3.connect(file)
        try:
            for name, head, marks, committed, ranges in database.execute(
                "SELECT path, head, marks, committed, ranges FROM checkpoint"
            ):
                rows.append((name, [*MARK.iter_unpack(head)],
                             [*MARK.iter_unpack(marks)],
                             [(0, committed), *RANGE.iter_unpack(ranges)]))
        except sqlite3.OperationalError:  # it died before there were tables
            pass
        database.close()
    shutil.rmtree(copy)
    return rows


def contents_of(log):
    """What stands in the files of `log`, compressed or not."""
    for where, _, files in os.walk(log.directory):
        for name in files:
            try:
                with open(os.path.join(where, name), "rb") as file:
                    text = file.read()
                if name.endswith(".gz"):
                    text = gzip.decompress(text)
            except (OSError, EOFError, zlib.error):  # gone, or being made
                continue
            yield text


def holds(text, mark):
    end, value, length = mark
    digest = hashlib.sha256(text[end - length : end]).digest()
    return end <= len(text) and int.from_bytes(digest[:8], "big") == value


def is_content(text, head, marks):
    """Is `text` what a row with these marks is about?"""
    if not head or not holds(text, head[0]):
        return False
    fitting = [mark for mark in marks if mark[0] <= len(text)]
    return not fitting or holds(text, fitting[-1])


def pieces(text):
    """Lines, and what stands behind the last, with where they end."""
    end = 0
    for piece in text.splitlines(keepends=True):
        end += len(piece)
        yield piece.lstrip(b"\0"), end


def unnoted(state, log):
    """What was written to `log` so far, whole lines and pieces of them, but
    for what the checkpoints in `state` say was delivered. Of copies each tells
    what it holds."""
    rows = [row for row in rows_of(state)
            if row[0].startswith(log.directory + "/")]  # fmt: skip
    written, noted = set(log.lines()), set()
    for text in contents_of(log):
        delivered = [at for _, head, marks, at in rows
                     if is_content(text, head, marks)]  # fmt: skip
        for piece, end in pieces(text):
            written.add(piece)
            if any(begin < end <= to for stretches in delivered
                   for begin, to in stretches):  # fmt: skip
                noted.add(piece)
    return written - noted


def unasked(log, books, allowed):
    """What of `log` was repeated and should not have been; says how much of
    it was."""
    _, repeated, _, _ = books.audit(log)
    print(f"{log.name} {log.options}: {len(log.lines())} lines,"
          f" {log.rotated} rotations, {len(repeated)} repeated of"
          f" {len(allowed)} that were not noted", flush=True)  # fmt: skip
    return sorted(repeated - allowed)
