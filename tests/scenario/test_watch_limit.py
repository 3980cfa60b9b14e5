# SPDX-License-Identifier: Apache-2.0
"""No more watches to be had (ENOSPC), or none at all (EMFILE): it is said once
with the cure, directories are looked at instead, and every line arrives, also
of files and directories that come later."""

import subprocess

from harness import Account, Agent, LogWriter, Sandbox, Skip, check, flow
from harness import scenario

CASES = "watches instances"

LIMITS = {"watches": ("max_inotify_watches", 7),
          "instances": ("max_inotify_instances", 0)}  # fmt: skip


def limited(case):
    """A wrap that sets the limit in a user namespace of the agent's own."""
    name, value = LIMITS[case]
    return ["unshare", "-Ur", "sh", "-c",
            f'echo {value} >/proc/sys/user/{name} && exec "$@"',
            "sh"]  # fmt: skip


@scenario
def play(case):
    wrap = limited(case)
    if subprocess.run([*wrap, "true"], check=False,
                      capture_output=True).returncode:  # fmt: skip
        raise Skip("needs user namespaces")
    sandbox = Sandbox()
    logs = [LogWriter(f"top/{n}/x.log") for n in range(30)]
    agent = Agent(
        sandbox,
        [flow("top/*/*.log", "one",
              maxTimeBetweenFileTrackerRefreshMillis=600000)],
        wrap=wrap,
    )  # fmt: skip
    for log in logs:
        log.write(20)
    agent.start()
    Account(sandbox, *logs).wait_delivered()
    for turn in range(3):
        logs.append(LogWriter(f"top/later{turn}/x.log"))
        logs.append(LogWriter(f"top/{turn}/y.log"))
        for log in logs:
            log.write(20)
        Account(sandbox, *logs).wait_delivered()
    logs[0].rotate()
    logs[29].rotate()
    logs[0].write(20)
    logs[29].write(20)
    Account(sandbox, *logs).wait_delivered()
    agent.stop()
    said = agent.log_lines(
        r"warn  (?!again \d+ times).*fs\.inotify\.max_user_" + case
    )
    check(1 <= len(said) <= 2, f"said {len(said)} times: {said[:3]}")
    status = agent.log_lines(r"directories \d+ \([1-9]\d* polled\)")
    check(status, "the status tells of no polled directory")
    Account(sandbox, *logs).settle()
