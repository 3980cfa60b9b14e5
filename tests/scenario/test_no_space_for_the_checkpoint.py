# SPDX-License-Identifier: Apache-2.0
"""No space left for the checkpoint: one clear line names it, delivery goes
on, and when there is space again the checkpoint catches up: a restart repeats
nothing."""

import os

from harness import Account, Agent, LogWriter, Process, Sandbox, Skip, check
from harness import flow, need_root, path, scenario, wait_until


def mount_namespace(mount_point, size):
    """A process that holds a mount namespace with a small tmpfs in it."""
    need_root("to mount a small file system")
    os.mkdir(mount_point)
    mounted = path("mounted")
    holder = Process(
        "holder",
        ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size="$1" small "$2"'
         ' && : >"$3" && exec sleep 1000', "-", size, mount_point, mounted],
    )  # fmt: skip
    holder.must_run = False
    wait_until(
        lambda: os.path.exists(mounted) or holder.poll() is not None, "mount"
    )
    if holder.poll() is not None:
        raise Skip(f"cannot mount here: {holder.ending()}")
    return holder


CASES = "fills full"


def play_full(sandbox, agent, account, log, inside):
    """Full from the start: whether it works without or refuses to, it says
    why; and when there is space it delivers everything."""
    fill(f"{inside}/filler")
    agent.start()
    agent.process.must_run = False
    agent.wait_log(f"{agent.state}.*(full|space)")
    refused = agent.process.poll
    if wait_until(
        lambda: "refused" if refused() is not None
        else "works" if not account.missing() else None,
        "the agent to work or to refuse",
    ) == "refused":  # fmt: skip
        check(agent.wait_exit() == 1, agent.process.ending())
    else:
        # Delivered, but not noted: whoever asked for the end is told.
        agent.stop(code=3)
    os.unlink(f"{inside}/filler")
    log.write(500)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle(repeated=500)


def fill(file):
    """Take all the space there is."""
    with open(file, "wb", buffering=0) as out:
        for size in (4096, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                pass


@scenario
def play(case):
    sandbox = Sandbox()
    state = path("state")
    holder = mount_namespace(state, "1m" if case == "fills" else "256k")
    inside = f"/proc/{holder.pid}/root{state}"
    agent = Agent(
        sandbox,
        [flow("*.log", "one")],
        wrap=["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt"],
    )
    log = LogWriter("app.log")
    log.write(500)
    account = Account(sandbox, log)
    if case == "full":
        play_full(sandbox, agent, account, log, inside)
        return

    agent.start()
    account.wait_delivered()
    fill(f"{inside}/filler")
    log.write(500)
    account.wait_delivered()
    agent.wait_log(f"{state}.*(full|space)")
    for _ in range(10):
        log.write(500)
        account.wait_delivered()
    os.unlink(f"{inside}/filler")
    log.write(500)
    account.wait_delivered()
    agent.wait_log("checkpoints are written again")
    agent.state = inside
    agent.wait_settled()
    agent.kill9()
    log.write(500)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()
