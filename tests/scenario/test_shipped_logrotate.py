# SPDX-License-Identifier: Apache-2.0
"""The README's stanza for logrotate: what `kinesis-agent shipped` waits for is
deleted when it is delivered and that is noted, so that a crash right then costs
nothing; and it stays where the time is not enough."""

import os
import shutil
import subprocess

from harness import Account, Agent, LogWriter, Process, Sandbox, Skip, check
from harness import flow, own, path, read, scenario, wait_until


def stanza(agent, log, wait):
    file = own(f"logrotate-{wait}.conf")
    with open(file, "w", encoding="utf-8") as out:
        out.write(
            f'"{log.file}" {{\n rotate 0\n create 0644\n postrotate\n'
            f"  {agent.binary} shipped -c {own('agent.yaml')}"
            f' "$2" --wait {wait}\n endscript\n}}\n'
        )
    return file


def rotate(agent, log, wait):
    return Process(
        "logrotate",
        ["/usr/sbin/logrotate", "-f", "-s", own("state.lr"),
         stanza(agent, log, wait)],
    )  # fmt: skip


def noted(agent, file):
    """How much of it, as the database says, asked from outside."""
    out = subprocess.run(
        ["sqlite3", "-readonly", os.path.join(agent.state,
         "checkpoints.sqlite"), "SELECT max(committed) FROM checkpoint "
         f"WHERE ino = {os.stat(file).st_ino}"],
        capture_output=True, check=True)  # fmt: skip
    return int(out.stdout.strip() or -1)


def delivered_is_not_noted(agent, log, account):
    """Right after a note the next one is far: what is delivered by then does
    not count before it."""
    wait_until(
        lambda: noted(agent, log.file) == os.stat(log.file).st_size, "a note"
    )
    log.write(5)
    account.wait_delivered()
    size = os.stat(log.file).st_size
    ask = Process("shipped", [
        agent.binary, "shipped", "-c", own("agent.yaml"), log.file])  # fmt: skip
    code = ask.wait_exit(30)
    check(code == (0 if noted(agent, log.file) == size else 8), ask.ending())
    ask = Process("shipped", [
        agent.binary, "shipped", "-c", own("agent.yaml"), log.file,
        "--wait", "30s"])  # fmt: skip
    check(ask.wait_exit(30) == 0, ask.ending())
    check(noted(agent, log.file) == size, "it is not noted")


@scenario
def play():
    if os.geteuid() != 0 or shutil.which("logrotate") is None:
        raise Skip("needs root and logrotate")
    sandbox = Sandbox()
    log = LogWriter("logs/app.log", hold=False)
    old = log.file + ".1"
    agent = Agent(
        sandbox,
        [flow("logs/app.log", "s")],
        {"checkpointIntervalMillis": 800},
    ).unprivileged()
    account = Account(sandbox, log)
    log.write(20)
    agent.start()
    account.wait_delivered()
    delivered_is_not_noted(agent, log, account)

    # It waits for as long as nothing is delivered, and then not for long.
    sandbox.fault("500", count=-1)
    log.write(50)
    done = rotate(agent, log, "60s")
    wait_until(lambda: os.path.exists(old), "the rotation")
    log.write(10)
    wait_until(lambda: sandbox.stats()["requests"] > 3, "requests refused")
    check(done.poll() is None and os.path.exists(old), "it did not wait")
    sandbox.no_faults()
    check(done.wait_exit(30) == 0, done.ending())
    agent.kill9()
    check(not os.path.exists(old), "it was not deleted")
    check("delivered and noted up to" in read(done.out_path).decode(), "said")
    log.write(5)
    agent.start()
    account.wait_delivered()
    check(not agent.log_lines("lost"), "it misses what was deleted")
    for line in log.lines[:75]:
        check(account.counts()[line] == 1, f"repeated: {line}")

    # Where the time is not enough the file stays.
    sandbox.fault("500", count=-1)
    log.write(5)
    done = rotate(agent, log, "300ms")
    check(done.wait_exit(30) == 1, "the script's failure is not told")
    check("not noted as delivered" in done.log_text(), done.ending())
    check(os.path.exists(old), "it was deleted")
    sandbox.no_faults()
    account.wait_delivered()
    agent.stop()
    check(not account.lost(), account.report())
