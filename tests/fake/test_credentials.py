#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What gives out credentials here convinces AWS's own client library, and is
as strict as AWS about who gets them and how long they hold.

botocore is the client: its STS model, its instance metadata and container
fetchers.
"""
import datetime
import time
import unittest
import warnings

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, MetadataRetrievalError
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher

from harness import ACCESS, SECRET, Sandbox

ROLE = "arn:aws:iam::123456789012:role/path/writer"
SESSION = "arn:aws:sts::123456789012:assumed-role/writer/me"
RECORD = {"StreamName": "s", "Records": [{"Data": "YQ==", "PartitionKey": "k"}]}


def sts(sandbox, access=ACCESS, secret=SECRET, token=None):
    return botocore.session.Session().create_client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}, read_timeout=5),
    )


def assume(client, **more):
    wish = {"RoleArn": ROLE, "RoleSessionName": "me", **more}
    return client.assume_role(**wish)["Credentials"]


def of(answer):
    return (
        answer["AccessKeyId"],
        answer["SecretAccessKey"],
        answer["SessionToken"],
    )


class Case(unittest.TestCase):
    def setUp(self):
        # botocore's clients live as long as the test.
        warnings.simplefilter("ignore", ResourceWarning)

    def put(self, sandbox, keys, **how):
        access, secret, token = keys
        return sandbox.put(
            RECORD, access=access, secret=secret, token=token, **how
        )

    def code(self, sandbox, keys, **how):
        answer = self.put(sandbox, keys, **how)
        return None if answer.status == 200 else answer.type

    def refused(self, call, code):
        with self.assertRaises(ClientError) as caught:
            call()
        self.assertEqual(caught.exception.response["Error"]["Code"], code)


class Roles(Case):
    def test_an_assumed_role_signs_and_is_named(self):
        with Sandbox() as sandbox:
            keys = of(assume(sts(sandbox)))
            self.assertIsNone(self.code(sandbox, keys))
            said = sts(sandbox, *keys).get_caller_identity()
            self.assertEqual(said["Arn"], SESSION)
            self.assertEqual(sandbox.stats()["callers"], {SESSION: 2})
            # The secret and the token both count.
            access, secret, token = keys
            self.assertEqual(
                self.code(sandbox, (access, "x" + secret, token)),
                "InvalidSignatureException",
            )
            self.assertEqual(
                self.code(sandbox, (access, secret, None)),
                "UnrecognizedClientException",
            )
            self.assertEqual(
                self.code(sandbox, (ACCESS, SECRET, token)),
                "UnrecognizedClientException",
            )

    def test_an_external_id_must_be_the_roles(self):
        with Sandbox("--role", "writer:id-1", "--role", "open") as sandbox:
            client = sts(sandbox)
            assume(client, ExternalId="id-1")
            self.refused(lambda: assume(client), "AccessDenied")
            self.refused(
                lambda: assume(client, ExternalId="id-2"), "AccessDenied"
            )
            other = ROLE.replace("writer", "open")
            assume(client, RoleArn=other)
            other = ROLE.replace("writer", "unknown")
            self.refused(
                lambda: assume(client, RoleArn=other), "AccessDenied"
            )

    def test_only_a_good_signature_assumes(self):
        with Sandbox() as sandbox:
            self.refused(
                lambda: assume(sts(sandbox, secret="wrong")),
                "SignatureDoesNotMatch",
            )
            self.refused(
                lambda: assume(sts(sandbox, access="AKIDOTHER")),
                "InvalidClientTokenId",
            )

    def test_a_duration_is_within_aws_limits(self):
        with Sandbox() as sandbox:
            client = sts(sandbox)
            for seconds in (900, 43200):
                until = assume(client, DurationSeconds=seconds)["Expiration"]
                now = datetime.datetime.now(datetime.timezone.utc)
                self.assertAlmostEqual(
                    (until - now).total_seconds(), seconds, delta=3
                )
            self.refused(
                lambda: assume(client, DurationSeconds=43201),
                "ValidationError",
            )
            chained = sts(sandbox, *of(assume(client)))
            assume(chained)
            self.refused(
                lambda: assume(chained, DurationSeconds=3601),
                "ValidationError",
            )

    def test_what_has_expired_is_refused_everywhere(self):
        with Sandbox("--credentials-seconds", "1") as sandbox:
            keys = of(assume(sts(sandbox)))
            deadline = time.monotonic() + 10
            while self.code(sandbox, keys) is None:
                self.assertLess(time.monotonic(), deadline)
            self.assertEqual(
                self.code(sandbox, keys), "ExpiredTokenException"
            )
            self.refused(
                lambda: assume(sts(sandbox, *keys)), "ExpiredToken"
            )
            self.assertEqual(sandbox.stats()["expired_tokens"], 3)
            self.assertEqual(sandbox.stats()["bad_signatures"], 0)

    def test_a_script_revokes_and_sets_the_life_span(self):
        with Sandbox() as sandbox:
            keys = of(assume(sts(sandbox)))
            sandbox.control("POST", "credentials", {"revoke": True})
            self.assertEqual(
                self.code(sandbox, keys), "ExpiredTokenException"
            )
            sandbox.control("POST", "credentials", {"seconds": 60})
            until = assume(sts(sandbox))["Expiration"].timestamp()
            self.assertAlmostEqual(until - time.time(), 60, delta=3)

    def test_a_grant_is_for_one_role(self):
        with Sandbox("--grant", "s:writer") as sandbox:
            keys = of(assume(sts(sandbox)))
            self.assertIsNone(self.code(sandbox, keys))
            other = ROLE.replace("writer", "writer2")
            keys = of(assume(sts(sandbox), RoleArn=other))
            self.assertEqual(
                self.code(sandbox, keys), "AccessDeniedException"
            )
            self.assertEqual(
                self.code(sandbox, (ACCESS, SECRET, None)),
                "AccessDeniedException",
            )

    def test_faults_are_for_who_they_name(self):
        with Sandbox() as sandbox:
            sandbox.fault("500", stream="sts", count=1)
            sandbox.fault("denied", stream="sts", count=1)
            sandbox.fault("throttle", stream="sts", count=1)
            self.assertIsNone(self.code(sandbox, (ACCESS, SECRET, None)))
            for code in ("InternalFailure", "AccessDenied", "Throttling"):
                self.refused(lambda: assume(sts(sandbox)), code)
            sandbox.fault("expired", stream="sts")
            keys = assume(sts(sandbox))
            self.assertLess(keys["Expiration"].timestamp(), time.time())
            assume(sts(sandbox))


class WebIdentity(Case):
    def test_a_token_is_enough_and_must_be_the_right_one(self):
        with Sandbox("--web-identity", "the.jwt/+=") as sandbox:
            client = sts(sandbox)

            def ask(token):
                return client.assume_role_with_web_identity(
                    RoleArn=ROLE, RoleSessionName="me", WebIdentityToken=token
                )

            answer = ask("the.jwt/+=")
            self.assertEqual(answer["AssumedRoleUser"]["Arn"], SESSION)
            self.assertIsNone(self.code(sandbox, of(answer["Credentials"])))
            self.refused(lambda: ask("another"), "InvalidIdentityToken")


class Instance(Case):
    def fetcher(self, sandbox, **more):
        return InstanceMetadataFetcher(
            base_url=sandbox.url + "/", timeout=2, num_attempts=1, env={}, **more
        )

    def test_botocore_takes_the_instances_role(self):
        with Sandbox("--instance-role", "machine") as sandbox:
            found = self.fetcher(sandbox).retrieve_iam_role_credentials()
            self.assertEqual(found["role_name"], "machine")
            keys = found["access_key"], found["secret_key"], found["token"]
            self.assertIsNone(self.code(sandbox, keys))
            self.assertEqual(sandbox.stats()["imds_requests"], 3)

    def test_nothing_without_a_live_token(self):
        with Sandbox() as sandbox:
            where = "/latest/meta-data/placement/region"
            self.assertEqual(get(sandbox, where)[0], 401)
            status, _ = get(sandbox, "/latest/api/token", method="PUT")
            self.assertEqual(status, 400)
            status, token = fresh(sandbox, 1)
            self.assertEqual(status, 200)
            self.assertEqual(
                get(sandbox, where, token=token), (200, "eu-west-1")
            )
            self.assertEqual(get(sandbox, where, token="another")[0], 401)
            deadline = time.monotonic() + 10
            while get(sandbox, where, token=token)[0] != 401:
                self.assertLess(time.monotonic(), deadline)
            self.assertEqual(fresh(sandbox, 21601)[0], 400)
            status, _ = fresh(sandbox, 60, {"X-Forwarded-For": "1.2.3.4"})
            self.assertEqual(status, 403)

    def test_version_1_only_where_allowed(self):
        where = "/latest/meta-data/iam/security-credentials/"
        with Sandbox("--imds-v1") as sandbox:
            self.assertEqual(get(sandbox, where), (200, "sandbox-instance"))
            self.assertEqual(get(sandbox, where + "other")[0], 404)

    def test_faults_have_stages(self):
        with Sandbox() as sandbox:
            sandbox.fault("500", stream="imds-token")
            self.assertEqual(fresh(sandbox, 60)[0], 500)
            sandbox.fault("garbage", stream="imds-credentials")
            self.assertEqual(
                self.fetcher(sandbox).retrieve_iam_role_credentials(), {}
            )
            sandbox.fault("not-found", stream="imds")
            self.assertEqual(fresh(sandbox, 60)[0], 404)


class Container(Case):
    def fetch(self, sandbox, token=None):
        headers = {"Authorization": token} if token else None
        fetcher = ContainerMetadataFetcher(sleep=lambda _: None)
        return fetcher.retrieve_full_uri(
            sandbox.url + "/container/credentials?id=1", headers=headers
        )

    def test_botocore_takes_the_containers_role(self):
        with Sandbox("--container-token", "Basic abc==") as sandbox:
            found = self.fetch(sandbox, "Basic abc==")
            keys = (
                found["AccessKeyId"],
                found["SecretAccessKey"],
                found["Token"],
            )
            self.assertIsNone(self.code(sandbox, keys))
            for wrong in (None, "Basic abd=="):
                with self.assertRaises(MetadataRetrievalError):
                    self.fetch(sandbox, wrong)


def get(sandbox, path, token=None, method="GET", headers=None):
    headers = dict(headers or {})
    if token:
        headers["X-aws-ec2-metadata-token"] = token
    c = sandbox.connect()
    try:
        c.request(method, path, headers=headers)
        answer = c.getresponse()
        return answer.status, answer.read().decode("latin-1")
    finally:
        c.close()


def fresh(sandbox, seconds, more=None):
    ttl = {"X-aws-ec2-metadata-token-ttl-seconds": str(seconds)}
    return get(
        sandbox, "/latest/api/token", method="PUT",
        headers={**ttl, **(more or {})},
    )


if __name__ == "__main__":
    unittest.main()
