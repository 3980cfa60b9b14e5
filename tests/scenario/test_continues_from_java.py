# SPDX-License-Identifier: Apache-2.0
"""After the Java agent ours goes on where that one's database says: what is
noted there as delivered is not sent again, what came after is, older files
are done and newer ones begin at 0. It happens once, whatever kills us, and
the database stays as it was."""

import os
import sqlite3
import subprocess

from harness import Account, Agent, LogWriter, Sandbox, Skip, check, flow
from harness import path, read, run, scenario
from java import Checkpoints, JsonAgent, older

CASES = "yaml json rotated gone truncated midline twofiles kill9 walmode default damaged packed"


class Before:
    """The Java agent's past: an old file it is done with, and the first half
    of the present one. None of it may arrive; the account calls it torn."""

    def __init__(self, entry):
        self.flow = entry
        self.database = Checkpoints()
        LogWriter("log/app.log.2", name="oldest").write(300)
        older("log/app.log.2", 7200)
        LogWriter("log/app.log.1", name="old").write(300)
        older("log/app.log.1", 3600)
        self.half = LogWriter("log/app.log", name="half")
        self.half.write(500)
        self.database.note(entry, "log/app.log")


def end(sandbox, agent, *writers, repeated=0):
    """What was written by `writers` arrived, and nothing else."""
    account = Account(sandbox, *writers)
    account.wait_delivered()
    for writer in writers:
        writer.write(100)
    account.wait_delivered()
    agent.stop()
    account.settle(repeated)


def goes_on_once(agent, before):
    """The import was said, and the next start does not do it again."""
    said = agent.log_lines("goes on where the Java agent stopped")
    check(len(said) == 1, f"said {len(said)} times: {said}")
    check(path("log/app.log") in said[0], f"names no file: {said[0]}")
    before.database.do("update FILE_CHECKPOINTS set offset = 0")


def simple(sandbox, agent, before, rest):
    rest.write(400)
    newer = LogWriter("log/app.log.new")
    newer.write(200)
    database = read(before.database.file)
    agent.start()
    Account(sandbox, rest, newer).wait_delivered()
    agent.stop()
    check(read(before.database.file) == database, "the database was changed")
    goes_on_once(agent, before)
    rest.write(400)
    agent.start()
    end(sandbox, agent, rest, newer)
    left = [at for at in os.listdir(path("state")) if ".import" in at]
    check(left == ["checkpoints.sqlite.imported"], f"left behind: {left}")


def rotated(sandbox, agent, before, rest):
    """Twice between the two agents; and the Java agent's is gone after."""
    rest.write(300)
    for _ in range(2):
        rest.rotate()
        rest.write(300)
    agent.start()
    Account(sandbox, rest).wait_delivered()
    agent.stop()
    goes_on_once(agent, before)
    os.unlink(before.database.file)
    rest.write(300)
    agent.start()
    end(sandbox, agent, rest)


def gone(sandbox, agent, before, rest):
    """The file is gone, with bytes that nobody sent; the others are judged by
    when it was last written."""
    lost = len(b"".join(rest.write(50)))
    before.database.note(
        before.flow, "log/app.log", os.stat(rest.file).st_size - lost
    )
    os.unlink(rest.file)
    rest.lines.clear()
    new = LogWriter("log/app.log", name="new")
    new.write(300)
    agent.start()
    agent.wait_log(rf"lost {lost} bytes .*the file is gone")
    end(sandbox, agent, new)


def truncated(sandbox, agent, before, rest):
    """By a copytruncate: the copy cannot be told from a new file, so all of
    it is sent, and what was done already comes again."""
    rest.write(50)
    log = read(rest.file)
    with open(path("log/app.log.copy"), "wb") as copy:
        copy.write(log)
    os.truncate(rest.file, 0)
    rest.write(50)
    agent.start()
    account = Account(sandbox, before.half, rest)
    account.wait_delivered()
    rest.write(100)
    account.wait_delivered()
    agent.stop()
    account.settle()


def midline(sandbox, agent, before, rest):
    size = os.stat(rest.file).st_size
    before.database.note(before.flow, "log/app.log", size - 5)
    again = before.half.lines[-1:]
    rest.write(100)
    rest.lines[:0] = again
    agent.start()
    agent.wait_log("stopped inside of a line")
    account = Account(sandbox, rest)
    account.wait_delivered()
    agent.stop()
    account.settle()


