# SPDX-License-Identifier: Apache-2.0
"""A captured field may be a record's key, and a number in it choose the shard:
records of one tenant are together. Joined records are of one tenant each. What
lacks the field gets a random key, is counted, and is there all the same."""

import json

from harness import Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

CSV = [
    {
        "optionName": "CSVTOJSON",
        "customFieldNames": ["tenant", "hash", "text"],
    }
]
STEP = 2**126  # four shards


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    text = []
    for number in range(400):
        tenant = number // 3 % 5
        text.append(f"tenant-{tenant},{tenant % 4 * STEP},line {number}\n")
    text[100] = "tenant-1,none,no number\n"
    text[200] = ",,no tenant at all\n"
    log.put("".join(text).encode())
    keys = {
        "partitionKey": "<{tenant}>",
        "explicitHashKey": "{hash}",
        "dataProcessingOptions": CSV,
    }
    agent = Agent(
        sandbox,
        [
            flow("app.log", "each", **keys),
            flow("app.log", "joined", aggregatedRecordSizeBytes=4000, **keys),
        ],
    ).start()

    def got(stream):
        return [r for r in sandbox.records() if r.stream == stream]

    def lines(stream):
        return sum(r.data.count(b"\n") for r in got(stream))

    for stream in ("each", "joined"):
        wait_until(lambda at=stream: lines(at) == len(text), stream)
        for record in got(stream):
            entries = [json.loads(at) for at in record.data.splitlines()]
            tenants = {at["tenant"] for at in entries}
            check(len(tenants) == 1, f"of two tenants: {record.data}")
            tenant = tenants.pop()
            if not tenant:
                check(len(record.key) == 16, f"not random: {record.key}")
                continue
            check(record.key == b"<%s>" % tenant.encode(), record.key)
            shard = int(record.shard[-1])
            hashes = {at["hash"] for at in entries}
            if hashes != {"none"}:
                check(len(hashes) == 1, f"of two hashes: {record.data}")
                check(shard == int(hashes.pop()) // STEP, record.shard)
    check(len(got("each")) == len(text), "not one each")
    joined = len(got("joined"))
    check(joined < len(text) / 2, f"hardly joined: {joined}")
    agent.stop()
    agent.wait_log("each.*: 1 records had a random key.* 2 no explicit")
