# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that is not a database, of a version from the future, or
cannot be opened: the agent refuses to start with one clear line that names
the file, and leaves it as it was."""

import os
import sqlite3

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import read, scenario

CASES = "text directory newer other"


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(100)
    agent = Agent(
        sandbox,
        [flow("app.log", "one")],
        {"checkpointFile": path("checkpoints")},
    )
    file = path("checkpoints")
    if case == "text":
        with open(file, "wb") as out:
            out.write(b"these are my notes, not a database\n" * 500)
    elif case == "directory":
        os.mkdir(file)
    elif case == "newer":
        agent.start()
        Account(sandbox, log).wait_delivered()
        agent.stop()
        log.write(100)
        with sqlite3.connect(file) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            check(version > 0, "the checkpoint holds no version")
            database.execute(f"PRAGMA user_version = {version + 1000}")
        database.close()
    else:
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE songs (title TEXT)")
        database.close()
    before = None if case == "directory" else read(file)
    taken = len(sandbox.records())

    agent.start()
    code = agent.wait_exit()
    check(code == 1, f"a refusal is exit code 1: {agent.process.ending()}")
    said = agent.log_lines(file)
    check(said, f"does not name {file}: {agent.process.log_text()}")
    if before is not None:
        check(read(file) == before, "the file was changed")
    check(len(sandbox.records()) == taken, "something was sent")
    if case == "newer":
        check("version" in said[0], f"does not speak of a version: {said[0]}")
