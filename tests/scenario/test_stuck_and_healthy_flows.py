# SPDX-License-Identifier: Apache-2.0
"""A flow whose destination is stuck holds no other flow up, whichever of the
two it is, and catches up when its destination comes back."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario
from harness import scaled


@scenario
def play():
    sandbox = Sandbox()
    logs = {name: LogWriter(f"{name}.log") for name in ("one", "two")}
    accounts = {
        name: Account(sandbox, log, stream=name) for name, log in logs.items()
    }
    # A budget that the stuck flow could fill alone, many times over.
    agent = Agent(
        sandbox,
        [flow("one.log", "one"), flow("two.log", "two")],
        {"memoryBudgetBytes": 16 << 20},
    ).start()
    for stuck, healthy in (("one", "two"), ("two", "one"), ("one", "two")):
        sandbox.no_faults()
        sandbox.fault("500", count=-1, stream=stuck)
        before = len(accounts[stuck].arrived())
        for _ in range(20):
            logs[stuck].write(scaled(10000))
            logs[healthy].write(scaled(1000))
        accounts[healthy].wait_delivered()
        after = len(accounts[stuck].arrived())
        # What was on its way when the fault began may still have come.
        check(after - before <= scaled(200000) - 1, "the stuck one is not")
        sandbox.no_faults()
        accounts[stuck].wait_delivered(40)
    agent.stop()
    for account in accounts.values():
        account.settle()
