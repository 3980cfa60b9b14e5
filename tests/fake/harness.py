# SPDX-License-Identifier: Apache-2.0
"""Start a kinesis-sandbox and talk to it, signed by botocore.

Run with Debian's python3, whose botocore is the outside opinion on
signatures. The sandbox belongs to the test that started it and is ended by
its process id.
"""
import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS, SECRET = "AKIDSANDBOX", "sandbox-secret"
JSON_TYPE = "application/x-amz-json-1.1"
CBOR_TYPE = "application/x-amz-cbor-1.1"
PUT_RECORDS = "Kinesis_20131202.PutRecords"
PUT_BATCH = "Firehose_20150804.PutRecordBatch"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def type(self):
        """The AWS error type, None for an answer without."""
        return self.json.get("__type")


class Sandbox:
    """A running sandbox; use it in a `with`."""

    def __init__(self, *arguments, store=True):
        self.folder = tempfile.TemporaryDirectory(prefix="sandbox-test-")
        self.store_path = os.path.join(self.folder.name, "store")
        self.ca = os.path.join(self.folder.name, "ca.pem")
        command = [os.environ["KINESIS_SANDBOX"], *arguments]
        if store:
            command += ["--store", self.store_path]
        if "--tls" in arguments:
            command += ["--ca-out", self.ca]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening "):
            raise RuntimeError("sandbox did not start: %r" % line)
        self.url = line.split()[1]
        self.address = urllib.parse.urlsplit(self.url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def stop(self):
        """End it and return its exit code."""
        self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        if code != 0:
            raise RuntimeError("sandbox ended with %d" % code)

    def connect(self, timeout=10):
        host, port = self.address.hostname, self.address.port
        if self.address.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        context = ssl.create_default_context(cafile=self.ca)
        return http.client.HTTPSConnection(host, port, context=context,
                                           timeout=timeout)

    def raw(self, timeout=10):
        """A bare plain socket to it."""
        return socket.create_connection(
            (self.address.hostname, self.address.port), timeout)

    def signed(self, body, target=PUT_RECORDS, content_type=JSON_TYPE,
               method="POST", path="/", token=None, region="eu-west-1",
               service=None, headers=(), access=ACCESS, secret=SECRET):
        """The botocore request, signed."""
        if service is None:
            service = "firehose" if target == PUT_BATCH else "kinesis"
        request = AWSRequest(method, self.url + path, data=body)
        request.headers["Content-Type"] = content_type
        request.headers["X-Amz-Target"] = target
        for name, value in headers:
            request.headers[name] = value
        SigV4Auth(Credentials(access, secret, token), service,
                  region).add_auth(request)
        return request

    def send(self, request, connection=None):
        if connection is None:
            with contextlib.closing(self.connect()) as c:
                return self.send(request, c)
        c = connection
        c.putrequest(request.method, request.url[len(self.url):] or "/",
                     skip_host=True, skip_accept_encoding=True)
        c.putheader("Host", self.address.netloc)
        for name, value in request.headers.items():
            c.putheader(name, value)
        body = request.body or b""
        c.putheader("Content-Length", str(len(body)))
        c.endheaders()
        c.send(body)
        answer = c.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def put(self, body, connection=None, **how):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        return self.send(self.signed(body, **how), connection)

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        with contextlib.closing(self.connect()) as c:
            c.request(method, "/sandbox/" + path, data)
            answer = c.getresponse()
            text = answer.read()
        if answer.status != 200:
            raise RuntimeError("%s: %s" % (path, text))
        return json.loads(text)

    def fault(self, kind, **how):
        self.control("POST", "faults", dict(fault=kind, **how))

    def stats(self):
        return self.control("GET", "stats")

    def stored(self):
        """The lines of the store, each a list of its seven fields."""
        self.control("POST", "flush")
        with open(self.store_path, "rb") as f:
            lines = f.read().split(b"\n")
        if lines.pop() != b"":
            raise RuntimeError("the store ends in half a line")
        return [line.split(b"\t") for line in lines]


ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


def unescape(text):
    """The bytes that a field of the store stands for."""
    out, parts = [], iter(range(len(text)))
    for i in parts:
        if text[i:i + 1] != b"\\":
            out.append(text[i:i + 1])
        elif text[i + 1:i + 2] == b"x":
            out.append(bytes([int(text[i + 2:i + 4], 16)]))
            next(parts), next(parts), next(parts)
        else:
            out.append(ESCAPES[text[i + 1:i + 2]])
            next(parts)
    return b"".join(out)
