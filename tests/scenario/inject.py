# SPDX-License-Identifier: Apache-2.0
"""inject: what befalls the agent in its system calls: death, an error, a disk
that does not answer. strace does it; it follows the agent's threads, and
counts the calls of each on its own."""

import os
import shutil
import subprocess

from harness import Skip, own, read

SHELL = "/bin/sh"


def need():
    """Skip where nobody may be traced."""
    if shutil.which("strace") is None:
        raise Skip("no strace")
    done = subprocess.run(
        ["strace", "-f", "-o", "/dev/null", SHELL, "-c", ":"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Skip(f"nobody may be traced here: {done.stderr.strip()}")


class Fate:
    """`what` (signal=KILL, error=EIO, delay_enter=1s) befalls the calls that
    `when` names, of each thread: "5", "5+", "1+2"."""

    serial = 0

    def __init__(self, calls, what, when):
        Fate.serial += 1
        self.calls = calls
        self.trace = own(f"trace-{Fate.serial}")
        # The tracer is the agent's grandchild (-D), and the process that was
        # started is the agent's. Not with --seccomp-bpf, which is quicker:
        # signals do not befall anybody then.
        self.wrap = [
            "strace", "-D", "-f", "-qq", "-o", self.trace, "-e", "signal=none",
            "-e", f"trace={calls}", "-e", f"inject={calls}:{what}:when={when}",
        ]  # fmt: skip

    def befalls(self, agent):
        """Start the agent with this fate, and without any the next time."""
        wrap, environment = agent.wrap, agent.environment
        agent.wrap = wrap + self.wrap
        # Who is traced cannot look for leaks at its end.
        agent.environment = {**environment, "ASAN_OPTIONS": "detect_leaks=0"}
        agent.start()
        agent.process.must_run = False
        agent.wrap, agent.environment = wrap, environment
        return self

    def calls_made(self):
        """How often the agent made such a call, in all its threads."""
        if not os.path.exists(self.trace):
            return 0
        return sum(
            b"(" in line and b"resumed" not in line
            for line in read(self.trace).splitlines()
        )
