# SPDX-License-Identifier: Apache-2.0
"""packages: the life of an installed package, told by packages.sh.

    packages.py ROOT BUILD

ROOT is a fresh Debian 12, BUILD holds the packages. What root types there are
the README's commands, each of them, in its order. A log of root with mode
0640 is shipped by the installed unit, as its own user, to a sandbox on this
machine; every line is accounted for over a kill, an upgrade and a removal."""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import harness
from harness import Account, LogWriter, Sandbox, check, path, run
from harness import wait_until

ROOT, BUILD = sys.argv[1], sys.argv[2]
CONFIG = "/etc/kinesis-agent/agent.yaml"
LOG = "/var/log/app/app.log"
STATE = "/var/lib/kinesis-agent"
OLD, NEW = "-1_amd64.deb", "-2_amd64.deb"
# What apt, dpkg, adduser and systemd keep for themselves, whatever is
# installed.
THEIRS = ("/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/tmp",
          "/var/log/journal", "/var/log/apt", "/var/log/dpkg.log", "/var/log/app",
          "/var/log/alternatives.log", "/var/log/wtmp", "/var/log/btmp",
          "/var/log/lastlog", "/var/log/faillog", "/var/log/old",
          "/run", "/proc", "/sys", "/dev", "/var/lib/systemd", "/root",
          "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow",
          "/etc/subuid", "/etc/subgid", "/etc/.pwd.lock", "/etc/ld.so.cache",
          "/etc/machine-id", "/var/tmp", "/etc/resolv.conf")  # fmt: skip
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"}
NSPAWN = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
          "-D", ROOT]  # fmt: skip


# What both packages hold.
FILES = (
    "/usr/bin/kinesis-agent", CONFIG, "/etc/kinesis-agent/agent.d",
    "/usr/lib/systemd/system/kinesis-agent.service",
    "/usr/lib/systemd/system/kinesis-agent@.service",
    "/usr/share/man/man8/kinesis-agent.8.gz",
    "/usr/share/man/man5/agent.yaml.5.gz",
    "/usr/share/bash-completion/completions/kinesis-agent",
    "/usr/share/kinesis-agent/agent.schema.json",
    "/usr/share/doc/kinesis-agent/agent.yaml.example",
    "/usr/share/doc/kinesis-agent/copyright",
    "/usr/share/doc/kinesis-agent/changelog.Debian.gz",
)  # fmt: skip
# What is installed, and what prints the same.
PRINTED = {
    "cat /usr/share/doc/kinesis-agent/agent.yaml.example": "example",
    "cat /usr/share/kinesis-agent/agent.schema.json": "schema",
    "zcat /usr/share/man/man8/kinesis-agent.8.gz": "manual",
    "zcat /usr/share/man/man5/agent.yaml.5.gz": "settings",
    "cat /usr/share/bash-completion/completions/kinesis-agent": "completion",
}


class Told:
    """What the README tells root to type, in its order."""

    def __init__(self):
        with open(os.path.join(os.path.dirname(__file__), "..", "README.md"),
                  encoding="utf-8") as readme:
            section = readme.read().split("\n## Install it\n")[1].split("\n## ")[0]
        blocks = "".join(re.findall(r"^```sh\n(.*?)^```", section, re.S | re.M))
        self.left = re.findall(r"^sudo (.*)$", blocks, re.M)

    def next(self, begin):
        """The next command, which begins so, as a shell's line."""
        command = self.left.pop(0)
        check(command.startswith(begin), f"the README says {command}, not {begin}")
        return f"cd /root && {command}"


told = None


