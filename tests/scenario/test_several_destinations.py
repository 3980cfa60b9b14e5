# SPDX-License-Identifier: Apache-2.0
"""Several flows at once, each to its own destination, in regions of their own:
a stream by name, one by ARN, a delivery stream. Keys are made as each flow
says, and lines that a flow joins arrive whole and in order."""

import hashlib

from harness import Agent, LogWriter, Sandbox, check, flow, scenario, wait_until

ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/by-arn"


def arrived(sandbox, stream):
    return [r for r in sandbox.records() if r.stream == stream]


@scenario
def play():
    near = Sandbox(options=["--region", "eu-central-1"])
    # One CA file for both: the certificate is the first one's.
    far = Sandbox(tls=False, options=["--region", "us-west-2"])
    log = LogWriter("app.log")
    log.write(1200)
    size = 10000
    agent = Agent(
        near,
        [
            flow(
                "app.log",
                "by-name",
                endpoint=far.url,
                maxInFlight=1,
                region="us-west-2",
                partitionKey="{file}/{path}",
                explicitHashKey="340282366920938463463374607431768211455",
            ),
            flow(
                "app.log",
                ARN,
                partitionKeyOption="DETERMINISTIC",
                aggregatedRecordSizeBytes=size,
                maxInFlight=1,
            ),
            flow(
                "app.log",
                "joined",
                firehose=True,
                region="eu-central-1",
                aggregatedRecordSizeBytes=size,
                maxInFlight=1,
                keepNewline=False,
            ),
        ],
        {"kinesis.region": None},
    )
    agent.start()
    text = open(log.file, "rb").read()
    lines = text.splitlines(keepends=True)

    wait_until(lambda: len(arrived(far, "by-name")) == len(lines), "named")
    for record in arrived(far, "by-name"):
        check(record.key == f"app.log/{log.file}".encode(), record.key)
        check(record.shard == "shardId-000000000003", record.shard)
    check([r.data for r in arrived(far, "by-name")] == lines, "not all lines")

    def joined(sandbox, stream, between):
        records = [r.data for r in arrived(sandbox, stream)]
        return between.join(records) == text.removesuffix(between), records

    for sandbox, stream, between in (
        (near, "by-arn", b""),
        (near, "firehose:joined", b"\n"),
    ):
        wait_until(lambda: joined(sandbox, stream, between)[0], stream)
        records = joined(sandbox, stream, between)[1]
        check(all(len(r) <= size for r in records), "too large")
        # Each but the last is as full as whole lines make it.
        check(
            all(len(r) > size - 1000 for r in records[:-2]),
            [len(r) for r in records],
        )
    for record in arrived(near, "by-arn"):
        key = hashlib.md5(record.data).hexdigest().encode()
        check(record.key == key, record.key)
    agent.stop()
