# SPDX-License-Identifier: Apache-2.0
"""Records that the service will never take are found, kept in the dead-letter
file with its reason, and all others are delivered once; a request that it
takes from nobody keeps everything waiting and nothing is thrown away."""

import json

from harness import (
    Account,
    Agent,
    LogWriter,
    Sandbox,
    check,
    flow,
    path,
    read,
    scenario,
    wait_until,
)

CASES = "cbor json firehose each lone nobody named too-large"
REFUSALS = {
    "cbor": {"fault": "poison"},
    "json": {"fault": "poison", "code": "SerializationException"},
    "firehose": {"fault": "poison", "code": "InvalidArgumentException"},
    "each": {"fault": "poison-records"},
    "lone": {"fault": "poison"},
    "too-large": {"fault": "poison", "code": "RequestEntityTooLargeException"},
}


def letters():
    try:
        text = read(path("state", "dead-letter", "one.jsonl"))
    except FileNotFoundError:
        return []
    return [json.loads(at) for at in text.split(b"\n")[:-1]]


def agent_for(sandbox, case):
    keys = dict(name="one")
    if case == "firehose":
        keys["firehose"] = True
    if case == "json":
        keys["wireFormat"] = "json"
    return Agent(sandbox, [flow("app.log", "one", **keys)])


def refused_by_all(sandbox, log, agent, account, case):
    """Nothing was ever accepted, so it may be the request."""
    rule = {"count": -1, "message": "no"}
    if case == "named":
        rule["message"] = "Value 'one' at 'streamName' failed to satisfy"
    sandbox.fault("error", **rule)
    log.write(300)
    agent.start()
    wait_until(
        lambda: sandbox.stats()["faults"].get("error", 0) > 25, "requests"
    )
    check(letters() == [], "records are given up")
    said = agent.wait_log("ValidationException")
    check(case != "named" or "correct the stream's name" in said, said)
    sandbox.no_faults()
    account.wait_delivered()
    agent.stop()
    account.settle()
    check(letters() == [], "records were given up")


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent, account = agent_for(sandbox, case), Account(sandbox, log)
    if case in ("nobody", "named"):
        refused_by_all(sandbox, log, agent, account, case)
        return
    refusal = dict(REFUSALS[case])
    sandbox.fault(refusal.pop("fault"), count=-1, text="POISON", **refusal)
    bad = []
    if case == "lone":
        log.put(b"POISON alone\n")
        bad.append(b"POISON alone\n")
        agent.start()
        agent.wait_log("400 ValidationException")
        check(letters() == [], "given up though nothing was accepted")
    for number in range(1200):
        if number % 170 == 7:
            bad.append(b"POISON %d\n" % number)
            log.put(bad[-1])
        log.write(1)
    if case != "lone":
        agent.start()
    account.wait_delivered()
    wait_until(lambda: len(letters()) == len(bad), "the letters")
    agent.stop()
    account.settle()
    # In the order in which their batches came home.
    there = sorted(letters(), key=lambda at: at["offset"])
    check([at["data"].encode() for at in there] == bad, "other letters")
    reason = REFUSALS[case].get("code", "ValidationException")
    if case == "each":
        reason = "InvalidArgumentException: The record is refused."
    for letter in there:
        check(reason in letter["reason"], f"for {letter['reason']}")
        with open(log.file, "rb") as file:
            file.seek(letter["offset"])
            stood = file.read(letter["length"])
        check(stood == letter["data"].encode(), "stood elsewhere")
    requests = sandbox.stats()["requests"]
    check(requests < 40 + 30 * len(bad), f"{requests} requests")
    check(agent.log_lines(rf"dead letters {len(bad)} \("), "not counted")
    agent.start()
    agent.wait_ready()
    agent.stop()
    account.settle()
    check(len(letters()) == len(there), "a restart keeps them again")
