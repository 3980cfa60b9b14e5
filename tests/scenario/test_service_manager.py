# SPDX-License-Identifier: Apache-2.0
"""A service manager (systemd's Type=notify) is told that the agent is ready and
that it stops, and that it reloads; its watchdog only while every thread turns."""

import ctypes
import os
import shutil
import socket
import time

from harness import SLOW, Account, Agent, LogWriter, Sandbox, Skip, check
from harness import flow, need_root, path, run, scenario, wait_until

CASES = "told held-up reloads"

CLONE_NEWNS = 0x00020000
MS_REC_PRIVATE = 0x44000
WATCHDOG = 0.4 * SLOW


class Manager:
    """The end of NOTIFY_SOCKET that a service manager holds."""

    def __init__(self):
        self.name = path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name)
        self.socket.setblocking(False)
        self.heard = []

    def environment(self):
        return [
            "env",
            f"NOTIFY_SOCKET={self.name}",
            f"WATCHDOG_USEC={int(WATCHDOG * 1000000)}",
        ]

    def count(self, what):
        while True:
            try:
                text = self.socket.recv(4096).decode()
            except BlockingIOError:
                break
            self.heard += [(line, time.monotonic()) for line in text.split("\n")]
        return sum(1 for line, _ in self.heard if line == what)

    def silence(self):
        """For how long the watchdog was not told."""
        self.count("WATCHDOG=1")
        beats = [at for line, at in self.heard if line == "WATCHDOG=1"]
        return time.monotonic() - beats[-1]

    def wait(self, what, times=1):
        wait_until(
            lambda: self.count(what) >= times,
            lambda: f"{what} to be told; heard: {self.heard}",
            10 * SLOW,
        )


def start():
    manager = Manager()
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(10)
    agent = Agent(sandbox, [flow("app.log", "one")], wrap=manager.environment())
    agent.start()
    manager.wait("READY=1")
    manager.wait("WATCHDOG=1", times=5)
    check(manager.count("STOPPING=1") == 0, "told to stop too early")
    return manager, agent, Account(sandbox, log)


def told():
    manager, agent, account = start()
    account.wait_delivered()
    # Also while nothing happens: all threads sleep then, and are asked.
    manager.wait("WATCHDOG=1", times=manager.count("WATCHDOG=1") + 8)
    beats = [at for line, at in manager.heard if line == "WATCHDOG=1"]
    check(beats[-1] - beats[0] > WATCHDOG, "the watchdog is told all at once")
    agent.stop()
    check(manager.count("READY=1") == 1, "ready more than once")
    check(manager.count("STOPPING=1") == 1, "stopping was not told once")
    account.settle()


def reloads():
    manager, agent, account = start()
    agent.reload([flow("app.log", "one", maxInFlight=2)])
    manager.wait("RELOADING=1")
    manager.wait("READY=1", times=2)
    agent.reload(tell="flows: 7\n", good=False)
    manager.wait("RELOADING=1", times=2)
    manager.wait("READY=1", times=3)
    words = [line.split("=")[0] for line, _ in manager.heard]
    words = [at for at in words if at in ("RELOADING", "READY")]
    check(words == ["READY"] + ["RELOADING", "READY"] * 2, f"{words}")
    refused = "STATUS=following 1 flow; the new configuration was refused"
    check(any(at.startswith(refused) for at, _ in manager.heard), "no status")
    # Of the manager's own clock, and of now.
    now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    for line, _ in manager.heard:
        if line.startswith("MONOTONIC_USEC="):
            at = int(line.split("=")[1])
            check(0 < now - at < 20_000_000 * SLOW, f"{line} at {now}")
    account.writers[0].write(10)
    account.wait_delivered()
    agent.stop()
    account.settle()


def held_up():
    need_root("to freeze a file system")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(
        None, b"/", None, MS_REC_PRIVATE, None
    ):
        raise Skip(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    if shutil.which("mkfs.xfs") is None:
        raise Skip("no mkfs.xfs")
    with open(path("image"), "wb") as image:
        image.truncate(320 << 20)
    run("mkfs.xfs", "-q", path("image"))
    os.mkdir(path("state"))
    try:
        run("mount", "-o", "loop", path("image"), path("state"))
    except AssertionError as why:
        raise Skip(f"cannot mount here: {why}") from why
    manager, agent, account = start()
    run("fsfreeze", "--freeze", path("state"))
    try:
        account.writers[0].write(10)
        # Sent all the same; but no checkpoint can be written.
        account.wait_delivered()
        # Long enough for the manager to lose patience twice.
        wait_until(
            lambda: manager.silence() > 2 * WATCHDOG,
            "the watchdog to be told no more",
            10 * SLOW,
        )
    finally:
        run("fsfreeze", "--unfreeze", path("state"))
    manager.wait("WATCHDOG=1", times=manager.count("WATCHDOG=1") + 3)
    agent.stop()
    account.settle()


@scenario
def play(case):
    {"told": told, "held-up": held_up, "reloads": reloads}[case]()
