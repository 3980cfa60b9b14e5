# SPDX-License-Identifier: Apache-2.0
"""Of what the Java agent's own tests ask of its tailing (the rows are listed
in tests/unit/test_java_rows.c), what needs a process, a database or a
compressor: each function bears the number of its row."""

import os
import sqlite3

import harness
from archives import compress
from harness import Account, Agent, LogWriter, Process, Sandbox, binary
from harness import check, flow, own, path, scenario, yaml

FAR = 10**12
HEAD = b"one header\nanother header\n"


def row_29_a_pattern_has_a_directory_and_a_name(agent):
    for pattern in "", "app.log", "logs/app.log", path("logs") + "/", "/":
        config = dict(agent.config)
        config["flows"] = [{**config["flows"][0], "filePattern": pattern}]
        file = own("bad.yaml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(yaml(config))
        process = Process("refused", [binary("KINESIS_AGENT"), "-c", file])
        code = process.wait_exit()
        check(code == 1, f"{pattern!r} is taken: {process.ending()}")
        said = [at for at in process.log_text().splitlines() if file in at]
        check(said and "filePattern" in said[0],
              f"{pattern!r}: {process.log_text()}")  # fmt: skip


def row_111_offsets_may_be_large(log):
    """A hole stands for what was logged over the years."""
    with open(log.file, "r+b") as file:
        file.truncate(FAR)
        file.seek(FAR - 1)
        file.write(b"\n")


def row_112_flows_may_have_any_name(kept):
    dice = harness.stage.rng
    letters = [chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(80)]
    long = "/".join(["d" * 250] * 8)
    logs = [LogWriter("any.log"), LogWriter(long + "/long.log", name="long")]
    return logs, [
        flow("any.log", "any", name="".join(letters)),
        flow(long + "/long.log", "long"),
        kept,
    ]


def row_115_places_are_kept(places):
    """Over the end of the process, one for every file."""
    with sqlite3.connect(path("deep/er/state/checkpoints.sqlite")) as database:
        text = "\n".join(database.iterdump())
    database.close()
    for place in places:
        check(str(place) in text, f"{place} is not in the checkpoints\n{text}")


def row_69_headers_of_an_archive(log, agent):
    """It came, was rotated and compressed while nobody looked."""
    log.put(HEAD)
    log.write(50)
    log.rotate()
    compress(log.file + ".1")
    log.put(HEAD)
    log.write(50)
    agent.start()


@scenario
def play():
    sandbox = Sandbox()
    far = LogWriter("far.log")
    row_111_offsets_may_be_large(far)
    headed = LogWriter("headed.log")
    logs, flows = row_112_flows_may_have_any_name(
        flow("far.log", "far", initialPosition="END_OF_FILE"))  # fmt: skip
    flows.append(flow("headed.log", "headed", skipHeaderLines=2))
    # Row 117: none of these directories is there.
    agent = Agent(sandbox, flows, {"stateDirectory": path("deep/er/state")})
    row_29_a_pattern_has_a_directory_and_a_name(agent)
    check(not os.path.exists(path("deep")), "a refused agent made directories")
    agent.state = path("deep/er/state")
    agent.start()
    agent.wait_log("far.log from its end")
    logs.append(far)
    for turn in range(3):
        for log in logs:
            log.write(50)
        if turn == 0:
            headed.put(HEAD)
            headed.write(50)
        account = Account(sandbox, *logs, headed)
        account.wait_delivered()
        agent.stop()
        row_115_places_are_kept([os.stat(far.file).st_size])
        if turn == 0:
            os.rename(headed.file, path("headed.old"))
            headed.reopen()
            row_69_headers_of_an_archive(headed, agent)
        else:
            # A signal finds the agent, and not what starts it.
            agent.start().wait_ready()
    account = Account(sandbox, *logs, headed)
    account.wait_delivered()
    agent.stop()
    account.settle()