def inside(*argv, code=0):
    """Run a program in the root, which does not run; its output."""
    done = subprocess.run(
        [*NSPAWN, "--as-pid2", "--pipe", *(f"--setenv={k}={v}" for k, v in QUIET.items()), *argv],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
    check(
        done.returncode == code,
        f"{argv}: {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}",
    )
    return done.stdout


class Machine:
    """The root, booted with systemd."""

    def __init__(self):
        # Its login prompt and its console belong to nobody here.
        self.process = harness.Process("machine", [*NSPAWN, "--boot"])
        self.leader = None
        wait_until(self.is_up, "the machine to be up", 60)

    def is_up(self):
        # Its first child only prepares the second, which is the machine's
        # process 1.
        kids = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(kids, encoding="ascii") as children:
            self.leader = (children.read().split() or [None])[-1]
        if self.leader is None:
            return False
        state = self.run("systemctl", "is-system-running", code=None)
        return state in ("running\n", "degraded\n")

    def run(self, *argv, code=0):
        done = subprocess.run(
            ["nsenter", "-t", self.leader, "-a", "env", *(f"{k}={v}" for k, v in QUIET.items()), *argv],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
        check(
            code is None or done.returncode == code,
            f"{argv}: {done.returncode}: {done.stdout[-2000:]}"
            f"{done.stderr[-2000:]}",
        )
        return done.stdout

    def show(self, what):
        line = self.run("systemctl", "show", "-p", what, "kinesis-agent")
        return line.strip().partition("=")[2]

    def journal(self):
        return self.run("journalctl", "--no-pager", "-u", "kinesis-agent")

    def stop(self):
        # What systemd takes for "power off" in a container.
        self.process.signal(signal.SIGTERM)
        os.kill(int(self.leader), signal.SIGRTMIN + 4)
        self.process.wait_exit(60)


def everything():
    """Every path of the root that is not somebody else's to keep."""
    found = set()
    for where, names, files in os.walk(ROOT):
        bare = where[len(ROOT):] or "/"
        names[:] = [
            name for name in names
            if os.path.join(bare, name) not in THEIRS
        ]  # fmt: skip
        for name in [*names, *files]:
            at = os.path.join(bare, name)
            if not at.rstrip("-").startswith(THEIRS):
                found.add(at)
    return found


def package(which):
    """A package's name in the root."""
    (file,) = glob.glob(os.path.join(BUILD, f"*{which}"))
    where = os.path.join(ROOT, "root", "build-package")
    os.makedirs(where, exist_ok=True)
    shutil.copy(file, where)
    return "/root/build-package/" + os.path.basename(file)


def put(file, text):
    with open(ROOT + file, "w", encoding="utf-8") as out:
        out.write(text)


def have_dependencies():
    put("/etc/apt/apt.conf.d/90answer", 'APT::Get::Assume-Yes "true";\n')
    inside("apt-get", "-q", "update")
    fields = inside("dpkg-deb", "-f", package(OLD), "Depends")
    names = [part.split()[0] for part in fields.split(",")]
    inside("apt-get", "-qy", "--no-install-recommends", "install", "systemd", "dbus",
           *names)  # fmt: skip
    # An image's very first boot enables whatever is installed; this is not one.
    inside("systemd-machine-id-setup")


def configure(sandbox):
    text = f"""# kept over an upgrade
kinesis.region: eu-west-1
kinesis.endpoint: {sandbox.url}
awsAccessKeyId: {Sandbox.ACCESS_KEY}
awsSecretAccessKey: {Sandbox.SECRET_KEY}
checkpointIntervalMillis: 100
flows:
  - filePattern: {LOG}
    kinesisStream: one
    initialPosition: START_OF_FILE
    maxBufferAgeMillis: 50
"""
    put(CONFIG, text)
    return text


def of_root(log):
    os.chown(log.file, 0, 0)
    os.chmod(log.file, 0o640)


def judge_process(machine):
    """As its own user, with one capability and no way to more."""
    pid = machine.show("MainPID")
    status = machine.run("cat", f"/proc/{pid}/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    uid = machine.run("id", "-u", "kinesis-agent").strip()
    check(set(fields["Uid"].split()) == {uid} and uid != "0", fields["Uid"])
    only = f"{1 << 2:016x}"  # CAP_DAC_READ_SEARCH
    for which in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
        check(fields[which] == only, f"{which} {fields[which]}")
    check(fields["NoNewPrivs"] == "1", "it may gain privileges")
    check(fields["Seccomp"] == "2", "no system-call filter")
    line = machine.run(
        "systemd-analyze", "security", "--no-pager", "kinesis-agent"
    ).splitlines()[-1]
    exposure = float(line.split(": ")[1].split()[0])
    check(exposure <= 1.8, line)
    # Of PCRE2, under the unit's own limits.
    check("JIT" not in machine.journal(), machine.journal())
    print(f"the unit runs as {uid}, exposure {exposure}")


def judge_names(machine):
    """The Java agent's name leads to ours, and its package does not fit beside."""
    line = machine.run("systemctl", "show", "-p", "Id", "aws-kinesis-agent")
    check(line == "Id=kinesis-agent.service\n", line)
    json.loads(machine.run("kinesis-agent", "status", "--json"))
    os.makedirs(f"{ROOT}/root/java/DEBIAN")
    put("/root/java/DEBIAN/control",
        "Package: aws-kinesis-agent\nVersion: 2\nArchitecture: all\n"
        "Maintainer: nobody <nobody@example.org>\nDescription: in our place\n")  # fmt: skip
    machine.run("dpkg-deb", "--build", "/root/java", "/root/java.deb")
    machine.run("dpkg", "--install", "/root/java.deb", code=1)
    machine.run("dpkg", "--purge", "aws-kinesis-agent", code=None)


def refuse_beside_java(machine):
    """The unit sees nobody else's processes: it believes the Java agent's note of
    its own, if there is such a process."""
    machine.run("sh", "-c", "sleep 1000 >&- 2>&- & echo $! >/run/aws-kinesis-agent.pid")
    machine.run("systemctl", "start", "kinesis-agent", code=1)
    check("the Java agent" in machine.journal(), machine.journal())
    machine.run("systemctl", "stop", "kinesis-agent")
    machine.run("sh", "-c", "kill $(cat /run/aws-kinesis-agent.pid); rm /run/aws-kinesis-agent.pid")


def first_life(machine, sandbox, log, account):
    check(machine.show("UnitFileState") == "disabled", "enabled by itself")
    check(machine.show("ActiveState") == "inactive", "started by itself")
    log.write(1000)
    of_root(log)
    text = configure(sandbox)
    refuse_beside_java(machine)
    found = machine.run("sh", "-c", told.next("kinesis-agent check"))
    check("0 errors, 0 that hurt" in found, found)
    machine.run("sh", "-c", told.next("systemctl enable --now kinesis-agent"))
    account.wait_delivered()
    machine.run("sh", "-c", told.next("kinesis-agent status"))
    judge_process(machine)
    judge_names(machine)
    # Out of every pattern's and every watch's sight: opened by handle.
    os.mkdir(f"{ROOT}/var/log/old")
    with log.lock:
        os.rename(log.file, f"{ROOT}/var/log/old/app")
    log.write(500)
    account.wait_delivered()
    log.reopen()
    of_root(log)
    log.write(500)
    account.wait_delivered()
    # Told a new configuration, it adopts it, and is the same process.
    put(CONFIG, text.replace("maxBufferAgeMillis: 50", "maxBufferAgeMillis: 60"))
    pid = machine.show("MainPID")
    machine.run("systemctl", "reload", "kinesis-agent")
    log.write(500)
    account.wait_delivered()
    check(machine.show("MainPID") == pid, machine.journal())
    wait_until(lambda: re.search("(?i)reload|adopt", machine.journal()), "the reload")
    put(CONFIG, text)
    # Killed, it is back by itself, and goes on.
    machine.run("systemctl", "kill", "--kill-whom=main", "-s", "KILL",
                "kinesis-agent")  # fmt: skip
    log.write(500)
    account.wait_delivered(30)
    check(machine.show("NRestarts") == "1", machine.show("NRestarts"))
    check(machine.show("ActiveState") == "active", "not back")
    return text


def upgrade(machine, log, account, text):
    started = machine.show("ExecMainStartTimestampMonotonic")
    log.write(500)
    machine.run("apt-get", "install", package(NEW))
    log.write(500)
    account.wait_delivered()
    check(machine.show("ActiveState") == "active", machine.journal())
    now = machine.show("ExecMainStartTimestampMonotonic")
    check(now != started, "the old one still runs")
    with open(ROOT + CONFIG, encoding="utf-8") as config:
        check(config.read() == text, "the configuration was not kept")


def remove_and_come_back(machine, log, account):
    machine.run("sh", "-c", told.next("apt-get remove kinesis-agent"))
    left = machine.run("pgrep", "-x", "kinesis-agent", code=None)
    check(left == "", f"still running: {left}")
    check(os.path.exists(ROOT + CONFIG), "a removal took the configuration")
    check(os.path.exists(ROOT + STATE), "a removal took the positions")
    log.write(500)
    machine.run("apt-get", "install", package(NEW))
    # Who has keys in the Java agent's environment need not move them.
    with open(ROOT + CONFIG, encoding="utf-8") as config:
        text = config.read()
    keys = {"awsAccessKeyId": "AWS_ACCESS_KEY_ID",
            "awsSecretAccessKey": "AWS_SECRET_ACCESS_KEY"}  # fmt: skip
    found = dict(re.findall(r"^(awsA\w+|awsS\w+): (.*)$", text, re.M))
    put("/etc/default/aws-kinesis-agent",
        "".join(f"{name}={found[key]}\n" for key, name in keys.items()))  # fmt: skip
    put(CONFIG, re.sub(r"^aws.*\n", "", text, flags=re.M))
    found = machine.run("kinesis-agent", "check")
    check("from the environment" in found, found)
    machine.run("systemctl", "enable", "--now", "kinesis-agent")
    log.write(500)
    account.wait_delivered()
    os.unlink(ROOT + "/etc/default/aws-kinesis-agent")


def purge(machine, before):
    machine.run("sh", "-c", told.next("apt-get purge kinesis-agent"))
    check(not told.left, f"the README says more: {told.left}")
    machine.run("getent", "passwd", "kinesis-agent", code=2)
    machine.run("getent", "group", "kinesis-agent", code=2)
    machine.stop()
    left = everything() - before
    check(not left, f"left after a purge: {sorted(left)}")
    print("left after a purge: nothing")


def judge_files():
    """What was installed is what the program says of itself, and the
    configuration that comes with it is a right one once its marks are off."""
    for which, prints in PRINTED.items():
        inside("sh", "-c", f"{which} >/tmp/there; kinesis-agent print {prints} |"
               "cmp - /tmp/there")  # fmt: skip
    inside("env", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "sh", "-c",
           f"sed 's/^#\\(  - \\|[a-z]\\|    [a-zA-Z]*:\\)/\\1/' {CONFIG} >/tmp/own.yaml;"
           "grep ^flows: /tmp/own.yaml; kinesis-agent check --offline -c /tmp/own.yaml")  # fmt: skip
    with open(ROOT + CONFIG, encoding="utf-8") as config:
        check("agent.schema.json" in config.readline(), "editors are told no schema")


def installed_deb(sandbox):
    have_dependencies()
    before = everything()
    inside("sh", "-c", told.next("apt-get install ./build-package/"))
    judge_files()
    mode = os.stat(ROOT + CONFIG).st_mode & 0o777
    check(mode == 0o640, f"the configuration has mode {mode:o}")
    machine = Machine()
    log = LogWriter(ROOT + LOG, name="app")
    account = Account(sandbox, log)
    text = first_life(machine, sandbox, log, account)
    upgrade(machine, log, account, text)
    remove_and_come_back(machine, log, account)
    purge(machine, before)
    # After the kill: what the last checkpoint had not noted.
    print(account.report())
    check(not account.missing() and not account.torn(), account.report())
    check(account.repeats() <= 500, account.report())


def unpacked_rpm(sandbox):
    """The rpm's files, in a root that has the libraries, by setpriv as the
    unit would run them."""
    (rpm,) = glob.glob(os.path.join(BUILD, "*.rpm"))
    subprocess.run(
        f"rpm2cpio '{rpm}' | cpio --quiet -idmu -D '{ROOT}'",
        shell=True, check=True)  # fmt: skip
    scripts = run("rpm", "-qp", "--scripts", rpm).decode()
    check("useradd -r" in scripts, "no user is made")
    log = LogWriter(ROOT + "/var/log/rpm/app.log", name="rpm")
    log.write(1000)
    of_root(log)
    configure(sandbox)
    config = ROOT + CONFIG
    with open(config, encoding="utf-8") as text:
        made = text.read().replace("/var/log/app/", "/var/log/rpm/")
    made = made.replace("stream: one", "stream: rpm") + "stateDirectory: /tmp/state\n"
    with open(config, "w", encoding="utf-8") as out:
        out.write(made.replace("kinesisStream: one", "kinesisStream: rpm"))
    os.chmod(config, 0o644)
    os.makedirs(f"{ROOT}/tmp/state", exist_ok=True)
    os.chown(f"{ROOT}/tmp/state", 65534, 65534)
    agent = harness.Process("rpm", [
        "chroot", ROOT, "setpriv", "--reuid=65534", "--regid=65534",
        "--clear-groups", "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search", "--bounding-set=-all,+dac_read_search",
        "--no-new-privs", "/usr/bin/kinesis-agent"])  # fmt: skip
    account = Account(sandbox, log, stream="rpm")
    account.wait_delivered()
    with log.lock:
        os.rename(log.file, f"{ROOT}/var/log/hidden")
    log.write(500)
    account.wait_delivered()
    agent.signal(signal.SIGTERM)
    check(agent.wait_exit() == 0, agent.ending())
    account.settle()
    print("the rpm's files run")


def rebuilt_from_source():
    (source,) = glob.glob(os.path.join(BUILD, "kinesis-agent-*.tar.gz"))
    top = path("rpmbuild")
    # Its BuildRequires are names of rpms, which this machine does not have.
    subprocess.run(
        ["rpmbuild", "-tb", "--quiet", "--nodeps", "--define", f"_topdir {top}", source],
        check=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    made = glob.glob(f"{top}/RPMS/*/kinesis-agent-*.rpm")
    check(len(made) > 0, "rpmbuild made nothing")
    files = run("rpm", "-qpl", made[0]).decode().split()
    check("/usr/bin/kinesis-agent" in files, files)
    print("the source archive makes an rpm")


def same_files():
    (deb,), (rpm,) = glob.glob(f"{BUILD}/*{OLD}"), glob.glob(f"{BUILD}/*.rpm")
    lines = run("dpkg-deb", "-c", deb).decode().splitlines()
    held = {line.split()[5][1:].rstrip("/") for line in lines}
    listed = run("rpm", "-qpl", rpm).decode().split()
    for file in FILES:
        check(file in held, f"the deb lacks {file}")
        check(file in listed, f"the rpm lacks {file}")
    for text in (run("dpkg-deb", "-f", deb, "Conflicts").decode(),
                 run("rpm", "-qp", "--conflicts", rpm).decode()):  # fmt: skip
        check("aws-kinesis-agent" in text, f"no conflict: {text}")
    configs = run("rpm", "-qpc", rpm).decode().split()
    check(configs == [CONFIG], f"the rpm's configuration: {configs}")


@harness.scenario
def play(_):
    global told
    told = Told()
    same_files()
    sandbox = Sandbox(tls=False)
    installed_deb(sandbox)
    unpacked_rpm(sandbox)
    rebuilt_from_source()
