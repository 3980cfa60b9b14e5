# SPDX-License-Identifier: Apache-2.0
"""Every fault does to one request what its name says, and to no other."""
import base64
import email.utils
import http.client
import socket
import time
import unittest

import harness


def records(count, firehose=False):
    body = {"DeliveryStreamName" if firehose else "StreamName": "s",
            "Records": [{"Data": base64.b64encode(b"%d" % i).decode()}
                        for i in range(count)]}
    if not firehose:
        for i, record in enumerate(body["Records"]):
            record["PartitionKey"] = "key %d" % i
    return body


class Sandboxed(unittest.TestCase):
    def setUp(self):
        self.sandbox = harness.Sandbox()
        self.addCleanup(self.sandbox.__exit__)

    def put(self, count=10, **how):
        return self.sandbox.put(records(count), **how)

    def stored(self):
        return len(self.sandbox.stored())

    def check_all_is_well_again(self, kind):
        before = self.stored()
        answer = self.put()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["FailedRecordCount"], 0)
        self.assertEqual(len(answer.json["Records"]), 10)
        self.assertEqual(self.stored(), before + 10)
        self.assertEqual(self.sandbox.stats()["faults"], {kind: 1})

    def check_share(self, kind, code):
        self.sandbox.fault(kind, share=0.3)
        answer = self.put()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["FailedRecordCount"], 3)
        failed = [i for i, r in enumerate(answer.json["Records"])
                  if r.get("ErrorCode") == code and r["ErrorMessage"]]
        self.assertEqual(len(failed), 3)
        kept = [int(line[4]) for line in self.sandbox.stored()]
        self.assertEqual(sorted(kept + failed), list(range(10)))
        self.check_all_is_well_again(kind)

    def check_refusal(self, kind, status, code, **how):
        self.sandbox.fault(kind, **how)
        answer = self.put()
        self.assertEqual((answer.status, answer.type), (status, code))
        self.assertTrue(answer.json["message"])
        self.assertEqual(self.stored(), 0)
        self.check_all_is_well_again(kind)
        return answer

    def check_no_answer_came(self, kind, stored):
        self.sandbox.fault(kind)
        with self.assertRaises((http.client.RemoteDisconnected,
                                ConnectionResetError)):
            self.put()
        self.assertEqual(self.stored(), stored)
        self.check_all_is_well_again(kind)

    def check_foreign(self, kind, status, content_type, word):
        self.sandbox.fault(kind)
        answer = self.put()
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.headers["Content-Type"], content_type)
        self.assertIn(word, answer.body)
        self.assertEqual(self.stored(), 0)
        self.check_all_is_well_again(kind)


class Kinds(Sandboxed):
    """One test a kind; CTest runs each by its own name."""

    def test_fail_records(self):
        self.check_share("fail-records", "InternalFailure")
        self.assertEqual(self.sandbox.stats()["failed_records"], 3)

    def test_throttle_records(self):
        self.check_share("throttle-records",
                         "ProvisionedThroughputExceededException")
        self.assertEqual(self.sandbox.stats()["throttled_records"], 3)

    def test_throttle(self):
        self.check_refusal("throttle", 400,
                           "ProvisionedThroughputExceededException")

    def test_500(self):
        self.check_refusal("500", 500, "InternalFailure")

    def test_503_html(self):
        self.check_foreign("503-html", 503, "text/html", b"<html>")

    def test_500_xml(self):
        self.check_foreign("500-xml", 500, "application/xml", b"<?xml")

    def test_slow(self):
        self.sandbox.fault("slow", ms=300)
        begun = time.monotonic()
        self.assertEqual(self.put().status, 200)
        self.assertGreaterEqual(time.monotonic() - begun, 0.3)
        self.check_all_is_well_again("slow")

    def test_trickle(self):
        self.sandbox.fault("trickle", ms=1)
        begun = time.monotonic()
        answer = self.put(1)
        self.assertGreaterEqual(time.monotonic() - begun,
                                0.001 * (len(answer.body) - 1))
        self.assertEqual(len(answer.json["Records"]), 1)
        self.check_all_is_well_again("trickle")

    def test_no_answer(self):
        self.sandbox.fault("no-answer")
        silent = self.sandbox.connect(timeout=0.4)
        with self.assertRaises(socket.timeout):
            self.sandbox.put(records(10), silent)
        self.assertEqual(self.stored(), 0)
        before = self.sandbox.stats()["open_connections"]
        silent.close()
        deadline = time.monotonic() + 10
        while self.sandbox.stats()["open_connections"] >= before:
            self.assertLess(time.monotonic(), deadline)
        self.check_all_is_well_again("no-answer")

    def test_lost_answer(self):
        self.check_no_answer_came("lost-answer", 10)

    def test_close(self):
        self.check_no_answer_came("close", 0)

    def test_half_answer(self):
        self.sandbox.fault("half-answer")
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.put()
        half = caught.exception
        self.assertLessEqual(abs(len(half.partial) - half.expected), 1)
        self.assertEqual(self.stored(), 10)
        self.check_all_is_well_again("half-answer")

    def test_garbage(self):
        self.sandbox.fault("garbage")
        answer = self.put()
        self.assertEqual(answer.status, 200)
        with self.assertRaises(ValueError):
            answer.json
        self.assertEqual(self.stored(), 10)
        self.check_all_is_well_again("garbage")

    def test_empty(self):
        self.sandbox.fault("empty")
        answer = self.put()
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.stored(), 10)
        self.check_all_is_well_again("empty")

    def test_wrong_count(self):
        self.sandbox.fault("wrong-count")
        answer = self.put()
        self.assertEqual(answer.status, 200)
        self.assertEqual(len(answer.json["Records"]), 9)
        self.assertEqual(self.stored(), 10)
        self.check_all_is_well_again("wrong-count")

    def test_expired(self):
        self.check_refusal("expired", 400, "ExpiredTokenException")

    def test_denied(self):
        self.check_refusal("denied", 400, "AccessDeniedException")

    def test_not_found(self):
        self.check_refusal("not-found", 400, "ResourceNotFoundException")

    def test_validation(self):
        self.check_refusal("validation", 400, "ValidationException")

    def test_skew(self):
        answer = self.check_refusal("skew", 400, "InvalidSignatureException",
                                    ms=3600000)
        self.assertIn("Signature expired: ", answer.json["message"])
        self.assertEqual(len(answer.headers.get_all("Date")), 1)
        date = email.utils.parsedate_to_datetime(answer.headers["Date"])
        self.assertAlmostEqual(date.timestamp(), time.time() + 3600, delta=5)


