# SPDX-License-Identifier: Apache-2.0
"""A stream whose KMS key is not there, not allowed, not in use or throttled:
the agent waits, says so once for each in AWS's words, and goes on by itself
when the key does. Nothing is lost, nothing repeated."""

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
    sandbox = Sandbox(tls=False, streams={code: 1 for code in CODES})
    words = {code: f"the words of AWS for {code} here" for code in CODES}
    logs = {code: LogWriter(f"{code}.log") for code in CODES}
    account = Account(sandbox, *logs.values())
    for log in logs.values():
        log.write(100)
    agent = Agent(sandbox, [flow(f"{code}.log", code) for code in CODES])
    agent.start()
    account.wait_delivered()

    for code in CODES:
        sandbox.fault(
            "error", stream=code, code=code, message=words[code], count=-1
        )
    # One record where others went through: whoever took it for the guilty
    # one would give it up at once.
    for log in logs.values():
        log.write()
    for code in CODES:
        said = agent.wait_log(rf"warn +flow .* 400 {code}: .*{words[code]}")
        check("its batches wait" in said, f"what will it do? {said}")

    # One line, however often it fails.
    tried = sandbox.stats()["requests"]
    wait_until(
        lambda: sandbox.stats()["requests"] >= tried + 3 * len(CODES),
        "them to be tried again",
    )
    for code in CODES:
        said = agent.log_lines(words[code])
        check(len(said) == 1, f"says it {len(said)} times: {said}")

    sandbox.no_faults()
    for log in logs.values():
        log.write(5)
    account.wait_delivered()
    for code in CODES:
        agent.wait_log(f"{code}.*takes everything again")
    agent.stop()
    account.settle()
