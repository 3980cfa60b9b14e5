# SPDX-License-Identifier: Apache-2.0
"""A mistake in the configuration: exit code 1 and a line with file, line,
column, key and what would be right, before anything is touched: no state
directory, no request, no file opened."""

import os
import re

from harness import LogWriter, Process, Sandbox, binary, check, path, scenario

GOOD = """\
stateDirectory: {state}
kinesis.endpoint: {url}
kinesis.region: eu-west-1
awsAccessKeyId: AKIDSANDBOX
awsSecretAccessKey: sandbox-secret
flows:
  - filePattern: {dir}/*.log
    kinesisStream: one
    initialPosition: START_OF_FILE
"""

# What to change in GOOD, and what must be said: a pattern of "LINE:COLUMN:"
# (either may be a number or empty for any) and words that must be there.
MISTAKES = {
    "typo": ("initialPosition:", "initalPosition:", "9:5:", "initalPosition initialPosition"),
    "typo-above": ("stateDirectory:", "stateDirectroy:", "1:1:", "stateDirectroy stateDirectory"),
    "value": ("START_OF_FILE", "BEGINNING", "9:", "initialPosition BEGINNING START_OF_FILE END_OF_FILE"),
    "range": ("kinesisStream: one", "kinesisStream: one\n    maxBufferSizeRecords: 501", "9:", "maxBufferSizeRecords 501 500"),
    "negative": ("kinesisStream: one", "kinesisStream: one\n    maxBufferAgeMillis: -1", "9:", "maxBufferAgeMillis -1"),
    "number": ("kinesisStream: one", "kinesisStream: one\n    maxBufferAgeMillis: soon", "9:", "maxBufferAgeMillis soon"),
    "no-stream": ("    kinesisStream: one\n", "", "7:", "kinesisStream"),
    "no-pattern": ("filePattern: {dir}/*.log\n    ", "", "7:", "filePattern"),
    "no-flows": (GOOD[GOOD.index("flows:"):], "", "", "flows"),
    "empty-flows": (GOOD[GOOD.index("flows:"):], "flows: []\n", "", "flows"),
    "twice": ("kinesis.region: eu-west-1", "kinesis.region: eu-west-1\nkinesis.region: eu-west-2", "4:1:", "kinesis.region"),
    "flow-twice": (GOOD[GOOD.index("  - file"):], GOOD[GOOD.index("  - file"):] * 2, "", "one"),
    "not-yaml": ("flows:", "flows: [", "", ""),
    "tab": ("    kinesisStream", "\tkinesisStream", "8:", ""),
    "endpoint": ("{url}", "ftp://nowhere", "2:", "kinesis.endpoint"),
    "empty": (GOOD, "", "", "empty"),
    "list": ("kinesisStream: one", "kinesisStream: [one, two]", "8:", "kinesisStream"),
    "footer": ("kinesisStream: one", "kinesisStream: one\n    fileFooterPattern: 'ab(c'", "9:5:", "fileFooterPattern parenthesis byte 4 ab(c"),
}  # fmt: skip

CASES = "typo typo-above value range negative number no-stream no-pattern no-flows empty-flows twice flow-twice not-yaml tab endpoint empty list footer missing-file odd-files"


def make_fifo(file):
    os.mkfifo(file)


def make_huge(file):
    with open(file, "wb") as out:
        out.truncate(100 << 20)


def holding(data):
    """A maker of a file that holds `data`."""

    def make(file):
        with open(file, "wb") as out:
            out.write(data)

    return make


# What may be in the place of a configuration, and what is said of it.
ODD = {
    "folder.yaml": (os.mkdir, "is a directory"),
    "fifo.yaml": (make_fifo, "is a pipe"),
    "dangling.yaml": (lambda at: os.symlink("nowhere", at), "is a link to"),
    "huge.yaml": (make_huge, "larger than 1 MiB"),
    "huge.json": (make_huge, "larger than 1 MiB"),
    "empty.json": (holding(b""), "is empty"),
    "deep.yaml": (holding(b"[" * 500000), ":1:65: nested deeper"),
    "deep.json": (holding(b'{"a":' * 100000), "nested deeper"),
    "bomb.yaml": (holding(b"a: &a [x]\nb: &b [*a,*a]\n"), ":1:4: anchors"),
    "nul.yaml": (holding(b"flows:\0"), ":1:7: byte 0x00 is not text"),
    "latin1.json": (holding(b'{"a": "\xe4"}'), ":1:8: byte 0xE4 is not text"),
    "utf16.yaml": (holding("flows: []".encode("utf-16")), "is UTF-16"),
    "cut.json": (holding(b'{"flows": ['), ":1:12: not valid JSON"),
}


def odd_files():
    """One line each, at once, whatever it is; the folder of flows, too."""
    for name, (make, words) in ODD.items():
        make(path(name))
        agent = Process("agent", [binary("KINESIS_AGENT"), "-c", path(name)])
        check(agent.wait_exit(5) == 1, agent.ending())
        said = agent.log_lines("")
        check(len(said) == 1 and path(name) in said[0] and words in said[0],
              agent.ending())  # fmt: skip
    os.mkdir(path("agent.d"))
    with open(path("agent.yaml"), "w", encoding="utf-8") as out:
        out.write("region: eu-west-1\n")
    for name, (make, words) in ODD.items():
        make(path("agent.d", name))
    agent = Process("agent", [binary("KINESIS_AGENT"), "-c", path("agent.yaml")])
    check(agent.wait_exit(5) == 1, agent.ending())
    for name, (_, words) in ODD.items():
        if name == "folder.yaml":
            continue
        said = agent.log_lines(re.escape(path("agent.d", name)))
        check(len(said) == 1 and words in said[0], agent.ending())


@scenario
def play(case):
    if case == "odd-files":
        odd_files()
        return
    sandbox = Sandbox(tls=False)
    LogWriter("app.log").write(10)
    facts = dict(state=path("state"), url=sandbox.url, dir=path())
    file = path("agent.yaml")
    place, words = "", "No such file"
    if case != "missing-file":
        right, wrong, place, words = MISTAKES[case]
        check(right in GOOD, f"no {right!r} to change")
        text = GOOD.replace(right, wrong)
        with open(file, "w", encoding="utf-8") as out:
            out.write(text.format(**facts))
    agent = Process("agent", [binary("KINESIS_AGENT"), "-c", file])
    code = agent.wait_exit()
    check(code == 1, f"a refusal is exit code 1: {agent.ending()}")
    said = [at for at in agent.log_text().splitlines() if file in at]
    check(said, f"does not name its file: {agent.log_text()}")
    line = said[0]
    check(f"{file}:{place}" in line, f"not at {place!r}: {line}")
    for word in words.split(" ") if case != "missing-file" else [words]:
        check(word in line, f"does not say {word!r}: {line}")
    check(not os.path.exists(path("state")), "the state directory was made")
    check(sandbox.stats()["requests"] == 0, "something was sent")
