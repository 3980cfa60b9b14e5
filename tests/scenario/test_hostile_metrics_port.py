# SPDX-License-Identifier: Apache-2.0
"""Whatever comes to the metrics port, garbage, half requests, thousands of
connections, readers that never read: delivery goes on, memory stays bounded,
and afterwards the port answers."""

import http.client
import os
import socket
import threading

from harness import SLOW, Account, Agent, LogWriter, Sandbox, check
from harness import flow, free_port, scaled, scenario, wait_until

FLOWS = 100  # a page larger than what a socket takes
GROWN = 16 << 10  # kB; a page for each connection would be more
LATE = 2.0


class Siege:
    """Clients that mean no good, until told to leave."""

    def __init__(self, port):
        self.port = port
        self.leaving = threading.Event()
        self.count = 0
        self.lock = threading.Lock()
        self.held = []
        self.threads = [
            threading.Thread(target=self.keep_on, args=(each,), daemon=True)
            for each in (self.garbage, self.half, self.floods, self.headers)
        ]
        for thread in self.threads:
            thread.start()

    def connect(self):
        connection = socket.create_connection(
            ("127.0.0.1", self.port), timeout=0.1
        )
        with self.lock:
            self.count += 1
        return connection

    def keep_on(self, each):
        while not self.leaving.is_set():
            try:
                each()
            except OSError:
                pass

    def garbage(self):
        with self.connect() as connection:
            connection.sendall(bytes(range(256)) * 64 + b"\r\n\r\n")

    def half(self):
        with self.connect() as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Y")
            connection.recv(1)

    def headers(self):
        with self.connect() as connection:
            line = b"X-Padding: " + b"x" * 8000 + b"\r\n"
            connection.sendall(b"POST /metrics HTTP/1.1\r\n" + line * 50)

    def floods(self):
        many = [self.connect() for _ in range(50)]
        for connection in many:
            connection.close()

    def sit_down(self, many):
        """Ask for all and read nothing."""
        for _ in range(many):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.settimeout(0.1)
            try:
                connection.connect(("127.0.0.1", self.port))
                connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            except OSError:
                pass
            self.held.append(connection)

    def leave(self):
        self.leaving.set()
        for thread in self.threads:
            thread.join()
        for connection in self.held:
            connection.close()


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/metrics")
        return b"kinesis_agent_files" in connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(10)
    port = free_port()
    idle = [
        flow(f"none-{i}.log", "idle", name=f"{i}-" + "n" * 200)
        for i in range(FLOWS)
    ]
    agent = Agent(
        sandbox, [flow("app.log", "one"), *idle], {"metrics.port": port}
    ).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    wait_until(lambda: answers(port), "the first page")
    before = agent.process.status("RssAnon")
    siege = Siege(port)
    siege.sit_down(40)
    wait_until(lambda: siege.count > scaled(2000), "a siege")
    for _ in range(10):
        log.write(20)
        account.wait_delivered(seconds=LATE)
    grown = agent.process.status("RssAnon") - before
    descriptors = len(os.listdir(f"/proc/{agent.process.pid}/fd"))
    siege.leave()
    print(f"{siege.count} connections, {grown} kB more, {descriptors} open")
    check(grown < GROWN * SLOW, f"{grown} kB more than before")
    check(descriptors < 120, f"{descriptors} descriptors")
    wait_until(lambda: answers(port), "a page afterwards", 15)
    agent.stop()
    account.settle()
