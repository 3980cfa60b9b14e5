# SPDX-License-Identifier: Apache-2.0
"""An endpoint whose name nobody knows, or whose name server never answers:
one line says so, the agent still ends when it is asked to, and delivers
everything once as soon as the name is known."""

import os
import random
import socket
import threading
import time

from harness import SLOW, Account, Agent, LogWriter, Process, Sandbox, Skip
from harness import check, flow, need_root, own, path, scenario, wait_until

CASES = "unknown silent"
NAME = "stream.invalid"


class NameServer:
    """Says of every name that there is none, or nothing at all. The resolver
    knows no other port than 53, so it is the address that is its own."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        dice = random.SystemRandom()
        self.address = f"127.{dice.randint(1, 254)}.{dice.randint(1, 254)}.53"
        try:
            self.socket.bind((self.address, 53))
        except OSError as error:
            raise Skip(f"no name server can be played here: {error}") from error
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(512)
            self.asked += NAME.split(".", maxsplit=1)[0].encode() in query
            if self.answers:
                # The question as it came; answered, and NXDOMAIN.
                self.socket.sendto(
                    query[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + question(query),
                    client,
                )


def question(query):
    end = query.index(b"\0", 12) + 5
    return query[12:end]


def resolver_of_its_own(server):
    """A process that holds a mount namespace with /etc as we write it."""
    need_root("to mount over /etc/resolv.conf")
    files = {
        "resolv.conf": f"nameserver {server.address}\n",
        "hosts": "127.0.0.1 localhost\n",
        "nsswitch.conf": "hosts: files dns\n",
    }
    script = "set -e\n"
    for name, text in files.items():
        write(own(name), text)
        if not os.path.exists(f"/etc/{name}"):
            raise Skip(f"no /etc/{name} to mount over")
        script += f'mount --bind "$1/{name}" /etc/{name}\n'
    mounted = path("mounted")
    holder = Process(
        "holder",
        ["unshare", "-m", "sh", "-c", script + ': >"$2"; exec sleep 1000',
         "-", path("own"), mounted],
    )  # fmt: skip
    holder.must_run = False
    wait_until(
        lambda: os.path.exists(mounted) or holder.poll() is not None, "mounts"
    )
    if holder.poll() is not None:
        raise Skip(f"cannot mount here: {holder.ending()}")
    return ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt"]


def write(file, text):
    with open(file, "w", encoding="ascii") as out:
        out.write(text)


def wait_complaint(agent, server):
    """One line, which names the endpoint, however often it fails."""
    agent.wait_log(f"warn +flow .*{NAME}.* cannot be reached.*resolv")
    asked = server.asked
    wait_until(lambda: server.asked >= asked + 4, "it to ask again")
    said = agent.log_lines(f"warn .*{NAME}.*resolv")
    check(len(said) == 1, f"says it {len(said)} times: {said}")


@scenario
def play(case):
    server = NameServer(answers=case == "unknown")
    wrap = resolver_of_its_own(server)
    sandbox = Sandbox(tls=False)
    log = LogWriter("app.log")
    log.write(1000)
    agent = Agent(
        sandbox,
        [flow("app.log", "one")],
        {
            "kinesis.endpoint": f"http://{NAME}:{sandbox.port}",
            "connectionTimeoutMillis": int(200 * SLOW),
            "shutdownTimeoutMillis": 500,
        },
        wrap=wrap,
    ).start()
    wait_complaint(agent, server)
    began = time.monotonic()
    agent.stop()
    took = time.monotonic() - began
    check(took < 0.5 + 1.0 * SLOW, f"took {took:.1f} s to end")

    agent.start()
    wait_complaint(agent, server)
    write(own("hosts"), f"127.0.0.1 localhost {NAME}\n")
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.wait_log(f"{NAME}.* takes everything again")
    agent.stop()
    account.settle()
