# SPDX-License-Identifier: Apache-2.0
"""`--dry-run` prints what would be sent, byte for byte, from where the agent
would go on, beside a running agent, without credentials; nothing is sent,
noted, locked or made. Whoever reads it may stop at any time."""

import base64
import json
import os
import signal
import subprocess

from harness import Account, Agent, LogWriter, Sandbox, binary, check
from harness import clean_environment, flow, own, path, scenario, wait_until
from harness import yaml

CASES = "prints beside follows"
BYTES = b"\x00\xff not text \x1b[31m\n"


def configuration(flows, **settings):
    """Without credentials, and with an endpoint where nobody is."""
    file = own("dry.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(yaml({
            "stateDirectory": path("state"), "kinesis.region": "eu-west-1",
            "kinesis.endpoint": "http://127.0.0.1:9", "flows": flows,
            **settings}))  # fmt: skip
    return file


def dry(file, *words, code=0):
    done = subprocess.run(
        [binary("KINESIS_AGENT"), "-c", file, "--dry-run", *words],
        env=clean_environment({}),
        capture_output=True,
        check=False,
        timeout=60,
    )
    check(done.returncode == code, f"{done.returncode}: {done.stderr}")
    return done.stdout, done.stderr.decode()


def data_of(records):
    """The bytes of records in JSON."""
    return [
        base64.b64decode(at["dataBase64"])
        if "dataBase64" in at
        else at["data"].encode()
        for at in records
    ]


def play_prints():
    log = LogWriter("app.log")
    log.write(1200)
    log.write_line(BYTES)
    with open(path("rows.csv"), "wb") as rows:
        rows.write(b"1,2\nskipped\n" + b"3," + b"x" * 1100000 + b"\n4,5\n")
    with open(path("odd.log"), "wb") as odd:
        odd.write(b"no access to anything\n")
    flows = [
        flow("app.log", "one", name="app", partitionKey="k-{file}"),
        flow("rows.csv", "pipe", firehose=True, name="rows",
             oversizeRecords="deadLetter", dataProcessingOptions=[
                 {"optionName": "FILTER", "pattern": "skip",
                  "action": "drop"}]),
        flow("odd.log", "one", name="odd", dataProcessingOptions=[
            {"optionName": "LOGTOJSON", "logFormat": "COMMONAPACHELOG"}]),
    ]  # fmt: skip
    out, said = dry(configuration(flows), "--once", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    app = [at for at in records if at["flow"] == "app"]
    check(data_of(app) == log.lines, "every line as it is, in order")
    check(
        {(at["destination"], at["partitionKey"]) for at in app}
        == {("kinesis:one", "k-app.log")},
        f"destination and key: {app[0]}",
    )
    rows = [at for at in records if at["flow"] == "rows"]
    check(
        [at["data"] for at in rows if "deadLetter" not in at]
        == ["1,2\n", "4,5\n"],
        "the option is done",
    )
    dead = [at for at in rows if "deadLetter" in at]
    check(len(dead) == 2 and "partitionKey" not in rows[0], f"{len(dead)}")
    check("not sent: no access t\n" in said, f"no whole record: {said}")
    said = [
        at for at in said.splitlines()
        if "a record at most" not in at and "record at 0" not in at
    ]  # fmt: skip
    check(not said, f"nothing else is said: {said}")
    check(not os.path.exists(path("state")), "nothing is made")

    out, _ = dry(configuration(flows[:1]), "--once")
    lines = out.split(b"\n", 1)
    check(lines[0] == b"==> app -> kinesis:one <==", lines[0])
    check(
        lines[1] == b"".join(b"k-app.log\t" + at for at in log.lines),
        "each record behind its key",
    )


def play_beside():
    """Beside a running agent it prints what that has still to do; all of it
    with --from-start; and disturbs nobody."""
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(500)
    flows = [flow("app.log", "one", name="app")]
    agent = Agent(sandbox, flows).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.wait_settled()
    state = sorted(os.listdir(path("state")))
    file = configuration(flows)
    out, _ = dry(file, "--once")
    check(out == b"", f"all is delivered: {out[:100]}")
    out, _ = dry(file, "--once", "--from-start")
    check(out.count(b"\n") == 501, "everything, and a title")
    check(sorted(os.listdir(path("state"))) == state, "nothing is made")
    agent.stop()
    more = log.write(50)
    out, _ = dry(file, "--once", "--json")
    records = map(json.loads, out.splitlines())
    check(data_of(records) == more, "from where the agent would go on")
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def play_follows():
    """Like tail -f; ended by SIGTERM, or by a reader who has had enough. It
    does not follow the file that it prints into."""
    log = LogWriter("app.log")
    log.write(1)
    file = configuration([flow("*.log", "one", name="app")])
    command = [binary("KINESIS_AGENT"), "-c", file, "--dry-run"]
    printed = path("printed.log")
    with open(printed, "wb") as out, open(own("said"), "wb") as said:
        follower = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            stdout=out, stderr=said, env=clean_environment({}),
        )  # fmt: skip
    for _ in range(3):
        line = log.write(1)[0]
        wait_until(
            lambda: line in open(printed, "rb").read(), "the line to appear"
        )
    follower.send_signal(signal.SIGTERM)
    check(follower.wait(10) == -signal.SIGTERM, "it ends")
    with open(printed, "rb") as out:
        check(out.read().count(b"\n") == 5, "a title and four lines")
    log.write(200000)
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" --from-start | head -1', "-",
         *command],
        env=clean_environment({}), capture_output=True, check=False,
        timeout=60,
    )  # fmt: skip
    check(done.returncode == 128 + signal.SIGPIPE, f"{done}")
    check(done.stdout == b"==> app -> kinesis:one <==\n", f"{done.stdout}")
    check(b"written by this agent" not in done.stderr, f"{done.stderr}")
    check(not os.path.exists(path("state")), "nothing is made")


@scenario
def play(case):
    globals()["play_" + case]()

