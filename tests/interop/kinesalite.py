# SPDX-License-Identifier: Apache-2.0
"""50,000 lines of a log that the real logrotate rotates at least five times,
followed into kinesalite (another's Kinesis, behind haproxy's TLS) and read
back with AWS's own client: every line is there byte for byte, none twice, and
in file order within each request.

Cases: cbor and json over four shards with many requests in flight; and
one-in-flight, where a single shard must hold each file's lines in file order.
"""

import base64
import json
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))

import botocore.session  # noqa: E402
from botocore.config import Config  # noqa: E402

import harness  # noqa: E402
from harness import Account, Agent, LogWriter, Process, check  # noqa: E402
from harness import flow, path, read, run, scenario, wait_until  # noqa: E402

LINES = 50000
ROTATIONS = 6
STREAM = "judged"


class Kinesalite:
    """kinesalite behind haproxy, as harness.Agent wants an endpoint: url and
    ca_file; and as harness.Account wants one: records."""

    def __init__(self, shards):
        check(
            os.path.isdir(os.path.join(HERE, "node_modules", "kinesalite")),
            f"no kinesalite: run npm ci --omit=optional in {HERE}",
        )
        self.witness = path("witness")
        node = Process(
            "kinesalite",
            ["node", os.path.join(HERE, "kinesalite.js"), self.witness],
        )
        wait_until(lambda: read(node.out_path).endswith(b"\n"), "kinesalite")
        self.plain = f"http://127.0.0.1:{int(read(node.out_path))}"
        self.start_front()
        self.client = self.make_client()
        self.client.create_stream(StreamName=STREAM, ShardCount=shards)
        wait_until(
            lambda: self.describe()["StreamStatus"] == "ACTIVE", "the stream"
        )
        self.taken = []

    def start_front(self):
        """haproxy speaks TLS for it, on a socket that we opened: so the port
        is free, and on 127.0.0.1 only."""
        self.ca_file, certificate, key = harness.make_certificate()
        with open(path("front.pem"), "wb") as out:
            out.write(read(certificate) + read(key))
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        with open(path("front.cfg"), "w", encoding="ascii") as out:
            out.write(f"""\
global
    maxconn 500
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend tls
    bind fd@{listener.fileno()} ssl crt {path("front.pem")}
    default_backend kinesalite
backend kinesalite
    server one {self.plain[len("http://"):]}
""")
        Process(
            "haproxy",
            ["haproxy", "-db", "-f", path("front.cfg")],
            pass_fds=[listener.fileno()],
        )
        self.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()

    def make_client(self):
        session = botocore.session.Session()
        # What came in CBOR goes out in JSON as a dump of a Node.js Buffer.
        session.get_component("response_parser_factory").set_parser_defaults(
            blob_parser=blob
        )
        return session.create_client(
            "kinesis",
            region_name="eu-west-1",
            endpoint_url=self.plain,
            aws_access_key_id="anything",
            aws_secret_access_key="anything",
            config=Config(parameter_validation=False, proxies={}),
        )

    def describe(self):
        return self.client.describe_stream(StreamName=STREAM)[
            "StreamDescription"
        ]

    def witnessed(self):
        """The requests it answered: [shard, sequence number] of each record
        in request order."""
        if not os.path.exists(self.witness):
            return []
        *lines, _ = read(self.witness).split(b"\n")
        return [json.loads(line) for line in lines]

    def read_back(self):
        """Take over what is in the stream, as AWS's client sees it."""
        place = {
            tuple(at): (request, index)
            for request, answers in enumerate(self.witnessed())
            for index, at in enumerate(answers)
        }
        for shard in self.describe()["Shards"]:
            name = shard["ShardId"]
            for at in self.read_shard(name):
                sequence = at["SequenceNumber"]
                request, index = place[name, sequence]
                self.taken.append(
                    harness.Record(
                        int(sequence), name, STREAM, (0, request), index,
                        at["PartitionKey"], at["Data"],
                    )
                )  # fmt: skip

    def read_shard(self, name):
        iterator = self.client.get_shard_iterator(
            StreamName=STREAM, ShardId=name, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            page = self.client.get_records(ShardIterator=iterator, Limit=5000)
            if not page["Records"]:
                return
            yield from page["Records"]
            iterator = page["NextShardIterator"]

    def records(self):
        return self.taken


def blob(value):
    if isinstance(value, dict):
        return bytes(value["data"])
    return base64.b64decode(value)


def logrotate(log):
    """Rotate with the real one, which keeps its own state file here."""
    with open(path("logrotate.conf"), "w", encoding="ascii") as out:
        out.write(f"{log.file} {{\n\trotate 20\n\tsize 1\n\tcreate 0644\n}}\n")
    os.chmod(path("logrotate.conf"), 0o600)
    run("/usr/sbin/logrotate", "-s", path("logrotate.state"),
        path("logrotate.conf"))  # fmt: skip


@scenario
def play(case):
    os.environ["NO_PROXY"] = "127.0.0.1"
    judge = Kinesalite(shards=1 if case == "one-in-flight" else 4)
    keys = {
        "cbor": {},
        "json": {"wireFormat": "json"},
        "one-in-flight": {"wireFormat": "json", "maxInFlight": 1},
    }[case]
    log = LogWriter("log/app.log", name="app", filler=(0, 60))
    os.chmod(path("log"), 0o755)
    agent = Agent(judge, [flow("log/app.log", STREAM, **keys)])
    # A file that is rotated away before is none of its business.
    agent.start().wait_ready()
    log.begin(rate=12000)
    for rotation in range(1, ROTATIONS + 1):
        share = LINES * rotation // (ROTATIONS + 1)
        wait_until(lambda: len(log.lines) >= share, "the writer", 60)
        logrotate(log)
        check(os.path.exists(f"{log.file}.{rotation}"), "nothing was rotated")
        log.reopen()
    wait_until(lambda: len(log.lines) >= LINES, "the writer", 60)
    log.stop()

    wait_until(
        lambda: sum(map(len, judge.witnessed())) >= len(log.lines),
        lambda: f"{len(log.lines)} lines; {len(judge.witnessed())} requests, "
        f"{sum(map(len, judge.witnessed()))} records were taken",
        60,
    )
    agent.stop()
    judge.read_back()
    account = Account(judge, log).settle(across=case == "one-in-flight")
    if case == "one-in-flight":
        in_stream = [at.sequence for at in judge.taken]
        by_request = sorted(judge.taken, key=lambda at: (at.request, at.index))
        check(
            in_stream == [at.sequence for at in by_request],
            "the shard's order is not that of the requests",
        )
    print(account.report())
