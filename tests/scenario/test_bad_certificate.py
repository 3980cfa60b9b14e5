# SPDX-License-Identifier: Apache-2.0
"""An endpoint whose certificate is for another name, has expired, or comes
from an unknown authority gets not one byte of a request; one clear line says
why; the other flow goes on, and nothing is lost."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import make_certificate, stays_true

CASES = "wrong-name expired unknown-authority"


@scenario
def play(case):
    bad = Sandbox(cert=None if case == "unknown-authority" else case)
    bad_ca = bad.ca_file
    log = LogWriter("bad.log")
    log.write(1000)
    if case == "unknown-authority":
        bad_ca, _, _ = make_certificate()
    # A flow to a healthy endpoint beside it: plain, so that one caFile does.
    good = Sandbox(tls=False)
    fine = LogWriter("good.log")
    fine.write(1000)
    agent = Agent(
        bad,
        [
            flow("bad.log", "one"),
            flow("good.log", "two", endpoint=good.url),
        ],
        {"caFile": bad_ca, "shutdownTimeoutMillis": 500},
    ).start()
    said = agent.wait_log("(warn|error) .*(certificate|SSL)")
    check("one" in said or str(bad.port) in said, f"names nothing: {said}")
    account = Account(good, fine)
    account.wait_delivered()
    stays_true(
        lambda: bad.stats()["requests"] == 0, 0.5, "nothing was sent to it"
    )
    agent.stop()
    check(bad.stats()["bytes"] == 0, f"something was sent: {bad.stats()}")
    account.settle()
    check(Account(bad, log).missing() == 1000, "records arrived")
