# SPDX-License-Identifier: Apache-2.0
"""ADDEC2METADATA: a record that is a JSON object gets what the instance's
metadata tells, asked once, at start; where nobody answers, records are
delivered as they are, and the log says so once. Without the option nobody is
asked."""

import json
import re

from harness import Agent, Sandbox, check, flow, path, scenario, wait_until

INSTANCE = {
    "privateIp": "10.0.0.7",
    "availabilityZone": "eu-west-1a",
    "instanceId": "i-0123456789abcdef0",
    "instanceType": "t3.micro",
    "accountId": "123456789012",
    "amiId": "ami-0123456789abcdef0",
    "region": "eu-west-1",
}
OPTION = {"optionName": "ADDEC2METADATA", "logFormat": "COMMONAPACHELOG"}
NOTHING = "ADDEC2METADATA: nothing is known of this instance"


def records(sandbox, stream):
    return [r.data for r in sandbox.records() if r.stream == stream]


def put(text):
    with open(path("x.log"), "ab", buffering=0) as out:
        out.write(text)


def asked(sandbox):
    return sandbox.stats()["imds_requests"]


@scenario
def play():
    sandbox = Sandbox(tls=False, streams={"told": 1, "plain": 1})
    plain = flow("x.log", "plain")
    told = flow("x.log", "told", dataProcessingOptions=[OPTION])
    put(b'{"n":1,"region":"mine"}\nno object\n')
    agent = Agent(sandbox, [plain])
    agent.environment = {
        "AWS_EC2_METADATA_DISABLED": None,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": sandbox.url,
        "TZ": "UTC-2",
    }
    agent.start()
    wait_until(lambda: len(records(sandbox, "plain")) == 2, "the plain ones")
    agent.stop()
    check(asked(sandbox) == 0, "asks for what no flow wants")

    agent.configure({"flows": [plain, told]})
    agent.start()
    wait_until(lambda: len(records(sandbox, "told")) == 2, "those with more")
    put(b'{"n":2}\n')
    wait_until(lambda: len(records(sandbox, "told")) == 3, "one more")
    check(asked(sandbox) == 2, f"asks {asked(sandbox)} times, not 2")
    check(not agent.process.log_lines(NOTHING), "says that nothing is known")
    agent.stop()
    first, other, second = records(sandbox, "told")
    check(other == b"no object\n", f"changed {other}")
    for data, own in (first, {"n": 1}), (second, {"n": 2}):
        row = json.loads(data)
        when = row.pop("metadataTimestamp", "")
        check(row == {**own, **INSTANCE}, f"made {data}")
        check(
            re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0200", when),
            f"stamped {when!r}",
        )

    sandbox.fault("not-found", stream="imds-identity")
    agent.start()
    put(b'{"n":3}\n{"n":4}\n')
    wait_until(lambda: len(records(sandbox, "told")) == 5, "them as they are")
    got = records(sandbox, "told")[3:]
    check(got == [b'{"n":3}\n', b'{"n":4}\n'], f"made {got}")
    said = agent.process.log_lines(NOTHING)
    check(len(said) == 1 and "404" in said[0], f"says {said}")
    agent.stop()
