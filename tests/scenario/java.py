# SPDX-License-Identifier: Apache-2.0
"""java: what the Java agent leaves behind: its checkpoint database, as its
schema is, and its configuration."""

import json
import os
import sqlite3

from harness import Agent, Process, path

TABLE = """create table if not exists FILE_CHECKPOINTS(
    flow text, path text, fileId text, lastModifiedTime bigint, size bigint,
    offset bigint, lastUpdated datetime, primary key (flow, path))"""


def flow_id(flow):
    """What the Java agent calls a flow of a configuration."""
    if "deliveryStream" in flow:
        return f"fh:{flow['deliveryStream']}:{flow['filePattern']}"
    return f"kinesis:{flow['kinesisStream']}:{flow['filePattern']}"


class Checkpoints:
    """Its database; each note is younger than the one before."""

    def __init__(self, file="java/checkpoints"):
        self.file = path(file)
        self.notes = 0
        os.makedirs(os.path.dirname(self.file), exist_ok=True)

    def do(self, sql, *values):
        database = sqlite3.connect(self.file)
        with database:
            database.execute(TABLE)
            database.execute(sql, values)
        database.close()

    def note(self, flow, file, offset=None):
        """`file` is delivered up to `offset`, or to its end."""
        status = os.stat(path(file))
        self.notes += 1
        self.do(
            "insert or replace into FILE_CHECKPOINTS values"
            "(?, ?, ?, ?, ?, ?, ?)",
            flow_id(flow),
            path(file),
            f"(dev={status.st_dev:x},ino={status.st_ino})",
            status.st_mtime_ns // 1000000,
            status.st_size,
            status.st_size if offset is None else offset,
            f"2026-01-02 03:04:05.{self.notes:03d}",
        )


def older(file, seconds):
    """`file` was last written so long ago."""
    status = os.stat(path(file))
    at = status.st_mtime_ns - int(seconds * 1e9)
    os.utime(path(file), ns=(at, at))


class JsonAgent(Agent):
    """Our agent, with the Java agent's kind of configuration."""

    def start(self):
        file = path(f"{self.name}.json")
        # There it is on where nothing is said, and this is no place for it.
        config = {"cloudwatch.emitMetrics": False, **self.config}
        with open(file, "w", encoding="utf-8") as out:
            out.write("// as it was\n" + json.dumps(config, indent=2))
        self.process = Process(
            self.name, [self.binary, "-c", file], wrap=self.wrap
        )
        return self
