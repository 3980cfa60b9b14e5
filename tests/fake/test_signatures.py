# SPDX-License-Identifier: Apache-2.0
"""What botocore signs is taken; with one flipped byte it is refused.

An action that does not exist is refused as such only after its signature
held, so UnknownOperationException means: well signed.
"""
import base64
import datetime
import json
import random
import string
import unittest
from unittest import mock

import botocore.auth
import botocore.session
from botocore.config import Config

import harness

WELL_SIGNED = "UnknownOperationException"
BADLY_SIGNED = {
    "InvalidSignatureException", "IncompleteSignatureException",
    "UnrecognizedClientException", "MissingAuthenticationTokenException",
}
BODY = json.dumps({"StreamName": "s", "Records": [
    {"Data": base64.b64encode(b"one line\n").decode(),
     "PartitionKey": "key"}]}).encode()


def client(sandbox, service, token=None):
    return botocore.session.get_session().create_client(
        service, region_name="us-west-2", endpoint_url=sandbox.url,
        aws_access_key_id=harness.ACCESS,
        aws_secret_access_key=harness.SECRET, aws_session_token=token,
        verify=sandbox.ca, config=Config(retries={"max_attempts": 0}))


class Accepted(unittest.TestCase):
    def test_botocores_own_clients_over_tls(self):
        dice = random.Random(1)
        with harness.Sandbox("--tls") as s:
            kinesis, firehose = client(s, "kinesis"), client(s, "firehose")
            self.addCleanup(kinesis.close)
            self.addCleanup(firehose.close)
            sent = []
            for _ in range(60):
                data = [dice.randbytes(dice.randrange(1, 200))
                        for _ in range(dice.randrange(1, 20))]
                kinesis.put_records(StreamName="st", Records=[
                    {"Data": d, "PartitionKey": "k\u00e9%d" % i}
                    for i, d in enumerate(data)])
                firehose.put_record_batch(DeliveryStreamName="fh", Records=[
                    {"Data": d} for d in data])
                sent += data
            lines = s.stored()
            for stream in (b"st", b"firehose:fh"):
                got = [harness.unescape(x[6]) for x in lines
                       if x[2] == stream]
                self.assertEqual(got, sent)
            self.assertEqual(s.stats()["bad_signatures"], 0)

    def test_a_few_hundred_odd_requests(self):
        dice = random.Random(2)
        letters = string.ascii_letters + string.digits
        odd = letters + " !*'()~-_.=&%/:;,@$\"\\"
        with harness.Sandbox(store=False) as s:
            connection = s.connect()
            self.addCleanup(connection.close)
            for i in range(300):
                segments = ["".join(dice.choices(letters + "-_.~%", k=5))
                            for _ in range(dice.randrange(4))]
                pairs = ["%s=%s" % (
                    "".join(dice.choices(letters + "-", k=2)),
                    "".join(dice.choices(letters + "-_.~", k=4)))
                    for _ in range(dice.randrange(5))]
                path = "/" + "/".join(segments).replace("%", "%25")
                if pairs:
                    path += "?" + "&".join(pairs)
                value = "x%sx" % "".join(dice.choices(odd, k=20))
                answer = s.put(
                    dice.randbytes(dice.randrange(3000)), connection,
                    method=dice.choice(["POST", "PUT", "DELETE"]), path=path,
                    target="No.Such%d" % i, service="kinesis",
                    headers=[("X-Amz-Meta-Odd", value)])
                self.assertEqual(answer.type, WELL_SIGNED, answer.body)

    def test_an_empty_and_a_large_body(self):
        with harness.Sandbox(store=False) as s:
            for size in (0, 1, 5 << 20):
                answer = s.put(b"x" * size, target="No.Such")
                self.assertEqual(answer.type, WELL_SIGNED)

    def test_a_session_token_when_it_is_the_one(self):
        with harness.Sandbox("--session-token", "to/ken+=") as s:
            self.assertEqual(s.put(BODY, token="to/ken+=").status, 200)
            for other in (None, "to/ken+", "token"):
                self.assertEqual(s.put(BODY, token=other).type,
                                 "UnrecognizedClientException")


def raw_request(sandbox, request):
    """The request as bytes, and where its signed parts lie in them."""
    target = request.url[len(sandbox.url):]
    text = ("%s %s HTTP/1.1\r\n" % (request.method, target)).encode()
    path, _, query = target.partition("?")
    at = len(request.method) + 1
    parts = {"method": (0, len(request.method)), "path": (at, len(path)),
             "query": (at + len(path) + 1, len(query))}
    headers = [("Host", sandbox.address.netloc)]
    headers += [(n, v) for n, v in request.headers.items()]
    for name, value in headers:
        parts[name + " (name)"] = (len(text), len(name))
        parts[name] = (len(text) + len(name) + 2, len(value))
        text += ("%s: %s\r\n" % (name, value)).encode()
    text += b"Content-Length: %d\r\n\r\n" % len(request.body)
    parts["body"] = (len(text), len(request.body))
    return text + request.body, parts


