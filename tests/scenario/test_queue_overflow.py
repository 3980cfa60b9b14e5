# SPDX-License-Identifier: Apache-2.0
"""The agent stands still (SIGSTOP) during 20,000 alternating writes, more than
the kernel's queue of events holds, while files are made, rotated and removed:
that it lost events is noticed, and every line arrives once."""

import os
import signal

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import scenario, wait_until

CASES = "directory many_directories"

QUEUE = "/proc/sys/fs/inotify/max_queued_events"


def is_stopped(agent):
    with open(f"/proc/{agent.process.pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


@scenario
def play(case):
    sandbox = Sandbox()
    where = "log/{}.log" if case == "directory" else "top/{}/x.log"
    pattern = "log/*.log" if case == "directory" else "top/*/*.log"
    logs = [LogWriter(where.format(n)) for n in range(10)]
    agent = Agent(
        sandbox,
        [flow(pattern, "one",
              maxTimeBetweenFileTrackerRefreshMillis=600000)],
    )  # fmt: skip
    for log in logs:
        log.write(10)
    agent.start()
    account = Account(sandbox, *logs)
    account.wait_delivered()

    agent.process.popen.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(agent), "the agent to stand still")
    for n in range(20000):
        logs[n % 2].write(1)
    with open(QUEUE, encoding="ascii") as limit:
        events = int(limit.read())
    for n in range(events // 2):
        log = logs[2 + n % 2]
        with open(log.file, "ab"):
            pass
        os.utime(log.file)
        os.utime(logs[4 + n % 2].file)
    # Nothing of this is in the queue any more.
    logs[6].rotate()
    logs[6].write(10)
    late = LogWriter(where.format("late"))
    late.write(10)
    logs[7].write(10)
    os.makedirs(os.path.dirname(path(where.format("last"))), exist_ok=True)
    os.rename(logs[8].file, path(where.format("last")))
    logs[8].write(10)
    agent.process.popen.send_signal(signal.SIGCONT)

    account = Account(sandbox, *logs, late)
    account.wait_delivered()
    agent.wait_log("more events than its queue holds")
    for log in (*logs, late):
        log.write(10)
    account.wait_delivered()
    check(len(agent.log_lines("more events than its queue")) < 3, "said often")
    agent.stop()
    account.settle()
