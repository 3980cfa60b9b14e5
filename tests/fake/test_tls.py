# SPDX-License-Identifier: Apache-2.0
"""Its certificates are good, or bad in exactly the way that was asked for;
how it starts and ends."""
import http.client
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import harness


class Certificates(unittest.TestCase):
    def reach(self, sandbox):
        connection = sandbox.connect()
        self.addCleanup(connection.close)
        connection.request("GET", "/sandbox/stats")
        return connection.getresponse().status

    def test_the_one_made_at_start_is_good(self):
        with harness.Sandbox("--tls") as s:
            self.assertEqual(self.reach(s), 200)
            context = ssl.create_default_context(cafile=s.ca)
            with socket.create_connection(
                    ("127.0.0.1", s.address.port)) as plain:
                with context.wrap_socket(
                        plain, server_hostname="localhost") as secure:
                    self.assertEqual(secure.version(), "TLSv1.3")

    def check_bad(self, word, *arguments):
        with harness.Sandbox("--tls", *arguments) as s:
            with self.assertRaises(ssl.SSLCertVerificationError) as caught:
                self.reach(s)
            self.assertIn(word, caught.exception.verify_message)

    def test_an_expired_one(self):
        self.check_bad("expired", "--cert-expired")

    def test_one_for_another_name(self):
        self.check_bad("127.0.0.1", "--cert-name", "other.example")

    def test_one_from_files(self):
        with tempfile.TemporaryDirectory() as folder:
            key, cert = folder + "/key", folder + "/cert"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                 "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                 "-keyout", key, "-out", cert], check=True,
                stderr=subprocess.DEVNULL)
            process = subprocess.Popen(
                [os.environ["KINESIS_SANDBOX"], "--tls", "--cert", cert,
                 "--key", key], stdout=subprocess.PIPE, text=True)
            port = int(process.stdout.readline().rsplit(":", 1)[1])
            connection = http.client.HTTPSConnection(
                "127.0.0.1", port,
                context=ssl.create_default_context(cafile=cert))
            connection.request("GET", "/sandbox/stats")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            process.terminate()
            self.assertEqual(process.wait(10), 0)
            process.stdout.close()


class Process(unittest.TestCase):
    def run_wrong(self, *arguments):
        return subprocess.run(
            [os.environ["KINESIS_SANDBOX"], *arguments],
            capture_output=True, text=True, timeout=10)

    def test_it_listens_on_127_0_0_1_only(self):
        with harness.Sandbox() as s, socket.socket() as other:
            other.settimeout(5)
            with self.assertRaises(ConnectionRefusedError):
                other.connect(("127.0.0.2", s.address.port))

    def test_it_flushes_and_ends_with_0_on_either_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with harness.Sandbox() as s:
                s.put({"StreamName": "s", "Records": [
                    {"Data": "eA==", "PartitionKey": "k"}]})
                s.process.send_signal(number)
                self.assertEqual(s.process.wait(10), 0)
                with open(s.store_path, "rb") as f:
                    self.assertTrue(f.read().endswith(b"\tk\tx\n"))

    def test_what_it_took_does_not_lie_about(self):
        with harness.Sandbox() as s:
            s.put({"StreamName": "s", "Records": [
                {"Data": "eA==", "PartitionKey": "k"}]})
            deadline = time.monotonic() + 5
            while os.path.getsize(s.store_path) == 0:
                self.assertLess(time.monotonic(), deadline)

    def test_it_prints_what_it_took_when_told(self):
        with harness.Sandbox("--print", store=False) as s:
            s.put({"StreamName": "s", "Records": [
                {"Data": "eA==", "PartitionKey": "k"}]})
            fields = s.process.stdout.readline().split(b"\t")
            self.assertEqual(fields[2:], [b"s", b"1", b"0", b"k", b"x\n"])

    def test_the_ready_file_holds_the_line(self):
        with tempfile.TemporaryDirectory() as folder:
            with harness.Sandbox("--ready-file", folder + "/r") as s:
                with open(folder + "/r") as f:
                    self.assertEqual(f.read(), "listening %s\n" % s.url)

    def test_a_second_start_on_the_same_store_goes_on_in_it(self):
        body = {"StreamName": "s", "Records": [
            {"Data": "eA==", "PartitionKey": "k"}]}
        with harness.Sandbox() as first:
            first.put(body)
            self.assertEqual(len(first.stored()), 1)
            with harness.Sandbox("--store", first.store_path,
                                 store=False) as second:
                second.put(body)
                second.control("POST", "flush")
            lines = first.stored()
            self.assertEqual(len(lines), 2)
            self.assertGreater(int(lines[1][0]), int(lines[0][0]))
            self.assertGreater(int(lines[1][3]), int(lines[0][3]))

    def test_a_mistake_on_the_command_line_is_named(self):
        for wrong, word in (
                (["--nonsense"], "--nonsense"), (["--threads", "0"], "0"),
                (["--listen-port"], "--listen-port"),
                (["--stream", "x"], "NAME:SHARDS"),
                (["--tls", "--plain"], "--plain"),
                (["--store", "/nonexistent/x"], "/nonexistent/x"),
                (["--tls", "--cert", "/no", "--key", "/no"], "/no")):
            result = self.run_wrong(*wrong)
            self.assertIn(result.returncode, (1, 2), wrong)
            self.assertIn(word, result.stderr)


if __name__ == "__main__":
    unittest.main()
