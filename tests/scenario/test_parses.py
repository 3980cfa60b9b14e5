# SPDX-License-Identifier: Apache-2.0
"""dataProcessingOptions and records of several lines, through the agent as it
is: a Java configuration's CSV with rotation under way, stack traces written in
pieces, kill -9 between; every record once and as it should be, what is not
understood counted."""

import json

from harness import Agent, Sandbox, check, flow, path
from harness import scenario, wait_until

TRACE = "[%d] error\njava.lang.Error: x\n\tat a.b(C.java:%d)\n"


def records(sandbox, stream):
    return [r.data for r in sandbox.records() if r.stream == stream]


def put(name, text):
    with open(path(name), "ab", buffering=0) as out:
        out.write(text.encode())


@scenario
def play():
    sandbox = Sandbox(streams={"csv": 1, "trace": 1})
    options = [
        {"optionName": "CSVTOJSON", "customFieldNames": ["n", "text"]},
        {"optionName": "TYPES", "number": ["n"]},
        {"optionName": "FILTER", "field": "text", "pattern": "drop",
         "action": "drop"},
    ]
    agent = Agent(
        sandbox,
        [
            flow("x.csv*", "csv", dataProcessingOptions=options),
            flow("t.log*", "trace", multiLineStartPattern=r"\[\d+\]",
                 multiLineFlushMillis=300,
                 dataProcessingOptions=[{"optionName": "SINGLELINE"}]),
        ],
    ).start()
    for n in range(200):
        put("x.csv", f'{n},"a ""b"", {n}"\n{n},drop\n')
    put("t.log", "".join(TRACE % (n, n) for n in range(50)) + "[50] err")
    wait_until(lambda: len(records(sandbox, "csv")) == 200, "the rows")
    agent.kill9()
    put("t.log", "or\n\tat a.b(C.java:50)\n")
    agent.start()
    wait_until(
        lambda: len(set(records(sandbox, "trace"))) >= 51, "the traces"
    )
    agent.stop()
    got = sorted({json.loads(r)["n"] for r in records(sandbox, "csv")})
    check(got == list(range(200)), "rows are missing")
    row = json.loads(records(sandbox, "csv")[7])
    check(row["text"] == f'a "b", {row["n"]}', f"a row is {row}")
    traces = set(records(sandbox, "trace"))
    check(b"[50] errorat a.b(C.java:50)\n" in traces,
          "what was written in pieces, over a kill, is torn")
    check(b"[3] errorjava.lang.Error: xat a.b(C.java:3)\n" in traces,
          "a trace is torn")
