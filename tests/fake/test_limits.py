# SPDX-License-Identifier: Apache-2.0
"""AWS's limits hold to the byte, and AWS's words say so."""
import base64
import json
import time
import unittest

import harness

MIB = 1 << 20


def b64(data):
    return base64.b64encode(data).decode()


def body(*records, stream="s", **more):
    return dict(StreamName=stream, Records=list(records), **more)


def record(data=b"x", key="k", **more):
    return dict(Data=b64(data), PartitionKey=key, **more)


def cbor(value):
    """Enough of CBOR to write a request, lengths in 16 or 32 bits."""
    if isinstance(value, int):
        return b"\x1a" + value.to_bytes(4, "big")
    if isinstance(value, bytes):
        return b"\x5a" + len(value).to_bytes(4, "big") + value
    if isinstance(value, str):
        text = value.encode()
        return b"\x79" + len(text).to_bytes(2, "big") + text
    if isinstance(value, list):
        return b"\x99" + len(value).to_bytes(2, "big") + b"".join(
            cbor(v) for v in value)
    return b"\xb9" + len(value).to_bytes(2, "big") + b"".join(
        cbor(k) + cbor(v) for k, v in value.items())


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = harness.Sandbox("--stream", "s:4", "--stream", "big:1")

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.__exit__()

    def taken(self, request, **how):
        answer = self.sandbox.put(request, **how)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def refused(self, request, kind, **how):
        before = len(self.sandbox.stored())
        answer = self.sandbox.put(request, **how)
        self.assertEqual((answer.status, answer.type), (400, kind),
                         answer.body)
        self.assertTrue(answer.json["message"])
        self.assertEqual(len(self.sandbox.stored()), before)

    def test_500_records_and_no_more_and_not_none(self):
        self.taken(body(*[record()] * 500))
        self.refused(body(*[record()] * 501), "ValidationException")
        self.refused(body(), "ValidationException")
        self.refused({"StreamName": "s"}, "ValidationException")

    def test_1_mib_a_record_with_its_key(self):
        self.taken(body(record(b"x" * (MIB - 3), "key")))
        self.refused(body(record(b"x" * (MIB - 2), "key")),
                     "InvalidArgumentException")

    def test_a_stream_may_take_larger_records(self):
        self.sandbox.control("POST", "shards", {
            "stream": "big", "shards": 2, "recordBytes": 2 * MIB})
        self.taken(body(record(b"x" * (2 * MIB - 1)), stream="big"))
        self.refused(body(record(b"x" * (2 * MIB)), stream="big"),
                     "InvalidArgumentException")

    def test_a_stream_says_what_it_takes(self):
        def ask(**stream):
            return self.sandbox.put(
                stream, target="Kinesis_20131202.DescribeStreamSummary")

        self.sandbox.control("POST", "shards", {
            "stream": "asked", "shards": 3, "recordBytes": 4 * MIB})
        for stream in (
            dict(StreamName="asked"),
            dict(StreamARN="arn:aws:kinesis:eu-west-1:1:stream/asked"),
        ):
            summary = ask(**stream).json["StreamDescriptionSummary"]
            self.assertEqual(summary["MaxRecordSizeInKiB"], 4096)
            self.assertEqual(summary["OpenShardCount"], 3)
        self.assertEqual(ask(StreamName="other").type,
                         "ResourceNotFoundException")
        self.sandbox.control("POST", "shards", {
            "stream": "asked", "shards": 3, "describe": False})
        self.assertEqual(ask(StreamName="asked").type,
                         "AccessDeniedException")

    def test_5_mib_a_request_keys_included(self):
        most = [record(b"x" * (MIB - 1))] * 5
        self.taken(body(*most))
        self.refused(body(*most, record(b"", "k")),
                     "InvalidArgumentException")

    def test_10_mib_when_told(self):
        with harness.Sandbox("--max-body", str(10 * MIB)) as s:
            most = [record(b"x" * (MIB - 1))] * 10
            self.assertEqual(s.put(body(*most)).status, 200)
            self.assertEqual(s.put(body(*most, record(b""))).type,
                             "InvalidArgumentException")

    def test_a_body_beyond_all_is_413(self):
        answer = self.sandbox.put(b"x" * (10 * MIB))
        self.assertEqual(answer.status, 413)

    def test_keys_of_1_to_256_characters(self):
        for key in ("k", "k" * 256, "\u00e9" * 256, "\U0001f600" * 256):
            self.taken(body(record(key=key)))
        for key in ("", "k" * 257, "\u00e9" * 257):
            self.refused(body(record(key=key)), "ValidationException")
        self.refused(body({"Data": ""}), "ValidationException")
        self.refused(body({"PartitionKey": "k"}), "ValidationException")

    def test_hash_keys_within_128_bits_decide_the_shard(self):
        for key, shard in ((0, 0), (2**126 - 1, 0), (2**126, 1),
                           (2**127, 2), (2**128 - 1, 3)):
            answer = self.taken(body(record(ExplicitHashKey=str(key))))
            self.assertEqual(answer.json["Records"][0]["ShardId"],
                             "shardId-%012d" % shard)
        self.refused(body(record(ExplicitHashKey=str(2**128))),
                     "InvalidArgumentException")
        for wrong in ("", "-1", "01", "1x", "0x1"):
            self.refused(body(record(ExplicitHashKey=wrong)),
                         "ValidationException")

    def test_base64_is_strict(self):
        for wrong in ("A", "AB", "ABC", "AB=", "A===", "AB=A", "AA=A",
                      "AB==", "AAB=", "A_A-", "A A=", "AAAA\n", "====",
                      "AA==AAAA"):
            self.refused(body({"Data": wrong, "PartitionKey": "k"}),
                         "SerializationException")
        self.taken(body({"Data": "AA==", "PartitionKey": "k"}))

    def test_json_is_strict(self):
        good = json.dumps(body(record()))
        for wrong in ("", "{", good + "}", good + "x", good[:-1],
                      good.replace('"k"', "1"), good.replace('"k"', "'k'"),
                      good.replace("]", ",]"), good.replace(":", "", 1),
                      good.replace('"k"', '"\\ud800"'),
                      good.replace('"k"', '"\t"'), "[]", "null", '"x"'):
            self.refused(wrong.encode(), "SerializationException")
        self.refused(good.replace('"k"', '"\xff"').encode("latin-1"),
                     "SerializationException")
        self.taken((" " + good + "\r\n").encode())
        self.taken(good.replace('"k"', '"\\ud83d\\ude00\\u00e9"').encode())

    def test_members_nobody_knows_are_passed_over(self):
        self.taken(body(record(Other=[1, {"a": None, "b": -1.5e3}]),
                        More={"x": [True, False, "\\\""]}))
        self.taken(cbor(body({"Data": b"d", "PartitionKey": "k",
                              "Other": [1, {"a": b"b"}]})),
                   content_type=harness.CBOR_TYPE)

    def test_cbor_in_every_length_and_shape(self):
        head = (b"\xbf\x6aStreamName\x61s\x67Records%s"
                b"\xa2\x64Data\x5f\x42li\x41n\x41e\xff"
                b"\x6cPartitionKey\x7f\x61k\x62ey\xff%s\xff")
        for open_, close in ((b"\x81", b""), (b"\x98\x01", b""),
                             (b"\x99\x00\x01", b""),
                             (b"\x9a\x00\x00\x00\x01", b""),
                             (b"\x9b" + b"\x00" * 7 + b"\x01", b""),
                             (b"\x9f", b"\xff")):
            answer = self.taken(head % (open_, close),
                                content_type=harness.CBOR_TYPE)
            self.assertEqual(answer.headers["Content-Type"],
                             harness.CBOR_TYPE)
            self.assertEqual(answer.body[:19], b"\xa2\x71FailedRecordCount")
            self.assertEqual(self.sandbox.stored()[-1][5:],
                             [b"key", b"line"])

    def test_cbor_that_ends_early_is_refused(self):
        whole = cbor(body({"Data": b"data", "PartitionKey": "key"}))
        for length in range(len(whole)):
            answer = self.sandbox.put(whole[:length],
                                      content_type=harness.CBOR_TYPE)
            self.assertEqual(answer.status, 400, length)
            self.assertIn(b"SerializationException", answer.body)
        self.taken(whole, content_type=harness.CBOR_TYPE)

    def test_an_unknown_stream_and_a_wrong_name(self):
        self.refused(body(record(), stream="none"),
                     "ResourceNotFoundException")
        for name in ("", "x" * 129, "a b", "\u00e9"):
            self.refused(body(record(), stream=name), "ValidationException")
        self.refused({"Records": [record()]}, "ValidationException")

    def test_a_stream_by_its_arn_alone(self):
        arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/s"
        self.taken({"StreamARN": arn, "Records": [record()]})
        self.refused({"StreamARN": arn + "x", "Records": [record()]},
                     "ResourceNotFoundException")

    def test_another_action_or_content_type(self):
        self.refused(body(record()), "UnknownOperationException",
                     target="Kinesis_20131202.GetRecords", service="kinesis")
        self.refused(body(record()), "UnknownOperationException",
                     content_type="text/plain")

    def test_firehose_500_records_1000_kib_and_4_mib(self):
        how = {"target": harness.PUT_BATCH}

        def batch(*datas):
            return {"DeliveryStreamName": "s",
                    "Records": [{"Data": b64(d)} for d in datas]}
        self.taken(batch(*[b"x"] * 500), **how)
        self.refused(batch(*[b"x"] * 501), "ValidationException", **how)
        self.refused(batch(), "ValidationException", **how)
        self.taken(batch(b"x" * 1024000), **how)
        self.refused(batch(b"x" * 1024001), "ValidationException", **how)
        most = [b"x" * 1000000] * 4 + [b"x" * (4 * MIB - 4000000)]
        self.taken(batch(*most), **how)
        self.refused(batch(*most, b"x"), "InvalidArgumentException", **how)
        self.refused({"DeliveryStreamName": "no", "Records": [
            {"Data": ""}]}, "ResourceNotFoundException", **how)

    def test_throttling_lets_a_second_s_worth_through(self):
        with harness.Sandbox("--throttle", "--any-stream", "1") as s:
            begun = time.monotonic()
            answers = [s.put(body(*[record()] * 500)).json for _ in range(4)]
            passed = time.monotonic() - begun
            failed = sum(a["FailedRecordCount"] for a in answers)
            self.assertEqual([a["FailedRecordCount"] for a in answers[:2]],
                             [0, 0])
            self.assertLessEqual(2000 - failed, 1000 + 1000 * passed + 1)
            self.assertGreaterEqual(failed, 1000 - 1000 * passed - 1)
            self.assertEqual(
                answers[3]["Records"][-1]["ErrorCode"],
                "ProvisionedThroughputExceededException")
            self.assertEqual(s.stats()["throttled_records"], failed)
            self.assertEqual(len(s.stored()), 2000 - failed)

    def test_throttling_counts_bytes_too(self):
        with harness.Sandbox("--throttle", "--any-stream", "1") as s:
            half = record(b"x" * (MIB // 2 - 1))
            answer = s.put(body(*[half] * 3)).json
            self.assertEqual(answer["FailedRecordCount"], 1)

    def test_sequence_numbers_grow_in_the_store_and_across_restarts(self):
        numbers = [int(line[0]) for line in self.sandbox.stored()
                   if line[2] == b"s"]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.taken(body(record()))
        self.assertGreater(int(self.sandbox.stored()[-1][0]), numbers[-1]
                           if numbers else 0)

    def test_the_store_gives_back_every_byte(self):
        every = bytes(range(256)) * 3 + b"\\n\\x41\\"
        with harness.Sandbox() as s:
            s.put(body(record(every, "k\t\u00e9\x7f")))
            line = s.stored()[0]
            self.assertEqual(len(line), 7)
            self.assertEqual(harness.unescape(line[6]), every)
            self.assertEqual(harness.unescape(line[5]),
                             "k\t\u00e9\x7f".encode())


if __name__ == "__main__":
    unittest.main()
