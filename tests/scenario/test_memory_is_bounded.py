# SPDX-License-Identifier: Apache-2.0
"""Memory of its own: under 5 MB idle after the first delivery, and never more
than the budget and 8 MB, with a full budget that nobody takes off its hands
and after that."""

from harness import SLOW, Account, Agent, LogWriter, Sandbox, Skip, check
from harness import flow, scenario, stays_true, wait_until

BUDGET = 16 << 20


@scenario
def play():
    if SLOW > 1:
        raise Skip("a sanitizer's shadow counts as the agent's own")
    sandbox = Sandbox()
    log = LogWriter("app.log", filler=(200, 2000))
    log.write(10)
    agent = Agent(
        sandbox,
        [flow("app.log", "one"), flow("other.log", "two")],
        {"memoryBudgetBytes": BUDGET},
    ).start()
    account = Account(sandbox, log)
    account.wait_delivered()

    def taken():
        return agent.process.status("RssAnon")

    wait_until(lambda: taken() < 5000, lambda: f"idle: {taken()} kB")
    sandbox.fault("500", count=-1)
    log.write(30000)
    bound = (BUDGET + (8 << 20)) >> 10
    stays_true(lambda: taken() <= bound, 2, f"busy within {bound} kB")
    print(f"full: {taken()} kB of {bound}")
    check(taken() > BUDGET >> 12, "its budget is not in use")
    sandbox.no_faults()
    account.wait_delivered()
    check(taken() <= bound, f"delivering: {taken()} kB")
    wait_until(lambda: taken() < 8000, lambda: f"idle again: {taken()} kB", 20)
    print(f"idle again: {taken()} kB")
    agent.stop()
    account.settle()
