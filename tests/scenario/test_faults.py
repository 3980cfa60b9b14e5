# SPDX-License-Identifier: Apache-2.0
"""Every way in which an endpoint can fail: nothing is lost; nothing is
repeated where the answer came, and exactly the affected request's records
where it was lost after they had been stored."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "fail-records throttle-records throttle 500 503-html 500-xml slow trickle no-answer lost-answer half-answer garbage empty close wrong-count expired denied not-found skew"

# What to play, and whether the records were stored without our knowing.
RULES = {
    "fail-records": (dict(count=5, share=0.5), False),
    "throttle-records": (dict(count=5, share=0.9), False),
    "throttle": (dict(count=3), False),
    "500": (dict(count=3), False),
    "503-html": (dict(count=3), False),
    "500-xml": (dict(count=3), False),
    "slow": (dict(count=3, ms=300), False),
    "trickle": (dict(count=2, ms=1), False),
    "no-answer": (dict(count=2), False),
    "lost-answer": (dict(count=1), True),
    "half-answer": (dict(count=1), True),
    "garbage": (dict(count=1), True),
    "empty": (dict(count=1), True),
    "close": (dict(count=3), False),
    "wrong-count": (dict(count=1), True),
    "expired": (dict(count=2), False),
    "denied": (dict(count=2), False),
    "not-found": (dict(count=2), False),
    "skew": (dict(count=1, ms=600000), False),
}


@scenario
def play(case):
    rule, stored = RULES[case]
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(2000)
    sandbox.fault(case, after=2, **rule)
    agent = Agent(
        sandbox,
        [flow("app.log", "one", maxBufferSizeRecords=50)],
        {"socketTimeoutMillis": 1000},
    ).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    if not stored:
        account.settle()
        return

    first = {}
    for record in account.arrived():
        first.setdefault(record.data, record.request)
    again = account.repeated_lines()
    hit = {first[data] for data in again}
    whole = {data for data, request in first.items() if request in hit}
    check(len(hit) == 1, f"repeats {len(hit)} requests\n{account.report()}")
    check(again == whole, f"repeats a part of it\n{account.report()}")
    account.settle(repeated=len(whole))
