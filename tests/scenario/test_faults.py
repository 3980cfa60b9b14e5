# SPDX-License-Identifier: Apache-2.0
"""Every way in which an endpoint can fail: nothing is lost; nothing is
repeated where the answer came, and exactly the affected request's records
where it was lost after they had been stored. An answer that is cut or short
behind "nothing failed" may be believed or not, but not in part."""

from harness import (
    SLOW,
    Account,
    Agent,
    LogWriter,
    Sandbox,
    check,
    flow,
    scenario,
)

CASES = "fail-records throttle-records throttle 500 503-html 500-xml slow trickle no-answer lost-answer half-answer garbage empty close wrong-count expired denied not-found skew"

# What to play, and what may be repeated.
NOTHING, THE_REQUEST, ALL_OR_NOTHING = range(3)
RULES = {
    "fail-records": (dict(count=5, share=0.5), NOTHING),
    "throttle-records": (dict(count=5, share=0.9), NOTHING),
    "throttle": (dict(count=3), NOTHING),
    "500": (dict(count=3), NOTHING),
    "503-html": (dict(count=3), NOTHING),
    "500-xml": (dict(count=3), NOTHING),
    "slow": (dict(count=3, ms=300), NOTHING),
    "trickle": (dict(count=2, ms=1), NOTHING),
    "no-answer": (dict(count=2), NOTHING),
    "lost-answer": (dict(count=1), THE_REQUEST),
    "half-answer": (dict(count=1), ALL_OR_NOTHING),
    "garbage": (dict(count=1), THE_REQUEST),
    "empty": (dict(count=1), THE_REQUEST),
    "close": (dict(count=3), NOTHING),
    "wrong-count": (dict(count=1), ALL_OR_NOTHING),
    "expired": (dict(count=2), NOTHING),
    "denied": (dict(count=2), NOTHING),
    "not-found": (dict(count=2), NOTHING),
    "skew": (dict(count=1, ms=600000), NOTHING),
}

# Only these wait for the agent's patience to end; in the others a machine
# that is slow at the moment is not to look like a lost answer.
PATIENCE = {"no-answer": int(2000 * SLOW), "trickle": int(2000 * SLOW)}


@scenario
def play(case):
    rule, repeats = RULES[case]
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(1000)
    sandbox.fault(case, after=2, **rule)
    agent = Agent(
        sandbox,
        [flow("app.log", "one", maxBufferSizeRecords=20)],
        {"socketTimeoutMillis": PATIENCE.get(case, 30000)},
    ).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    played = sandbox.stats()["faults"]
    check(played.get(case, 0) >= rule["count"], f"was not played: {played}")
    if repeats == NOTHING or (
        repeats == ALL_OR_NOTHING and account.repeats() == 0
    ):
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
