# SPDX-License-Identifier: Apache-2.0
"""A proxy in the configuration is gone through, in front of what the
environment says: the service's certificate is still the service's, the proxy
learns who may use it and nothing of the request. One that refuses us is named,
without its password, and nothing is lost."""

import base64
import selectors
import socket
import threading

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

NOBODY = "http://127.0.0.1:9"


class Proxy:
    """Answers CONNECT for those who know the word; keeps what it was told."""

    def __init__(self, user):
        self.word = base64.b64encode(user.encode())
        self.heads = []
        self.tunnels = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.server.accept()[0]
            threading.Thread(
                target=self.connect, args=(client,), daemon=True
            ).start()

    def connect(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = client.recv(1)
            if not more:
                return
            head += more
        self.heads.append(head)
        if b"Proxy-Authorization: Basic " + self.word not in head:
            client.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="x"\r\n'
                b"Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
            client.close()
            return
        host, port = head.split()[1].decode().split(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnels += 1
        relay(client, server)


def relay(one, other):
    with selectors.DefaultSelector() as ready, one, other:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in ready.select():
                try:
                    data = key.fileobj.recv(1 << 16)
                    key.data.sendall(data)
                except OSError:
                    return
                if not data:
                    return


@scenario
def play():
    sandbox = Sandbox()
    proxy = Proxy("someone:open:sesame")
    log = LogWriter("app.log")
    log.write(1000)
    url = f"http://someone:wrong%3Aword@127.0.0.1:{proxy.port}"
    agent = Agent(
        sandbox,
        [flow("app.log", "one")],
        {"proxy": url, "shutdownTimeoutMillis": 100},
    )
    # What the environment says about proxies has no say now.
    agent.wrap = ["env", f"https_proxy={NOBODY}"]
    agent.start()
    agent.wait_log(rf"proxy 127\.0\.0\.1:{proxy.port} \(proxy in the conf")
    agent.wait_log("warn .*cannot be reached.* 407")
    agent.stop()
    check(not agent.log_lines("wrong"), "a password in the log")
    check(sandbox.stats()["requests"] == 0, "it was reached all the same")

    agent.configure({"proxy": url.replace("wrong%3Aword", "open%3Asesame")})
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    check(not agent.log_lines("sesame"), "a password in the log")
    agent.stop()
    check(proxy.tunnels > 0, "not through the proxy")
    for head in proxy.heads:
        names = [at.split(b":")[0].lower() for at in head.splitlines()[1:]]
        check(b"authorization" not in names, f"it learned too much: {head}")
        check(not any(b"amz" in at for at in names), f"too much: {head}")

    # Directly, in both ways to say so.
    tunnels = len(proxy.heads)
    for settings in (
        {"proxy": "none"},
        {"proxy": NOBODY, "noProxy": "example.com,127.0.0.1"},
    ):
        agent.configure(settings)
        agent.start()
        log.write(100)
        account.wait_delivered()
        agent.stop()
    check(len(proxy.heads) == tunnels, "through the proxy all the same")
    wait_until(lambda: account.missing() == 0, "everything")
    account.settle()
