#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's signature equals that of AWS's own client library.

A few hundred random requests are signed by botocore with its clock held, and
by the agent's signer through sigv4_driver; the Authorization headers must be
the same to the byte. `sigv4_botocore.py DRIVER [SEED]`.
"""
import datetime
import random
import string
import subprocess
import sys
import urllib.parse
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REQUESTS = 400
BIG = 5 << 20
LETTERS = string.ascii_letters + string.digits
ODD = "\"'`\\/=+*%&$#@!?;,<>()[]{}|^~:.-_ \t éßøλжñ漢字😀"
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]


def word(dice, low, high, letters=LETTERS):
    return "".join(dice.choice(letters) for _ in range(dice.randint(low, high)))


def value(dice):
    text = word(dice, 0, 60, LETTERS + ODD * 4)
    return dice.choice(["", "  ", "\t"]) + text + dice.choice(["", "   "])


def body(dice, number):
    if number % 100 == 7:
        return dice.randbytes(BIG)
    if number % 10 == 3:
        return b""
    return dice.randbytes(dice.choice([1, 55, 64, 1000, 90000]))


def path(dice):
    if dice.random() < 0.7:
        return "/"
    odd = "éλ漢%+*'()!$&,;=:@ ~_-"
    return "".join("/x" + word(dice, 1, 12, LETTERS + odd) for _ in range(3))


def headers(dice):
    names = {"content-type", "x-amz-target"}
    for _ in range(dice.randint(0, 12)):
        names.add("x-" + word(dice, 1, 20, string.ascii_lowercase + "-0123"))
    return {name: value(dice) for name in dice.sample(sorted(names), len(names))}


def request(dice, number):
    return {
        "access": word(dice, 16, 128),
        "secret": word(dice, 1, 60, LETTERS + "/+="),
        "token": dice.choice(["", word(dice, 100, 4000, LETTERS + "/+=")]),
        "region": dice.choice(REGIONS),
        "service": dice.choice(
            ["kinesis", "firehose", "monitoring", "sts"]
        ),
        "when": datetime.datetime(2015, 1, 1)
        + datetime.timedelta(seconds=dice.randrange(20 * 365 * 86400)),
        "method": dice.choice(["POST", "POST", "GET"]),
        "host": word(dice, 1, 20, string.ascii_lowercase)
        + dice.choice([".amazonaws.com", ".amazonaws.com:8443", ""]),
        "path": path(dice),
        "headers": headers(dice),
        "body": body(dice, number),
    }


def as_the_agent_asks(r, dice):
    """Some of the requests just as the agent makes them: STS's form, and
    Firehose's JSON."""
    kind = dice.randrange(4)
    if kind == 0:
        role = "arn:aws:iam::123456789012:role/" + word(dice, 1, 64)
        form = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": role,
            "RoleSessionName": "kinesis-agent",
            "ExternalId": word(dice, 2, 40, LETTERS + "+=,.@:/-"),
        }
        r["service"] = "sts"
        r["headers"] = {
            "content-type": "application/x-www-form-urlencoded"
        }
        r["body"] = urllib.parse.urlencode(form).encode()
    elif kind == 1:
        r["service"] = "firehose"
        r["headers"] = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "Firehose_20150804.PutRecordBatch",
        }
    if kind < 2:
        r["method"], r["path"] = "POST", "/"
        r["host"] = f"{r['service']}.{r['region']}.amazonaws.com"
    return r


def judged(r):
    """What botocore makes of it."""
    made = AWSRequest(
        method=r["method"],
        url="https://" + r["host"] + r["path"],
        headers=r["headers"],
        data=r["body"],
    )
    signer = SigV4Auth(
        Credentials(r["access"], r["secret"], r["token"] or None),
        r["service"],
        r["region"],
    )
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = r["when"]
        signer.add_auth(made)
    return made.headers["Authorization"]


def asked(r, dice):
    """What the driver is asked."""
    when = r["when"].strftime("%Y%m%dT%H%M%SZ")
    lines = [("host", r["host"]), ("x-amz-date", when)]
    lines += r["headers"].items()
    if r["token"]:
        lines.append(("x-amz-security-token", r["token"]))
    dice.shuffle(lines)
    fields = [r["access"], r["secret"], r["region"], r["service"], when,
              r["method"], r["path"]]
    text = " ".join(fields) + f"\n{len(lines)} {len(r['body'])}\n"
    text += "".join(f"{name}:{value}\n" for name, value in lines)
    return text.encode() + r["body"]


def main():
    driver = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    dice = random.Random(seed)
    requests = [
        as_the_agent_asks(request(dice, n), dice) for n in range(REQUESTS)
    ]
    # A space would end the driver's field.
    for r in requests:
        r["path"] = r["path"].replace(" ", "%20")
    done = subprocess.run([driver], stdout=subprocess.PIPE, check=True,
                          input=b"".join(asked(r, dice) for r in requests))
    ours = done.stdout.decode().splitlines()
    theirs = [judged(r) for r in requests]
    wrong = [n for n in range(REQUESTS)
             if n >= len(ours) or ours[n] != theirs[n]]
    for n in wrong[:3]:
        print(f"request {n} of seed {seed}: {requests[n]['headers']!r}\n"
              f"  botocore {theirs[n]}\n  agent    {ours[n]}")
    big = sum(len(r["body"]) == BIG for r in requests)
    empty = sum(not r["body"] for r in requests)
    tokens = sum(bool(r["token"]) for r in requests)
    of = {name: sum(r["service"] == name for r in requests)
          for name in ("kinesis", "firehose", "sts")}
    print(f"{REQUESTS - len(wrong)} of {REQUESTS} signatures equal botocore's"
          f" (seed {seed}; {big} bodies of 5 MiB, {empty} empty,"
          f" {tokens} with a session token; {of})")
    return 1 if wrong or len(ours) != REQUESTS else 0


if __name__ == "__main__":
    sys.exit(main())
