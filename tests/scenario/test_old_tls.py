# SPDX-License-Identifier: Apache-2.0
"""A server that speaks nothing newer than TLS 1.1 is not spoken to, however
good its certificate; one that speaks 1.2 is."""

import socket
import ssl
import threading
import warnings

from harness import Agent, LogWriter, Sandbox, check, flow, scenario
from harness import make_certificate, wait_until


class Server:
    """Shakes hands in one version of TLS, and hangs up."""

    def __init__(self, pem, key, version):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem, key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.maximum_version = version
        self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.tried = self.shaken = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = "https://127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.server.accept()[0]
            self.tried += 1
            try:
                with self.context.wrap_socket(client, server_side=True) as tls:
                    tls.recv(1)
                    self.shaken += 1
            except OSError:
                pass
            client.close()


@scenario
def play():
    ca, pem, key = make_certificate()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = Server(pem, key, ssl.TLSVersion.TLSv1_1)
    new = Server(pem, key, ssl.TLSVersion.TLSv1_2)
    log = LogWriter("app.log")
    log.write(10)
    agent = Agent(
        Sandbox(tls=False),
        [
            flow("app.log", "one", endpoint=old.url),
            flow("app.log", "two", endpoint=new.url),
        ],
        {"caFile": ca, "shutdownTimeoutMillis": 100},
    ).start()
    wait_until(lambda: new.shaken > 0, "the newer server to be spoken to")
    wait_until(lambda: old.tried > 2, "the old server to be tried")
    said = agent.wait_log("kinesis:one:.*warn|warn .*kinesis:one:")
    check("cannot be reached" in said, said)
    agent.stop()
    check(old.shaken == 0, "it spoke TLS 1.1")