class Wire:
    """A plain connection that is opened again when the endpoint ends it."""

    def __init__(self, sandbox):
        self.sandbox, self.socket, self.file = sandbox, None, None

    def close(self):
        if self.socket is not None:
            self.file.close()
            self.socket.close()
        self.socket = None

    def exchange(self, request):
        """Status and body; (0, b'') if the endpoint just closed."""
        if self.socket is None:
            self.socket = self.sandbox.raw()
            self.file = self.socket.makefile("rb")
        try:
            self.socket.sendall(request)
            status = self.file.readline()
            length, close = 0, False
            for line in iter(self.file.readline, b"\r\n"):
                if line == b"":
                    break
                name, value = line.lower().split(b":", 1)
                if name == b"content-length":
                    length = int(value)
                close = close or (name == b"connection" and b"close" in value)
            body = self.file.read(length)
        except ConnectionError:
            status, body = b"", b""
        if status == b"" or close:
            self.close()
        return (int(status.split()[1]), body) if status else (0, b"")


class Refused(unittest.TestCase):
    def flip(self, sandbox, request, mask, skip=lambda part: False):
        """Flip each byte of each signed part; how many were refused."""
        text, parts = raw_request(sandbox, request)
        wire, refused = Wire(sandbox), 0
        self.addCleanup(wire.close)
        status, body = wire.exchange(text)
        self.assertEqual(status, 200, body)
        for part, (at, length) in parts.items():
            if skip(part):
                continue
            for i in range(at, at + length):
                bad = bytearray(text)
                bad[i] ^= mask
                status, body = wire.exchange(bytes(bad))
                where = "%s, byte %d: %r" % (part, i - at, body)
                self.assertIn(status, (0, 400), where)
                if status == 400 and body.startswith(b"{"):
                    self.assertIn(json.loads(body)["__type"], BADLY_SIGNED,
                                  where)
                refused += 1
        return refused

    def test_one_flipped_byte_in_each_signed_part(self):
        with harness.Sandbox("--session-token", "tok") as s:
            request = s.signed(BODY, token="tok", path="/?b=c&a=d%20e")
            refused = self.flip(s, request, 1)
            self.assertGreater(refused, 400)
            self.assertEqual(len(s.stored()), 1)
            self.assertEqual(s.stats()["accepted_records"], 1)

    def test_a_letter_in_the_other_case(self):
        with harness.Sandbox("--session-token", "tok") as s:
            request = s.signed(BODY, token="tok")
            # Names of headers mean the same in either case, and a slash or
            # a flipped digit is no letter in another case but another byte.
            self.flip(s, request, 0x20, lambda part: "(name)" in part)
            self.assertEqual(len(s.stored()), 1)

    def test_a_signed_header_that_is_missing_or_comes_twice(self):
        with harness.Sandbox() as s:
            for name in ("X-Amz-Date", "X-Amz-Target", "Content-Type"):
                request = s.signed(BODY)
                del request.headers[name]
                self.assertIn(s.send(request).type, BADLY_SIGNED, name)
            text, _ = raw_request(s, s.signed(BODY))
            twice = text.replace(b"X-Amz-Target",
                                 b"X-Amz-Target: x\r\nX-Amz-Target", 1)
            wire = Wire(s)
            self.assertEqual(wire.exchange(twice)[0], 400)
            wire.close()
            self.assertEqual(s.stored(), [])

    def test_an_amz_header_that_is_not_signed(self):
        with harness.Sandbox() as s:
            request = s.signed(BODY)
            request.headers["X-Amz-Extra"] = "1"
            self.assertEqual(s.send(request).type,
                             "InvalidSignatureException")

    def test_a_wrong_secret_key_region_or_service(self):
        with harness.Sandbox("--region", "eu-west-1") as s:
            for how, kind in (
                    ({"secret": "other"}, "InvalidSignatureException"),
                    ({"access": "AKIDOTHER"}, "UnrecognizedClientException"),
                    ({"region": "eu-west-2"}, "InvalidSignatureException"),
                    ({"service": "sts"}, "InvalidSignatureException")):
                self.assertEqual(s.put(BODY, **how).type, kind, how)
            self.assertEqual(s.put(BODY).status, 200)
            self.assertEqual(s.stats()["bad_signatures"], 4)

    def test_a_date_more_than_five_minutes_away(self):
        real = datetime.datetime.utcnow()
        with harness.Sandbox() as s:
            for minutes, status in ((-6, 400), (-4, 200), (4, 200), (6, 400)):
                moved = real + datetime.timedelta(minutes=minutes)
                fake = mock.MagicMock(wraps=datetime)
                fake.datetime.utcnow.return_value = moved
                with mock.patch.object(botocore.auth, "datetime", fake):
                    answer = s.put(BODY)
                self.assertEqual(answer.status, status, minutes)
                if status == 400:
                    self.assertRegex(
                        answer.json["message"],
                        "Signature (expired|not yet current): ")
                    self.assertIn("Date", answer.headers)

    def test_no_signature_at_all(self):
        with harness.Sandbox() as s:
            request = s.signed(BODY)
            del request.headers["Authorization"]
            self.assertEqual(s.send(request).type,
                             "MissingAuthenticationTokenException")


if __name__ == "__main__":
    unittest.main()
