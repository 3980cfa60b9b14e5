# SPDX-License-Identifier: Apache-2.0
"""With the Java agent's configuration the log has its progress lines, word for
word, for data streams and delivery streams, with the true numbers: what reads
them goes on reading them."""

import json
import re

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import scenario

LINES = 700
AGENT = (
    r"Agent: Progress: (\d+) records parsed \((\d+) bytes\), and (\d+) "
    r"records sent successfully to destinations\. Uptime: (\d+)ms$"
)
TAILER = (
    r"FileTailer\[%s\]: Tailer Progress: Tailer has parsed (\d+) records "
    r"\((\d+) bytes\), transformed (\d+) records, skipped (\d+) records, "
    r"and has successfully sent (\d+) records to destination\.$"
)


def numbers(line, pattern):
    return [int(number) for number in re.search(pattern, line).groups()]


@scenario
def play():
    sandbox = Sandbox()
    plain, csv = LogWriter("plain.log"), LogWriter("csv.log")
    plain.write(LINES)
    csv.write(LINES)
    options = [
        {"optionName": "FILTER", "pattern": "csv.log 000000[0-4]", "action": "drop"},
        {"optionName": "SINGLELINE"},
    ]
    flows = [
        flow("plain.log", "one"),
        flow("csv.log", "two", firehose=True, dataProcessingOptions=options),
    ]
    settings = {
        "cloudwatch.emitMetrics": False,
        "log.statusReportingPeriodSeconds": 1,
    }
    agent = Agent(sandbox, flows, settings)
    agent.use_file(path("agent.json"), json.dumps(agent.config))
    agent.start()
    account = Account(sandbox, plain, stream="one")
    account.wait_delivered()
    tailers = [
        TAILER % re.escape(f"kinesis:one:{path('plain.log')}"),
        TAILER % re.escape(f"fh:two:{path('csv.log')}"),
    ]
    agent.wait_log(f"parsed {LINES} .*sent {LINES} records to destination")
    agent.wait_log(f"and {2 * LINES - 50} records sent successfully")
    sizes = [sum(len(line) for line in at.lines) for at in (plain, csv)]
    for tailer, size, transformed, skipped in zip(
        tailers, sizes, (0, LINES - 50), (0, 50)
    ):
        last = agent.log_lines(tailer)[-1]
        check(
            numbers(last, tailer)
            == [LINES, size, transformed, skipped, LINES - skipped],
            last,
        )
    last = agent.log_lines(AGENT)[-1]
    parsed, size, sent, uptime = numbers(last, AGENT)
    check((parsed, size, sent) == (2 * LINES, sum(sizes), 2 * LINES - 50), last)
    check(500 < uptime < 60000, last)
    check(not agent.log_lines("flow .*: delivered"), "and our own besides")
    agent.stop()
    account.settle()
