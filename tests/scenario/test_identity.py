# SPDX-License-Identifier: Apache-2.0
"""A file is who it is, whatever the numbers say: a reused inode, new content
of the same size, a device that changed its number, a file system without
handles, two young logs that begin the same: nothing is lost, nothing is
repeated. A backup put back in place is not sent again."""

import ctypes
import os
import shutil
import subprocess
import time

import harness
from harness import (
    SLOW,
    Account,
    Agent,
    LogWriter,
    Sandbox,
    Skip,
    check,
    flow,
    need_root,
    path,
    run,
    scenario,
    wait_until,
)

CASES = "reused-inode same-size same-size-in-place restored-backup same-first-line overlayfs xfs-device far-more-files-than-descriptors far-more-files-than-descriptors.unprivileged"

CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE = 16384, 1 << 18


def own_mounts():
    """Mounts made from now on are this test's and its children's alone."""
    need_root("to mount a file system")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(
        b"none", b"/", None, MS_REC | MS_PRIVATE, None
    ):
        raise Skip(f"no mount namespace: {os.strerror(ctypes.get_errno())}")


def mount(*argv):
    done = subprocess.run(
        ["mount", *argv], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Skip(f"cannot mount here: {done.stderr.strip()}")


def start(pattern="log/app.log", **keys):
    sandbox = Sandbox()
    agent = Agent(sandbox, [flow(pattern, "one", **keys)])
    return sandbox, agent


def reused_inode():
    sandbox, agent = start()
    log = LogWriter("log/app.log", hold=False)
    log.write(300)
    account = Account(sandbox, log)
    agent.start()
    account.wait_delivered()
    agent.stop()
    old = os.stat(log.file).st_ino
    os.unlink(log.file)
    for number in range(1000):
        log.write(1)
        if os.stat(log.file).st_ino == old:
            break
        # Another inode: what is in it was never there.
        log.lines.pop()
        os.rename(log.file, path(f"spare-{number}"))
    else:
        raise Skip("this file system does not reuse inodes")
    log.write(400)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def same_size(in_place):
    sandbox, agent = start()
    log = LogWriter("log/app.log", filler=(50, 50), hold=False)
    log.write(300)
    account = Account(sandbox, log)
    agent.start()
    account.wait_delivered()
    agent.stop()
    size = os.stat(log.file).st_size
    if in_place:
        os.truncate(log.file, 0)
    else:
        os.rename(log.file, path("gone"))
        os.unlink(path("gone"))
    log.write(300)
    check(os.stat(log.file).st_size == size, "the sizes differ")
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def restored_backup():
    sandbox, agent = start()
    log = LogWriter("log/app.log", hold=False)
    log.write(300)
    shutil.copy(log.file, path("backup"))
    log.write(300)
    account = Account(sandbox, log)
    agent.start()
    account.wait_delivered()
    agent.stop()
    # In place, as `cp backup app.log` does: the same inode, cut short.
    with open(path("backup"), "rb") as old, open(log.file, "r+b") as now:
        now.truncate(0)
        now.write(old.read())
    agent.start()
    agent.wait_log("begins the same")
    log.write(200)
    account.wait_delivered()
    agent.stop()
    account.settle()


def same_first_line():
    sandbox, agent = start("log/*.log")
    account = Account(sandbox)
    header = b"# the same header in every file\n"
    logs = [LogWriter(f"log/{name}.log") for name in ("a", "b", "c")]
    for log in logs:
        log.write_line(header)
    agent.start()
    account.wait_some(len(logs))
    for log in logs:
        log.write(100)
    account = Account(sandbox, *logs)
    account.wait_delivered()
    agent.stop()
    agent.start()
    for log in logs:
        log.write(100)
    account.wait_delivered()
    agent.stop()
    arrived = account.counts()
    check(arrived.pop(header) == len(logs), "each header arrives once")
    check(set(arrived.values()) == {1}, "a line is repeated")


def overlayfs():
    own_mounts()
    for name in ("low", "up", "work", "log"):
        os.mkdir(path(name))
    options = f"lowerdir={path('low')},upperdir={path('up')},workdir={path('work')}"
    mount("-t", "overlay", "overlay", "-o", options, path("log"))
    sandbox, agent = start("log/app.log*")
    log = LogWriter("log/app.log")
    log.write(300)
    account = Account(sandbox, log)
    agent.start()
    account.wait_delivered()
    log.rotate()
    log.write(300)
    account.wait_delivered()
    agent.stop()
    log.write(100)
    log.rotate()
    log.write(100)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def xfs_device():
    own_mounts()
    if shutil.which("mkfs.xfs") is None:
        raise Skip("no mkfs.xfs")
    image, spare = path("image"), path("spare")
    for file in (image, spare):
        with open(file, "wb") as made:
            made.truncate(320 << 20)
    run("mkfs.xfs", "-q", image)
    os.mkdir(path("log"))
    mount("-o", "loop", image, path("log"))
    sandbox, agent = start()
    log = LogWriter("log/app.log", hold=False)
    log.write(300)
    account = Account(sandbox, log)
    agent.start()
    account.wait_delivered()
    agent.stop()
    before = os.stat(path("log")).st_dev
    run("umount", path("log"))
    # As after a reboot that found the disks in another order.
    run("mkfs.xfs", "-q", spare)
    os.mkdir(path("other"))
    mount("-o", "loop", spare, path("other"))
    mount("-o", "loop", image, path("log"))
    if os.stat(path("log")).st_dev == before:
        raise Skip("the device kept its number")
    log.write(300)
    agent.start()
    account.wait_delivered()
    agent.stop()
    account.settle()


def many_files(unprivileged):
    """Far more files than descriptors."""
    count = int(os.environ.get("SCENARIO_FILES") or 100000)
    if SLOW > 1:
        count = 3000
    sandbox = Sandbox()
    agent = Agent(
        sandbox,
        [flow("log/*.log", "one", maxBufferAgeMillis=100)],
        wrap=["prlimit", "--nofile=1024:1024"],
    )
    if unprivileged:
        agent.unprivileged()
    os.mkdir(path("log"))
    for number in range(count):
        with open(path("log", f"{number:06d}.log"), "wb") as made:
            made.write(b"first %d\n" % number)
    began = time.monotonic()
    agent.start()
    wait_until(
        lambda: sandbox.stats()["accepted_records"] >= count,
        lambda: f"{count} records: {sandbox.stats()}",
        120,
    )
    took, heap = time.monotonic() - began, agent.process.status("RssAnon")
    print(f"{count} files: delivered after {took:.1f} s,"
          f" {took / count * 1e6:.0f} us and {heap * 1024 / count:.0f} bytes"
          f" each, {agent.process.cpu_seconds():.1f} CPU s")  # fmt: skip
    # Any of them may be written to, renamed, and written to again.
    chosen = harness.stage.rng.sample(range(count), 2000)
    began = time.monotonic()
    for number in chosen:
        with open(path("log", f"{number:06d}.log"), "ab") as made:
            made.write(b"second %d\n" % number)
    for number in chosen[:500]:
        os.rename(
            path("log", f"{number:06d}.log"), path("log", f"{number:06d}.out")
        )
    for number in chosen[:500]:
        with open(path("log", f"{number:06d}.out"), "ab") as made:
            made.write(b"third %d\n" % number)
    total = count + 2500
    wait_until(
        lambda: sandbox.stats()["accepted_records"] >= total,
        lambda: f"{total} records: {sandbox.stats()}",
        120,
    )
    print(f"2500 of them written and renamed: {time.monotonic() - began:.1f} s")
    agent.stop(seconds=30)
    counts = Account(sandbox).counts()
    check(len(counts) == total, f"{len(counts)} of {total} lines arrived")
    check(sum(counts.values()) == total, "a line is repeated")


@scenario
def play(case):
    plays = {
        "reused-inode": reused_inode,
        "same-size": lambda: same_size(False),
        "same-size-in-place": lambda: same_size(True),
        "restored-backup": restored_backup,
        "same-first-line": same_first_line,
        "overlayfs": overlayfs,
        "xfs-device": xfs_device,
        "far-more-files-than-descriptors": lambda: many_files(False),
        "far-more-files-than-descriptors.unprivileged": lambda: many_files(True),
    }
    plays[case]()
