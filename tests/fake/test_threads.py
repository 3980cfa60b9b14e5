# SPDX-License-Identifier: Apache-2.0
"""Many clients at once, on several threads of the sandbox: every record it
says it took is in its store once, and no other."""
import base64
import contextlib
import threading
import unittest

import harness

CLIENTS, ROUNDS, RECORDS = 6, 25, 20


class Threads(unittest.TestCase):
    def client(self, sandbox, name, taken):
        with contextlib.closing(sandbox.connect()) as connection:
            for turn in range(ROUNDS):
                data = ["%d/%d/%d" % (name, turn, i) for i in range(RECORDS)]
                answer = sandbox.put({
                    "StreamName": "s%d" % (turn % 2), "Records": [
                        {"Data": base64.b64encode(d.encode()).decode(),
                         "PartitionKey": d} for d in data]}, connection)
                taken += [d for d, entry in zip(data, answer.json["Records"])
                          if "SequenceNumber" in entry]

    def meddle(self, sandbox, over):
        shards = 1
        while not over.is_set():
            shards = shards % 7 + 1
            sandbox.control("POST", "shards", {
                "stream": "s0", "shards": shards, "throttle": shards > 3})
            sandbox.fault("fail-records", share=0.4)
            sandbox.fault("slow", ms=3)
            sandbox.stats()

    def run_with(self, *arguments):
        with harness.Sandbox("--threads", "3", *arguments) as s:
            over, taken = threading.Event(), [[] for _ in range(CLIENTS)]
            meddler = threading.Thread(target=self.meddle, args=(s, over))
            clients = [threading.Thread(target=self.client, args=(s, i, t))
                       for i, t in enumerate(taken)]
            for thread in [meddler] + clients:
                thread.start()
            for thread in clients:
                thread.join()
            over.set()
            meddler.join()
            lines = s.stored()
            self.assertEqual(sorted(line[6].decode() for line in lines),
                             sorted(sum(taken, [])))
            stats = s.stats()
            self.assertEqual(stats["accepted_records"], len(lines))
            self.assertEqual(
                stats["accepted_records"] + stats["failed_records"] +
                stats["throttled_records"], CLIENTS * ROUNDS * RECORDS)
            for stream in (b"s0", b"s1"):
                numbers = [int(x[0]) for x in lines if x[2] == stream]
                self.assertEqual(numbers, sorted(set(numbers)))

    def test_plain(self):
        self.run_with("--plain")

    def test_over_tls(self):
        self.run_with("--tls")


if __name__ == "__main__":
    unittest.main()
