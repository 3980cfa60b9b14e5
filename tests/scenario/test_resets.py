# SPDX-License-Identifier: Apache-2.0
"""A connection that is reset in the middle of anything, kept or new: nothing
is lost. A request that did not arrive whole is not repeated; one whose answer
was cut may be, but as a whole or not at all."""

import collections
import socket
import struct
import threading

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

CASES = "request answer"

# How many bytes still pass, of a head and a whole of these lengths.
POINTS = {
    "none": lambda head, whole: 0,
    "one byte": lambda head, whole: 1,
    "half the head": lambda head, whole: head // 2,
    "the head": lambda head, whole: head,
    "the body's first byte": lambda head, whole: head + 1,
    "half the body": lambda head, whole: (head + whole) // 2,
    "all but the last byte": lambda head, whole: whole - 1,
}
TIMES = 2  # the first finds a kept connection, the second a new one
LINES = 20  # to a request


class Cut(Exception):
    """The connection ends here."""


class Relay:
    """Passes requests and answers on; cuts the next `left` of one kind."""

    def __init__(self, port, kind):
        self.to = ("127.0.0.1", port)
        self.kind = kind
        self.point = None
        self.left = 0
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.server.accept()[0]
            threading.Thread(
                target=self.relay, args=(client,), daemon=True
            ).start()

    def relay(self, client):
        server = socket.create_connection(self.to)
        try:
            while True:
                self.move("request", client, server)
                self.move("answer", server, client)
        except (Cut, OSError):
            pass
        # The client sees a reset, not an end.
        client.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        client.close()
        server.close()

    def move(self, kind, source, to):
        """One message, or as much of it as is to pass."""
        message = b""
        head = whole = 0
        while not head or len(message) < whole:
            more = source.recv(1 << 16)
            if not more:
                raise Cut
            message += more
            if not head and b"\r\n\r\n" in message:
                head = message.index(b"\r\n\r\n") + 4
                whole = head + length_in(message[:head])
        if kind != self.kind or not self.takes_one():
            to.sendall(message)
            return
        to.sendall(message[: POINTS[self.point](head, whole)])
        raise Cut

    def takes_one(self):
        with self.lock:
            due = self.left > 0
            self.left -= due
            return due


def length_in(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise Cut


def check_repeats(account):
    """Only whole requests come again, and only as many as were cut."""
    requests = collections.defaultdict(set)
    for record in account.arrived():
        requests[record.request].add(record.data)
    again = account.repeated_lines()
    for lines in requests.values():
        check(
            lines <= again or not lines & again,
            f"repeats a part of a request\n{account.report()}",
        )
    account.settle(repeated=LINES * TIMES * len(POINTS))
    check(account.repeats() > 0, "no answer was lost")


@scenario
def play(kind):
    sandbox = Sandbox(tls=False)
    relay = Relay(sandbox.port, kind)
    log = LogWriter("app.log")
    account = Account(sandbox, log)
    agent = Agent(
        sandbox,
        [flow("app.log", "one", maxBufferSizeRecords=LINES)],
        {"kinesis.endpoint": f"http://127.0.0.1:{relay.port}"},
    ).start()
    log.write(LINES)
    account.wait_delivered()
    for point in POINTS:
        relay.point, relay.left = point, TIMES
        while (left := relay.left) > 0:
            # An answer may have said enough before it was cut: then nothing
            # goes again by itself.
            log.write(LINES)
            wait_until(lambda: relay.left < left, f"a cut after {point}")
            account.wait_delivered()
    agent.stop()
    if kind == "request":
        account.settle()
        return
    check_repeats(account)
