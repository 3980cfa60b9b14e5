# SPDX-License-Identifier: Apache-2.0
"""Invalid UTF-8, NUL bytes, control bytes, carriage returns and empty lines
go through untouched; so does a line of any length up to the limit."""

import harness
from harness import Account, Agent, LogWriter, Sandbox, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write_line(b"\xff\xfe broken \xc3\x28 utf-8 \xed\xa0\x80\n")
    log.write_line(b"\xf8\x88\x80\x80\x80 overlong \xc0\xaf\n")
    log.write_line(b"nul \0 in the middle \0\0\0\n")
    log.write_line(b"\0" * 5000 + b"\n")
    log.write_line(b"\0\n")
    log.write_line(b"\n")
    log.write_line(b"\r\n")
    log.write_line(b"carriage return\r in it\r\n")
    log.write_line(b"\x1b[31mred\x1b[0m \x7f\x80\n")
    for number in range(500):
        noise = harness.stage.rng.randbytes(number).replace(b"\n", b"")
        log.write_line(b"%d:" % number + noise + b"\n")
    agent = Agent(sandbox, [flow("app.log", "one")]).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    account.settle()
