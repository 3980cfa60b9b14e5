# SPDX-License-Identifier: Apache-2.0
"""Limits hold to the byte, and what a stream allows beyond the usual is used:
a line that fills a record is whole, one that is a byte longer is cut, for
streams of 1, 4 and 10 MiB, in both formats, and for Firehose. Where the stream
may not be asked, a record has 1 MiB. The sandbox refuses what is over."""

from harness import Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

KIB = 1024
MIB = 1024 * KIB
KEY = 16  # bytes of a random key


@scenario
def play():
    sandbox = Sandbox(options=["--max-body", str(10 * MIB)])
    streams = {  # name: (bytes a record may have, what the flow is told)
        "usual": (MIB, {}),
        "four": (4 * MIB, {}),
        "ten": (10 * MIB, {"maxBufferSizeBytes": 10 * MIB}),
        "json": (10 * MIB, {"maxBufferSizeBytes": 10 * MIB, "wireFormat": "json"}),
        "five": (10 * MIB, {}),  # a request has no more by default
        "secret": (4 * MIB, {}),
        "fire": (1000 * KIB, {"firehose": True}),
    }  # fmt: skip
    flows, want = [], {}
    for name, (most, settings) in streams.items():
        if not settings.get("firehose"):
            sandbox.call(
                "POST",
                "/sandbox/shards",
                {
                    "stream": name,
                    "shards": 1,
                    "recordBytes": most,
                    "describe": name != "secret",
                },
            )
        flows.append(flow(f"{name}.log", name, **settings))
        if name in ("secret", "five"):
            most = {"secret": MIB, "five": 5 * MIB}[name]
        most -= 0 if settings.get("firehose") else KEY
        log = LogWriter(f"{name}.log")
        want[name] = [
            letter * length + b"\n"
            for letter, length in ((b"a", most - 2), (b"b", most - 1))
        ]
        for line in want[name]:
            log.put(line)
        log.put(b"c" * most + b"\n")
        want[name].append(b"c" * (most - 1) + b"\n")
        log.put(b"the end\n")
        want[name].append(b"the end\n")
    agent = Agent(sandbox, flows).start()

    def got(name):
        stream = "firehose:fire" if name == "fire" else name
        return [r.data for r in sandbox.records() if r.stream == stream]

    for name in streams:
        wait_until(lambda at=name: len(got(at)) == 4, name, 20)
        sizes = [len(r) for r in got(name)]
        check(
            sorted(got(name)) == sorted(want[name]),
            f"{name}: {sizes} for {[len(r) for r in want[name]]}",
        )
    stats = sandbox.stats()
    check(
        stats["rejected_requests"] == 1,
        f"more was refused than the question about one stream: {stats}",
    )
    agent.wait_log("cannot ask how large records of secret may be.*1 MiB")
    check(not agent.log_lines("records of fire"), "Firehose was asked")
    agent.stop()