class Rules(Sandboxed):
    def test_slow_holds_up_nobody_else(self):
        self.sandbox.fault("slow", ms=20000)
        waiting = self.sandbox.connect()
        request = self.sandbox.signed(
            b'{"StreamName":"s","Records":[{"Data":"","PartitionKey":"k"}]}')
        waiting.request("POST", "/", request.body, dict(request.headers))
        while self.sandbox.stats()["faults"] != {"slow": 1}:
            pass
        self.check_all_is_well_again("slow")
        waiting.close()

    def test_no_answer_does_not_keep_it_from_ending(self):
        self.sandbox.fault("no-answer")
        silent = self.sandbox.connect(timeout=0.2)
        with self.assertRaises(socket.timeout):
            self.sandbox.put(records(1), silent)
        self.sandbox.process.terminate()
        self.assertEqual(self.sandbox.process.wait(10), 0)
        silent.close()

    def test_close_for_one_stream(self):
        self.sandbox.fault("close", stream="other")
        self.assertEqual(self.put().status, 200)
        self.sandbox.fault("close", stream="s")
        with self.assertRaises((http.client.RemoteDisconnected,
                                ConnectionResetError)):
            self.put()
        self.assertEqual(self.stored(), 10)

    def test_rules_go_in_order_by_count_and_after_what_they_let_through(self):
        self.sandbox.fault("500", after=1, count=2)
        self.sandbox.fault("throttle")
        self.sandbox.fault("denied", count=-1, stream="other")
        seen = [self.put().status for _ in range(5)]
        self.assertEqual(seen, [400, 500, 500, 200, 200])
        self.sandbox.fault("500", count=-1)
        self.assertEqual(self.put().status, 500)
        self.sandbox.control("DELETE", "faults")
        self.assertEqual(self.put().status, 200)

    def test_a_share_holds_across_requests_of_one_record(self):
        self.sandbox.fault("fail-records", count=-1, share=0.25)
        failed = [self.put(1).json["FailedRecordCount"] for _ in range(12)]
        self.assertEqual(failed, [1, 0, 0, 0] * 3)

    def test_a_mistake_in_a_script_is_refused(self):
        for wrong in ({}, {"fault": "nonsense"}, {"fault": "500", "x": 1},
                      {"fault": "500", "count": "1"},
                      {"fault": "fail-records", "share": 1.5}):
            with self.assertRaises(RuntimeError):
                self.sandbox.control("POST", "faults", wrong)

    def test_firehose_meets_the_same_faults(self):
        how = {"target": harness.PUT_BATCH}
        self.sandbox.fault("fail-records", share=0.5)
        answer = self.sandbox.put(records(4, True), **how)
        self.assertEqual(answer.json["FailedPutCount"], 2)
        self.sandbox.fault("throttle")
        answer = self.sandbox.put(records(4, True), **how)
        self.assertEqual(answer.type, "ServiceUnavailableException")
        answer = self.sandbox.put(records(4, True), **how)
        self.assertEqual(answer.json["FailedPutCount"], 0)
        self.assertEqual(len(answer.json["RequestResponses"]), 4)
        self.assertEqual(self.stored(), 6)

    def test_a_refused_request_uses_up_no_fault(self):
        self.sandbox.fault("500")
        self.assertEqual(self.put(0).type, "ValidationException")
        self.assertEqual(self.put(secret="wrong").type,
                         "InvalidSignatureException")
        self.assertEqual(self.put().status, 500)


if __name__ == "__main__":
    unittest.main()
