#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's endpoints are those of AWS's own client library.

Every service, region of every partition and variant that botocore has an
endpoint for is resolved by both. `endpoints_botocore.py DRIVER`.
"""
import itertools
import os
import subprocess
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

SERVICES = ["kinesis", "firehose", "sts"]
REGIONS = [
    "us-east-1", "us-west-2", "eu-central-1", "ap-southeast-4", "ca-west-1",
    "cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1",
    "us-iso-east-1", "us-isob-east-1",
]  # fmt: skip


def of_botocore(session, service, region, fips, dualstack):
    client = session.create_client(
        service,
        region_name=region,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(
            use_fips_endpoint=fips, use_dualstack_endpoint=dualstack
        ),
    )
    return client.meta.endpoint_url


def is_known_wrong(service, region, fips, dualstack):
    """What Debian 12's botocore said before AWS told it better."""
    if region.startswith("us-iso"):
        return dualstack
    gov = region.startswith("us-gov-") and service == "kinesis"
    return gov and fips and not dualstack


def main():
    os.environ["AWS_STS_REGIONAL_ENDPOINTS"] = "regional"
    session = botocore.session.Session()
    cases, wanted = [], []
    for service, region, fips, dualstack in itertools.product(
        SERVICES, REGIONS, [False, True], [False, True]
    ):
        if is_known_wrong(service, region, fips, dualstack):
            continue
        try:
            url = of_botocore(session, service, region, fips, dualstack)
        except BotoCoreError:
            continue  # its partition has no such endpoints, it says
        cases.append((service, region, int(fips), int(dualstack)))
        wanted.append(url)
    answers = subprocess.run(
        [sys.argv[1]],
        input="".join("%s %s %d %d\n" % case for case in cases),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    wrong = [
        f"{case}: {ours} instead of {theirs}"
        for case, ours, theirs in zip(cases, answers, wanted, strict=True)
        if ours != theirs
    ]
    print("\n".join(wrong))
    print(f"{len(cases)} endpoints, {len(wrong)} of them wrong")
    return 1 if wrong or len(cases) < 80 else 0


if __name__ == "__main__":
    sys.exit(main())
