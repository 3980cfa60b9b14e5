# SPDX-License-Identifier: Apache-2.0
"""schema: the JSON Schema that `kinesis-agent print schema` prints is one, takes
agent.yaml.example with every setting in it, also written in groups, and marks
what the agent refuses; agent.yaml(5) has every setting, too. Judges: python3-jsonschema, python3-yaml."""

import os
import subprocess

import jsonschema
import json
import yaml


def printed(what):
    agent = os.environ["KINESIS_AGENT"]
    done = subprocess.run(
        [agent, "print", what], capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode()


def with_all_settings(example):
    """The example with its settings' comment marks taken off."""
    lines = []
    for line in example.splitlines():
        bare = line.lstrip()
        if bare.startswith("#") and not bare.startswith("# ") and bare != "#":
            line = line.replace("#", "", 1)
        lines.append(line)
    return "\n".join(lines)


def grouped(config):
    """Keys with dots as groups."""
    out = {}
    for key, value in config.items():
        head, dot, rest = key.partition(".")
        if dot:
            out.setdefault(head, {})[rest] = value
        else:
            out[key] = value
    return out


def main():
    schema = json.loads(printed("schema"))
    jsonschema.Draft7Validator.check_schema(schema)
    judge = jsonschema.Draft7Validator(schema)
    example = printed("example")
    judge.validate(yaml.safe_load(example))
    full = yaml.safe_load(with_all_settings(example))
    assert len(full) > 10 and len(full["flows"][0]) > 10, full
    judge.validate(full)
    judge.validate(grouped(full))

    # agent.yaml(5) tells of each of them.
    manual = printed("settings").replace("\\-", "-")
    for name in {*full, *full["flows"][0]}:
        assert f".B {name}" in manual, name

    least = {"flows": [{"filePattern": "/a", "kinesisStream": "s"}]}
    judge.validate(least)
    wrong = {
        "unknown key": {**least, "memoryBudgetByte": 1},
        "unknown in a group": {**least, "kinesis": {"regoin": "eu-west-1"}},
        "not a list": {"flows": {"filePattern": "/a"}},
        "no flows": {"flows": []},
        "no pattern": {"flows": [{"kinesisStream": "s"}]},
        "number for text": {**least, "stateDirectory": 5},
        "out of range": {**least, "maxConnections": 0},
        "no such unit": {**least, "shutdownTimeoutMillis": "10 years"},
        "no such choice": {
            "flows": [{**least["flows"][0], "wireFormat": "xml"}]
        },
        "text for bool": {**least, "useTcpKeepAlive": "perhaps"},
    }
    for what, config in wrong.items():
        assert not judge.is_valid(config), f"{what} passes"
    print(f"{len(full)} settings and {len(full['flows'][0])} of a flow taken, "
          f"{len(wrong)} mistakes marked")


main()
