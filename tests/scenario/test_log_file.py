# SPDX-License-Identifier: Apache-2.0
"""A log file of its own: bounded, complete where its disk allows it, holding
nobody up where it does not, and never food for the agent, whatever the
patterns match."""

import os
import re
import signal

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import read, scenario, wait_until
from test_no_space_for_the_checkpoint import fill, mount_namespace

CASES = "rotates full killed"
CAP = 64 * 1024


def text_of(file):
    return read(file).decode() if os.path.exists(file) else ""


def play_rotates(sandbox, agent, account, log, where):
    """More is said than two files may hold. The pattern matches them, and the
    dead letters and the database beside them."""
    for i in range(1500):
        os.mkfifo(path("logs", f"{i:04d}-no-regular-file.fifo"))
    agent.configure({"flows": [flow("logs/*", "one"), flow("state/*", "two"),
                               flow("*.log", "one")]})  # fmt: skip
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
    files = sorted(os.listdir(path("logs")))
    ours = [name for name in files if name.startswith("agent.log")]
    check(ours == ["agent.log", "agent.log.1"], f"the files are {ours}")
    for name in ours:
        size = os.path.getsize(path("logs", name))
        check(0 < size <= CAP, f"{name} has {size} bytes")
    said = text_of(path("logs", "agent.log.1")) + text_of(
        path("logs", "agent.log")
    )
    fifos = [at for at in said.splitlines() if "is a FIFO" in at]
    numbers = [int(re.search(r"/(\d{4})-no-", at)[1]) for at in fifos]
    check(len(fifos) > 200, f"{len(fifos)} lines are kept")
    check(len(set(numbers)) == len(numbers), "no line twice")
    check(
        all("matches a filePattern" in at for at in fifos), "no line is torn"
    )
    streams = {record.stream for record in sandbox.records()}
    check(streams == {"one"}, f"its own files were sent to {streams}")


def play_full(sandbox, agent, account, log, where):
    """The disk fills up and is freed: delivery does not notice, and what was
    said meanwhile is there, or counted."""
    holder = mount_namespace(path("logs", "disk"), "300k")
    inside = f"/proc/{holder.pid}/root{path('logs', 'disk')}"
    agent.wrap = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt"]
    agent.configure({"log.file": path("logs", "disk", "agent.log")})
    agent.start()
    account.wait_delivered()
    wait_until(
        lambda: "the first 500 records" in text_of(f"{inside}/agent.log"),
        "the log to say so",
    )
    fill(f"{inside}/filler")
    sandbox.fault("500", count=2)
    log.write(500)
    account.wait_delivered()
    # More than the rest of its last page.
    for i in range(60):
        os.mkfifo(path(f"{i:02d}-no-regular-file.log"))
    agent.wait_log("log.file: .*agent.log: cannot be written: No space left")
    log.write(500)
    account.wait_delivered()
    os.unlink(f"{inside}/filler")
    wait_until(
        lambda: text_of(f"{inside}/agent.log").count("is a FIFO") == 60,
        "what was said meanwhile",
    )
    agent.stop()
    account.settle()


def play_killed(sandbox, agent, account, log, where):
    """A crash: what was said last is in the file, and of what it died. Then
    there is no directory: it says where it speaks instead, and works."""
    agent.start()
    account.wait_delivered()
    wait_until(
        lambda: "the first 500 records" in text_of(where), "the log to say so"
    )
    agent.process.signal(signal.SIGABRT)
    agent.process.wait_exit()
    said = text_of(where)
    check("the first 500 records" in said, said)
    check("dies of signal 6 (Aborted)" in said.splitlines()[-1], said)
    agent.configure({"log.file": path("nowhere", "agent.log")})
    log.write(500)
    agent.start()
    account.wait_delivered()
    check(agent.log_lines("log.file: .*No such file.*standard error"), "said")
    agent.stop()
    account.settle(repeated=500)


@scenario
def play(case):
    sandbox = Sandbox()
    os.mkdir(path("logs"))
    where = path("logs", "agent.log")
    agent = Agent(sandbox, [flow("*.log", "one")], {
        "log.file": where, "log.maxBytes": CAP, "log.keep": 1})  # fmt: skip
    log = LogWriter("app.log")
    log.write(500)
    account = Account(sandbox, log)
    {"rotates": play_rotates, "full": play_full, "killed": play_killed}[case](
        sandbox, agent, account, log, where
    )
