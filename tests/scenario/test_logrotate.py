# SPDX-License-Identifier: Apache-2.0
"""The real logrotate, with each directive that changes what becomes of a log,
while lines are written: nothing lost, nothing repeated, in order. What
postrotate says reaches the writer from the script itself."""

import os
import shutil
import time

from harness import Agent, Sandbox, Skip, flow, own, run, scenario
from harness import wait_until
from rotations import Books, Log

CASES = "create nocreate copytruncate copy dateext olddir compress delaycompress zstd maxage rotate sharedscripts copytruncate-compress copytruncate-olddir olddir-compress"

# Directives, and whether the writer is told to reopen.
WAYS = {
    "create": ("create 0644", True),
    "nocreate": ("nocreate", True),
    "copytruncate": ("copytruncate", False),
    "copy": ("copy", False),
    "dateext": ("create\n dateext\n dateformat -%Y%m%d-%s", True),
    "olddir": ("create\n olddir old\n createolddir 0755 root root", True),
    "compress": ("create\n compress", True),
    "delaycompress": ("create\n compress\n delaycompress", True),
    "zstd": ("create\n compress\n compresscmd /usr/bin/zstd\n"
             " compressext .zst\n compressoptions -q\n"
             " uncompresscmd /usr/bin/unzstd", True),
    "maxage": ("create\n maxage 1", True),
    "rotate": ("create\n rotate 2", True),
    "sharedscripts": ("create\n sharedscripts", True),
    "copytruncate-compress": ("copytruncate\n compress", False),
    "copytruncate-olddir": ("copytruncate\n olddir old\n"
                            " createolddir 0755 root root", False),
    "olddir-compress": ("create\n olddir old\n"
                        " createolddir 0755 root root\n compress", True),
}  # fmt: skip


def configuration(case, logs):
    directives, reopen = WAYS[case]
    text = "\n".join(f'"{log.file}"' for log in logs)
    text += f" {{\n missingok\n rotate 99\n {directives}\n"
    if reopen:
        text += " postrotate\n"
        for log in logs:
            text += f"  echo r >/proc/{log.process.pid}/fd/0\n"
        text += " endscript\n"
    file = own("logrotate.conf")
    with open(file, "w", encoding="utf-8") as out:
        out.write(text + "}\n")
    return file


def age(logs):
    """The rotated files are three days old."""
    for log in logs:
        for name in os.listdir(log.directory):
            if name != "app.log":
                then = time.time() - 3 * 86400
                os.utime(os.path.join(log.directory, name), (then, then))


@scenario
def play(case):
    if os.geteuid() != 0 or shutil.which("logrotate") is None:
        raise Skip("needs root and logrotate")
    if case == "zstd" and shutil.which("zstd") is None:
        raise Skip("needs zstd")
    sandbox = Sandbox()
    logs = [Log("one", 2000), Log("two", 10000)]
    agent = Agent(
        sandbox,
        [
            flow("logs/one/app.log", "one", maxInFlight=1),
            flow("logs/two/app.log*", "two"),
        ],
    ).start()
    agent.wait_ready()
    logs[0].alone = True
    books = Books(sandbox, agent, logs)
    file = configuration(case, logs)
    for turn in range(4):
        before = len(sandbox.records())
        wait_until(lambda: len(sandbox.records()) > before + 500, "lines")
        if case == "dateext":  # its names tell seconds
            second = int(time.time()) + 1.1
            wait_until(lambda: time.time() > second, "another second")
        for log in logs:
            log.truncated = case.startswith("copytruncate")
        run("/usr/sbin/logrotate", "-f", "-s", own("logrotate.state"), file)
        if case == "maxage":
            age(logs)
    for log in logs:
        log.stop()
        log.rotated = 4
    books.wait_delivered()
    books.wait_quiet()
    agent.stop()
    print(books.report())
    books.settle()
