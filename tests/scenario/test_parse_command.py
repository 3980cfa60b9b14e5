# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent parse` shows what each line of a file or of standard input
becomes, marks what is not understood or not sent, and counts: of the flow that
is asked for, with nothing sent and nothing written. What it cannot do it
refuses with exit code 1 and one line that says why."""

import json
import os
import re
import subprocess

from harness import SLOW, binary, check, clean_environment, flow, path
from harness import scenario, yaml

COUNT = re.compile(
    r"(\d+) records: (\d+) sent, (\d+) filtered, (\d+) not understood "
    r"\((\d+) too hard\); (\d+) ns a record\n"
)

COMMON = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 12'
ROW = (
    r'{"metadata":{"at":"rows.csv:%d"},"data":"{\"a\":\"%d\",\"b\":\"%d\"}"}'
)
OPTIONS = [
    [{"optionName": "LOGTOJSON", "logFormat": "COMMONAPACHELOG"}],
    [
        {"optionName": "FILTER", "pattern": "drop", "action": "drop"},
        {"optionName": "CSVTOJSON", "customFieldNames": ["a", "b"]},
        {"optionName": "ADDMETADATA", "metadata": {"at": "{file}:{offset}"}},
    ],
    [{"optionName": "SINGLELINE"}],
]


def parse(*words, stdin=b""):
    """Run it: exit code, standard output, standard error."""
    done = subprocess.run(
        [binary("KINESIS_AGENT"), "parse", *words],
        input=stdin,
        capture_output=True,
        timeout=20 * SLOW,
        env=clean_environment({}),
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as out:
        out.write(text)
    return path(name)


def shows(words, lines, counts, **more):
    """It ends well, with these lines and records, sent, filtered, not
    understood, too hard."""
    code, out, err = parse(*words, **more)
    check(code == 0, f"{words}: exit code {code}: {err}")
    check(out.splitlines() == lines, f"{words} shows {out}")
    said = COUNT.fullmatch(err)
    check(said, f"{words}: counts so: {err}")
    got = tuple(int(n) for n in said.groups()[:5])
    check(got == counts, f"{words} counts {got}")
    check(int(said[6]) < 10**9 * SLOW, f"{words}: took {said[6]} ns")


def refuses(words, *parts):
    code, out, err = parse(*words)
    check(code == 1, f"{words}: exit code {code}: {err}")
    check(out == "", f"{words} shows {out}")
    for part in parts:
        check(part in err, f"{words} does not say {part!r}: {err}")


def readme():
    """Its example: the configuration, and what is shown and said."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../README.md"), encoding="utf-8") as text:
        part = text.read().split("## What records become\n")[1]
    config, shown = re.findall(r"```(?:yaml|console)\n(.*?)```", part, re.S)[:2]
    return config, shown.splitlines()[1:]


@scenario
def play():
    flows = [
        flow(f"{n}.log", f"s{n}", dataProcessingOptions=chain)
        for n, chain in enumerate(OPTIONS)
    ]
    flows[0]["onMismatch"] = "skip"
    flows[2]["multiLineStartPattern"] = r"\["
    config = {"kinesis.region": "eu-west-1", "stateDirectory": path("state")}
    good = write("agent.yaml", yaml({**config, "flows": flows}))

    log = write("access.log", f"{COMMON}\nwhat is this\n{COMMON}")
    row = json.dumps(
        {"host": "127.0.0.1", "ident": None, "authuser": None,
         "datetime": "10/Oct/2000:13:55:36 -0700",
         "request": "GET / HTTP/1.0", "response": "200", "bytes": "12"},
        separators=(",", ":"),
    )  # fmt: skip
    lines = [row, "--- nothing for LOGTOJSON, not sent: what is this", row]
    shows(["-c", good, log], lines, (3, 2, 0, 1, 0))
    text = f"{COMMON}\nwhat is this\n{COMMON}\n".encode()
    for words in ["-c", good], ["-c", good, "--flow", "1", "-"]:
        shows(words, lines, (3, 2, 0, 1, 0), stdin=text)
    shows(["-c", good], [], (0, 0, 0, 0, 0))

    rows = write("rows.csv", "1,2\nx,drop\n3,4\n")
    lines = [
        ROW % (0, 1, 2),
        "--- filtered, not sent: x,drop",
        ROW % (11, 3, 4),
    ]
    shows(["-c", good, "--flow", "2", rows], lines, (3, 2, 1, 0, 0))
    shows(
        ["--flow", "3", "-c", good],
        ["[1] ab", "[2] c"],
        (2, 2, 0, 0, 0),
        stdin=b"[1] a\n  b\n[2] c",
    )

    for number in "0", "4", "-1", "two", "99999999999999999999", "":
        refuses(["-c", good, "--flow", number, log], "flow")
    refuses(["-c", good, path("none.log")], "none.log", "No such file")
    refuses(["-c", good, path()], path(), "directory")
    refuses(["-c", path("none.yaml"), log], "none.yaml", "No such file")
    flows[0]["dataProcessingOptions"] = [{"optionName": "CSVTOJSON"}]
    bad = write("bad.yaml", yaml({**config, "flows": flows}))
    refuses(["-c", bad, log], "bad.yaml:", "customFieldNames")
    check(not os.path.exists(path("state")), "the state directory was made")

    config, shown = readme()
    file = write("readme.yaml", config)
    line = f"{COMMON}\nno access to anything\n"
    line = line.replace("- - [", "- ann [").replace("200 12", "200 2326")
    shows(["-c", file], shown[:2], (2, 1, 0, 1, 0), stdin=line.encode())
    counts = tuple(int(n) for n in COUNT.fullmatch(shown[2] + "\n").groups()[:5])
    check(counts == (2, 1, 0, 1, 0), f"the README counts {counts}")
