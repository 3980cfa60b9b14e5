# SPDX-License-Identifier: Apache-2.0
"""Started without standard descriptors, with a standard error that nobody
reads, or under an inherited JOURNAL_STREAM that is another's: the agent
delivers all the same, and its words end up in nothing else."""

import fcntl
import os

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "closed full reader-gone journal"


def full_pipe():
    """A pipe that holds not one byte more; its end to write to."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x")
    except BlockingIOError:
        pass
    os.set_blocking(writing, True)
    return reading, writing


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(500)
    agent = Agent(sandbox, [flow("app.log", "one")])
    if case == "closed":
        agent.wrap = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "-"]
    elif case == "full":
        _reading, writing = full_pipe()
        pipe = f"/proc/{os.getpid()}/fd/{writing}"
        agent.wrap = ["sh", "-c", f'exec "$@" 2>{pipe}', "-"]
    elif case == "reader-gone":
        agent.wrap = ["bash", "-c", 'exec "$@" 2> >(exec true)', "-"]
    else:
        agent.wrap = ["env", "JOURNAL_STREAM=8:4711"]
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    if case == "closed":
        for fd in "012":
            link = os.readlink(f"/proc/{agent.process.pid}/fd/{fd}")
            check(link == "/dev/null", f"descriptor {fd} is {link}")
    sandbox.fault("500", count=3)
    log.write(500)
    account.wait_delivered()
    agent.stop()
    account.settle()
    if case == "journal":
        check(not agent.log_lines("^<[0-9]>"), "it speaks to no journal")
