# SPDX-License-Identifier: Apache-2.0
"""The JSON wire format and Firehose deliver the same bytes as CBOR does: any
byte, any length, empty lines and carriage returns, also while a part of the
records of some requests fails."""

import harness
from harness import Account, Agent, LogWriter, Sandbox, flow, scenario

CASES = "cbor json firehose"


def stage_bytes(length):
    """Random bytes without a newline, and unlike any others."""
    made = harness.stage.rng.randbytes(length).replace(b"\n", b"\0")
    return b"%d:" % length + made


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    any_byte = bytes(b for b in range(256) if b != 10)
    log.write_line(any_byte + b"\n")
    log.write_line(b"\r\n")
    log.write_line(b"\n")
    for length in range(1, 300):
        log.write_line(stage_bytes(length) + b"\n")
    log.write(2000)
    for length in (23, 24, 255, 256, 65535, 65536, 900000):
        log.write_line(stage_bytes(length - 1) + b"\n")
    sandbox.fault("fail-records", count=4, share=0.3)
    sandbox.fault("throttle-records", count=2, share=0.7)
    keys = {
        "cbor": {},
        "json": {"wireFormat": "json"},
        "firehose": {"firehose": True},
    }[case]
    agent = Agent(sandbox, [flow("app.log", "one", **keys)]).start()
    account = Account(
        sandbox, log, stream="firehose:one" if case == "firehose" else "one"
    )
    account.wait_delivered()
    agent.stop()
    account.settle()
