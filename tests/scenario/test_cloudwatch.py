# SPDX-License-Identifier: Apache-2.0
"""CloudWatch gets the Java agent's metrics, by its names and dimensions, and
beside them how far behind we are and what was lost: the sums are what happened,
also over an endpoint that refuses for a while. One that hangs delays neither a
delivery nor the end."""

import time

from harness import SLOW, Account, Agent, LogWriter, Sandbox, check, flow
from harness import scenario, wait_until

LINES = 1200
STREAM, FIREHOSE = "KinesisStream:one", "DeliveryStream:two"
JAVA = {
    "RecordSendAttempts": "Count",
    "RecordSendErrors": "Count",
    "RecordsSent": "Count",
    "BytesSent": "Bytes",
    "ServiceErrors": "Count",
}
OURS = {
    "BytesBehind": "Bytes",
    "SecondsBehind": "Seconds",
    "BytesLost": "Bytes",
    "DeadLetterRecords": "Count",
}


def total(sandbox, name, destination):
    return sum(
        datum["sum"]
        for datum in sandbox.call("GET", "/sandbox/metrics")["data"]
        if datum["name"] == name
        and datum["dimensions"] == {"Destination": destination}
    )


def data_are_as_agreed(sandbox):
    data = sandbox.call("GET", "/sandbox/metrics")["data"]
    seen = set()
    for datum in data:
        name = datum["name"]
        check(datum["namespace"] == "AWSKinesisAgent", datum)
        check(datum["unit"] == {**JAVA, **OURS}.get(name), datum)
        check(datum["set"] == (name in JAVA), datum)
        seen.add((name, datum["dimensions"]["Destination"]))
    for destination in (STREAM, FIREHOSE):
        for name in [*JAVA, *OURS]:
            check((name, destination) in seen, f"no {name} of {destination}")


@scenario
def play():
    sandbox = Sandbox()
    first, second = LogWriter("first.log"), LogWriter("second.log")
    first.write(LINES)
    second.write(10)
    # Refused as a whole, refused in part; and CloudWatch refuses at first.
    sandbox.fault("throttle", stream="one")
    sandbox.fault("fail-records", stream="one", share=0.5)
    sandbox.fault("denied", stream="cloudwatch")
    agent = Agent(
        sandbox,
        [
            flow("first.log", "one"),
            flow("second.log", "two", firehose=True),
        ],
        {
            "cloudwatch.emitMetrics": True,
            "cloudwatch.endpoint": sandbox.url,
            "cloudwatch.region": "us-east-1",
            "cloudwatch.metricsBufferTimeMillis": 1000,
        },
    ).start()
    accounts = [
        Account(sandbox, first, stream="one"),
        Account(sandbox, second, stream="firehose:two"),
    ]
    for account in accounts:
        account.wait_delivered()
    agent.wait_log("CloudWatch: .*403 AccessDenied")
    wait_until(
        lambda: total(sandbox, "RecordsSent", STREAM) == LINES
        and total(sandbox, "RecordsSent", FIREHOSE) == 10,
        "the sums of what was sent",
    )
    data_are_as_agreed(sandbox)
    stats = sandbox.stats()
    errors = total(sandbox, "RecordSendErrors", STREAM)
    check(errors == stats["failed_records"] > 0, f"{errors} errors")
    check(total(sandbox, "ServiceErrors", STREAM) == 1, "ServiceErrors")
    attempts = total(sandbox, "RecordSendAttempts", STREAM)
    check(attempts > LINES + errors, f"{attempts} attempts")
    data = sum(len(line) for line in first.lines)
    found = total(sandbox, "BytesSent", STREAM)
    # Keys are a few bytes each.
    check(data <= found < data + 40 * LINES, f"{found} bytes, not {data}")
    check(stats["bad_signatures"] == 0, "a signature was refused")

    sandbox.fault("no-answer", stream="cloudwatch", count=-1)
    used = sandbox.stats()["faults"]
    wait_until(
        lambda: sandbox.stats()["faults"] != used, "CloudWatch to hang"
    )
    first.write(100)
    accounts[0].wait_delivered(seconds=2)
    began = time.monotonic()
    agent.stop()
    took = time.monotonic() - began
    check(took < 3 * SLOW, f"stopping took {took:.1f} s")
    for account in accounts:
        account.settle()
