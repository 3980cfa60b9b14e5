# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent status` says how each flow is: through a pipe once, with
--json for scripts; its exit code tells whether an agent answers there and
whether a flow is in trouble. On a terminal the page fits, is brought up to
date, and leaves the terminal as it was, however it is ended."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from harness import (
    SLOW,
    Account,
    Agent,
    LogWriter,
    Sandbox,
    check,
    flow,
    own,
    path,
    scenario,
    wait_until,
)

LEAVE = b"\033[?25h\033[?1049l"
COLUMNS = 72


def ask(agent, *words, wrap=(), where=None):
    return subprocess.run(
        [*wrap, agent.binary, "status", *words, *(where or
         ("-c", own("agent.yaml")))],
        capture_output=True, text=True, timeout=30 * SLOW, check=False,
    )  # fmt: skip


def row(agent):
    return json.loads(ask(agent, "--json").stdout)["flows"][0]


class Terminal:
    """status on a terminal of COLUMNS by 12."""

    def __init__(self, agent, **environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", **environment)
            fcntl.ioctl(0, termios.TIOCSWINSZ, self.size(COLUMNS))
            os.execv(agent.binary,
                     [agent.binary, "status", "-c", own("agent.yaml")])
        self.before = termios.tcgetattr(self.fd)
        self.text = b""

    @staticmethod
    def size(columns):
        return struct.pack("HHHH", 12, columns, 0, 0)

    def read(self):
        while select.select([self.fd], [], [], 0)[0]:
            try:
                piece = os.read(self.fd, 65536)
            except OSError:  # it is gone
                return False
            if not piece:
                return False
            self.text += piece
        return True

    def pages(self):
        self.read()
        return self.text.count(b"\033[H")

    def finish(self):
        wait_until(lambda: not self.read(), "the end of status")
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def on_a_terminal(agent):
    terminal = Terminal(agent)
    wait_until(lambda: terminal.pages() >= 2, "a second page")
    page = terminal.text.split(b"\033[H")[1].decode()
    check("\033[1m" in page, "no colour")
    for line in re.sub("\033\\[[0-9;?]*[a-zA-Z]", "", page).split("\r\n"):
        check(len(line) <= COLUMNS, f"too long: {line}")
    os.write(terminal.fd, b"q")
    wait_until(lambda: terminal.read() and LEAVE in terminal.text or
               LEAVE in terminal.text, "the terminal back")  # fmt: skip
    check(terminal.finish() == 0, "not all is well")

    for end in (lambda at: os.write(at.fd, b"\x03"),
                lambda at: os.kill(at.pid, signal.SIGTERM)):  # fmt: skip
        terminal = Terminal(agent, NO_COLOR="1")
        wait_until(lambda: terminal.pages() >= 1, "a page")
        now = termios.tcgetattr(terminal.fd)
        check(not now[3] & termios.ECHO, "it echoes")
        end(terminal)
        wait_until(lambda: not terminal.read() or LEAVE in terminal.text,
                   "the terminal back")  # fmt: skip
        wait_until(
            lambda: termios.tcgetattr(terminal.fd)[3] & termios.ECHO
            or not terminal.read(), "echo again")  # fmt: skip
        check(b"\033[1m" not in terminal.text, "coloured")
        check(terminal.finish() == 0, "not all is well")


def to_strangers(agent):
    """Who may not ask is told who may."""
    if os.geteuid() != 0:
        return
    agent.binary = shutil.copy(agent.binary, own("kinesis-agent"))
    os.chmod(path("state"), 0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    where = ("--socket", path("state", "status.sock"))
    told = ask(agent, wrap=nobody, where=where)
    check(told.returncode == 1, f"{told}")
    check("permission denied" in told.stderr and "group root" in told.stderr,
          told.stderr)  # fmt: skip


@scenario
def play():
    sandbox = Sandbox(streams={"s": 1}, cert="own")
    log = LogWriter("app.log")
    log.write(100)
    agent = Agent(sandbox, [flow("app.log", "s", name="app")])
    agent.configure({"status.socket": None})
    absent = ask(agent, where=("--socket", path("nowhere.sock")))
    check(absent.returncode == 4, f"{absent}")
    check(re.search(r"no agent .* start it", absent.stderr), absent.stderr)
    agent.start()
    Account(sandbox, log).wait_delivered()

    wait_until(lambda: row(agent)["bytes"]["in_flight"] == 0, "home")
    told = ask(agent)
    check(told.returncode == 0 and not told.stderr, f"{told}")
    check("all well" in told.stdout, told.stdout)
    check(re.search(r"^app +idle +0 B ", told.stdout, re.M), told.stdout)
    check("\033" not in told.stdout, "a pipe is no terminal")
    counts = row(agent)
    check(counts["counts"]["records_delivered"] == 100, f"{counts}")
    check(counts["bytes"]["seen"] == sum(map(len, log.lines)), f"{counts}")
    check(counts["last_error"] is None, f"{counts}")
    on_a_terminal(agent)

    sandbox.stop()
    log.write(10)
    since = time.time()
    wait_until(lambda: ask(agent).returncode == 9, "trouble", 30)
    told = ask(agent)
    check("cannot be reached" in told.stdout, told.stdout)
    check(re.search(r"^ +-> nothing is lost", told.stdout, re.M), told.stdout)
    at = row(agent)
    check(at["trouble"] == "sending", f"{at}")
    check(at["behind"]["bytes"] == sum(map(len, log.lines[100:])), f"{at}")
    check(at["behind"]["seconds"] <= time.time() - since + 1, f"{at}")
    check(at["behind"]["seconds"] >= 2, f"{at}")
    sandbox.start()
    Account(sandbox, log).wait_delivered()
    wait_until(lambda: ask(agent).returncode == 0, "all well again")
    at = row(agent)
    check(at["behind"]["bytes"] == 0 and at["last_error"], f"{at}")
    to_strangers(agent)
    agent.stop()
    check(ask(agent).returncode == 4, "the socket is still there")
