# SPDX-License-Identifier: Apache-2.0
"""A line of 100 MB without a newline: memory stays bounded, the other files
go on, the line comes as what the limit allows of it, and the next line of the
same file is whole."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import SLOW, scaled, wait_until

BUDGET = 24 << 20
SIZE = 100 << 20


@scenario
def play():
    sandbox = Sandbox()
    big, fine = LogWriter("big.log"), LogWriter("fine.log")
    with open(big.file, "ab") as out:
        for _ in range(SIZE >> 20):
            out.write(b"x" * (1 << 20))
    fine.write(1000)
    agent = Agent(
        sandbox, [flow("*.log", "one")], {"memoryBudgetBytes": BUDGET}
    ).start()
    account = Account(sandbox, fine)
    account.wait_delivered()
    with open(big.file, "ab") as out:
        out.write(b"the end\n")
    big.write(10)
    for _ in range(10):
        fine.write(scaled(1000))
    peak = 0

    def all_there():
        nonlocal peak
        peak = max(peak, agent.process.status("RssAnon"))
        return not Account(sandbox, fine, big).missing()

    wait_until(all_there, lambda: Account(sandbox, fine, big).report(), 30)
    agent.stop()
    account = Account(sandbox, fine, big)
    check(not account.lost() and not account.repeats(), account.report())
    torn = account.torn()
    check(len(torn) == 1, f"the long line came as {len(torn)} records")
    data = torn[0].data
    check(data[:1000] == b"x" * 1000, f"its record begins {data[:20]!r}")
    check(data.endswith(b"\n"), f"its record ends {data[-20:]!r}")
    check(
        1000000 < len(data) <= 1 << 20, f"its record has {len(data)} bytes"
    )
    print(f"peak {peak} kB")
    bound = (BUDGET + (8 << 20)) >> 10
    if SLOW == 1:  # a sanitizer's shadow counts as the agent's own
        check(peak <= bound, f"took {peak} kB, allowed {bound}")

