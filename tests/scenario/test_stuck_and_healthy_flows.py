# SPDX-License-Identifier: Apache-2.0
"""A flow whose destination is stuck holds no other flow up, whichever of the
two it is, and catches up when its destination comes back."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    logs = {
        name: LogWriter(f"{name}.log", filler=(1000, 3000))
        for name in ("one", "two")
    }
    accounts = {
        name: Account(sandbox, log, stream=name) for name, log in logs.items()
    }
    # A budget that the stuck flow could fill alone.
    agent = Agent(
        sandbox,
        [flow("one.log", "one"), flow("two.log", "two")],
        {"memoryBudgetBytes": 8 << 20},
    ).start()
    for stuck, healthy in (("one", "two"), ("two", "one"), ("one", "two")):
        sandbox.fault("500", count=-1, stream=stuck)
        before = len(accounts[stuck].arrived())
        logs[stuck].write(6000)
        for _ in range(10):
            logs[healthy].write(100)
            accounts[healthy].wait_delivered()
        after = len(accounts[stuck].arrived())
        check(after == before, "the stuck one is not stuck")
        sandbox.no_faults()
        for account in accounts.values():
            account.wait_delivered()
    agent.stop()
    for account in accounts.values():
        account.settle()