def two_files(sandbox, agent, before, rest):
    """Written by turns: what the Java agent would begin anew has a row."""
    other = LogWriter("log/app.log.other", name="otherhalf")
    other.write(200)
    before.database.note(before.flow, "log/app.log.other")
    before.database.note(before.flow, "log/app.log")
    rest.write(200)
    more = LogWriter("log/app.log.other", name="otherrest")
    more.write(200)
    older("log/app.log", 1)
    agent.start()
    end(sandbox, agent, rest, more)


def kill9(sandbox, agent, before, rest):
    """As soon as it has said that it goes on; the directory of the logs is
    not there at first."""
    rest.write(400)
    os.rename(path("log"), path("log.away"))
    for _ in range(3):
        agent.start()
        agent.wait_log("cannot be read")
        agent.kill9()
    agent.start()
    agent.wait_log("cannot be read")
    os.rename(path("log.away"), path("log"))
    end(sandbox, agent, rest)


def wal_mode(sandbox, agent, before, rest):
    """Somebody set it, and left the log behind."""
    rest.write(100)
    with sqlite3.connect(before.database.file) as open_one:
        open_one.execute("pragma journal_mode = wal")
        open_one.execute("pragma wal_autocheckpoint = 0")
    reader = sqlite3.connect(before.database.file)
    reader.execute("select count(*) from FILE_CHECKPOINTS").fetchone()
    before.database.note(before.flow, "log/app.log")
    written = LogWriter("log/app.log", name="last")
    written.write(100)
    check(
        os.stat(before.database.file + "-wal").st_size > 0, "no log is there"
    )
    # Noted as delivered, so nothing of it may arrive.
    rest.lines.clear()
    agent.start()
    end(sandbox, agent, written)
    reader.close()
    open_one.close()


def default(sandbox, agent, before, rest):
    """Nothing names the database: it lies where the Java agent keeps it, in a
    /run that only our agent sees."""
    rest.write(400)
    place = "/run/aws-kinesis-agent"
    script = (
        f"mount -t tmpfs none /run && mkdir {place} && "
        f"cp '{before.database.file}' {place}/ && exec \"$@\""
    )
    private = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    agent = JsonAgent(
        sandbox, [before.flow], wrap=private + ["sh", "-c", script, "sh"]
    )
    may = subprocess.run(
        [*private, "mount", "-t", "tmpfs", "none", "/run"], check=False
    )
    if may.returncode != 0:
        raise Skip("no mounts of our own here")
    agent.start()
    Account(sandbox, rest).wait_delivered()
    agent.stop()
    goes_on_once(agent, before)
    rest.write(400)
    agent.start()
    end(sandbox, agent, rest)


def damaged(sandbox, agent, before, rest):
    """It refuses to start, and says how to go on without."""
    rest.write(100)
    with open(before.database.file, "r+b") as file:
        file.seek(4096)
        file.write(b"dirt" * 1024)
    database = read(before.database.file)
    agent.start()
    check(agent.wait_exit() == 1, f"no refusal: {agent.process.ending()}")
    said = agent.log_lines("damaged")
    check(len(said) == 1 and before.database.file in said[0], f"said {said}")
    check(read(before.database.file) == database, "the database was changed")
    check(not sandbox.records(), "something was sent")
    os.rename(before.database.file, path("away"))
    agent.start()
    agent.wait_ready()
    agent.wait_settled()
    rest.lines.clear()
    end(sandbox, agent, rest)


def packed(sandbox, agent, before, rest):
    """Rotated and compressed between the two: nothing proves whose bytes are
    in the archive, so all of it is sent, and what was done comes again."""
    rest.write(50)
    moment = os.stat(rest.file).st_mtime_ns + 10**9
    os.utime(rest.file, ns=(moment, moment))
    os.rename(rest.file, path("log/app.log.9"))
    run("gzip", path("log/app.log.9"))
    rest.reopen()
    rest.write(50)
    agent.start()
    account = Account(sandbox, before.half, rest)
    account.wait_delivered()
    rest.write(100)
    account.wait_delivered()
    agent.stop()
    account.settle()


PLAYS = {
    "yaml": simple,
    "json": simple,
    "rotated": rotated,
    "gone": gone,
    "truncated": truncated,
    "midline": midline,
    "twofiles": two_files,
    "kill9": kill9,
    "walmode": wal_mode,
    "default": default,
    "damaged": damaged,
    "packed": packed,
}


@scenario
def play(case):
    sandbox = Sandbox()
    entry = flow("log/app.log*", "one", initialPosition="END_OF_FILE")
    before = Before(entry)
    rest = LogWriter("log/app.log", name="rest")
    kind = JsonAgent if case == "json" else Agent
    agent = kind(sandbox, [entry], {"checkpointFile": before.database.file})
    PLAYS[case](sandbox, agent, before, rest)
