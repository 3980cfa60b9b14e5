# SPDX-License-Identifier: Apache-2.0
"""A stream whose KMS key is not there, not allowed, not in use or throttled:
the agent waits, says so once for each in AWS's words, and goes on by itself
when the key does. Nothing is lost, nothing repeated."""

import re

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

CODES = (
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "KMSOptInRequired",
    "KMSThrottlingException",
)


@scenario
def play():
    sandbox = Sandbox(streams={code: 1 for code in CODES})
    words = {code: f"the words of AWS for {code} here" for code in CODES}
    for code in CODES:
        sandbox.fault(
            "error", stream=code, code=code, message=words[code], count=-1
        )
    logs = {code: LogWriter(f"{code}.log") for code in CODES}
    agent = Agent(sandbox, [flow(f"{code}.log", code) for code in CODES])
    for log in logs.values():
        log.write(100)
    agent.start()
    for code in CODES:
        said = agent.wait_log(rf"warn +flow .* 400 {code}: .*{words[code]}")
        check(re.search("batches wait", said), f"what will it do? {said}")

    # One line, however often it fails.
    tried = sandbox.stats()["requests"]
    wait_until(
        lambda: sandbox.stats()["requests"] >= tried + 5 * len(CODES),
        "them to be tried again",
    )
    for code in CODES:
        said = agent.log_lines(words[code])
        check(len(said) == 1, f"says it {len(said)} times: {said}")
    check(not sandbox.records(), "the sandbox took something")

    sandbox.no_faults()
    for code, log in logs.items():
        log.write(100)
        Account(sandbox, log, stream=code).wait_delivered()
        agent.wait_log(f"{code}.*takes everything again")
    agent.stop()
    for code, log in logs.items():
        Account(sandbox, log, stream=code).settle()
