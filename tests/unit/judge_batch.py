#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An outside judge of request bodies: Python's cbor2, json and base64 read
what batch_dump writes, and must find the records that went in."""
import base64
import io
import json
import struct
import subprocess
import sys

import cbor2


def number(stream):
    return struct.unpack(">I", stream.read(4))[0]


def string(stream):
    return stream.read(number(stream))


def read_cbor(body):
    stream = io.BytesIO(body)
    request = cbor2.CBORDecoder(stream).decode()
    assert stream.read() == b"", "bytes behind the request"
    return request, lambda data: data


def read_json(body):
    return json.loads(body), lambda data: base64.b64decode(data, validate=True)


def judge(wire, body, wanted):
    request, decode = (read_cbor if wire == b"C" else read_json)(body)
    records = request.pop("Records")
    (member, target), = request.items()
    assert target == "arn:aws:kinesis:eu-west-1:1:stream/\u00fc", target
    firehose = member == "DeliveryStreamName"
    assert firehose or member == "StreamARN", member
    got = [(decode(r["Data"]), r.get("PartitionKey", "").encode())
           for r in records]
    members = {"Data"} if firehose else {"Data", "PartitionKey"}
    assert all(set(r) == members for r in records)
    assert got == wanted, "other records than went in"
    return len(got)


def main():
    out = io.BytesIO(subprocess.run([sys.argv[1]], check=True, timeout=50,
                                    stdout=subprocess.PIPE).stdout)
    requests = records = 0
    while wire := out.read(1):
        body = string(out)
        wanted = [(string(out), string(out)) for _ in range(number(out))]
        records += judge(wire, body, wanted)
        requests += 1
    assert requests == 60, requests
    print(f"{requests} requests with {records} records are what went in")


main()
