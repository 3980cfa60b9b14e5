#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PutMetricData here convinces AWS's own client library, and is as strict as
AWS about what it takes.

botocore is the client: its CloudWatch model, its Query protocol, its signer.
"""
import json
import unittest
import warnings

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import ACCESS, SECRET, Sandbox

DATUM = {"MetricName": "BytesSent", "Unit": "Bytes", "Value": 5.0,
         "Dimensions": [{"Name": "Destination", "Value": "KinesisStream:ä b"}]}
SET = {"SampleCount": 3, "Sum": 12, "Minimum": 2, "Maximum": 6}


def client(sandbox, secret=SECRET):
    return botocore.session.Session().create_client(
        "cloudwatch",
        region_name="us-east-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=ACCESS,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}, read_timeout=30),
    )


class Metrics(unittest.TestCase):
    def setUp(self):
        # botocore's clients live as long as the test.
        warnings.simplefilter("ignore", ResourceWarning)

    def code(self, sandbox, *data, space="Mine", **how):
        try:
            client(sandbox, **how).put_metric_data(
                Namespace=space, MetricData=list(data)
            )
        except ClientError as error:
            return error.response["Error"]["Code"]
        return None

    def taken(self, sandbox):
        connection = sandbox.connect()
        connection.request("GET", "/sandbox/metrics")
        found = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def test_botocores_data_are_taken_as_they_are(self):
        with Sandbox() as sandbox:
            more = {"MetricName": "x", "StatisticValues": SET, "Unit": "Count"}
            self.assertIsNone(self.code(sandbox, DATUM, more))
            found = self.taken(sandbox)
            self.assertEqual((found["requests"], found["count"]), (1, 2))
            self.assertEqual(found["data"][0], {
                "namespace": "Mine", "name": "BytesSent", "unit": "Bytes",
                "set": False, "count": 1, "sum": 5, "least": 5, "most": 5,
                "dimensions": {"Destination": "KinesisStream:ä b"}})
            self.assertEqual(found["data"][1]["sum"], 12)
            self.assertEqual(found["data"][1]["most"], 6)

    def test_what_aws_refuses_is_refused(self):
        with Sandbox() as sandbox:
            for wrong in (
                {**DATUM, "Unit": "Bananas"},
                {**DATUM, "StatisticValues": SET},
                {"MetricName": "x"},
                {"MetricName": "x", "StatisticValues": {**SET, "Sum": 99}},
                {"MetricName": "x", "StatisticValues": {**SET, "Minimum": 9}},
                {**DATUM, "Dimensions": DATUM["Dimensions"] * 2},
                {**DATUM, "StorageResolution": 1},
            ):
                self.assertIsNotNone(self.code(sandbox, wrong), wrong)
            self.assertIsNotNone(self.code(sandbox, DATUM, space="AWS/Mine"))
            self.assertIsNotNone(self.code(sandbox, *[DATUM] * 1001))
            self.assertEqual(self.taken(sandbox)["count"], 0)
            self.assertIsNone(self.code(sandbox, *[DATUM] * 1000))

    def test_a_wrong_signature_is_refused(self):
        with Sandbox() as sandbox:
            self.assertEqual(
                self.code(sandbox, DATUM, secret="wrong"),
                "SignatureDoesNotMatch",
            )


if __name__ == "__main__":
    unittest.main()
