# SPDX-License-Identifier: Apache-2.0
"""A mistake in the configuration: exit code 1 and a line with file, line,
column, key and what would be right, before anything is touched: no state
directory, no request, no file opened."""

import os

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

CASES = "typo typo-above value range negative number no-stream no-pattern no-flows empty-flows twice flow-twice not-yaml tab endpoint empty list footer missing-file"


@scenario
def play(case):
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
