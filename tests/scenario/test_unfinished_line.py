# SPDX-License-Identifier: Apache-2.0
"""A last line without newline waits; it is delivered whole once it has its
end, in however many pieces it came; the other files go on meanwhile."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    log, fine = LogWriter("half.log"), LogWriter("fine.log")
    agent = Agent(sandbox, [flow("*.log", "one")]).start()
    log.write(10)
    line = log.make(1)[0]
    with open(log.file, "ab", buffering=0) as out:
        for at in range(len(line) - 1):
            out.write(line[at : at + 1])
            if at % 10 == 0:
                fine.write(5)
        account = Account(sandbox, log, fine)
        account.wait_delivered()
        fine.write(100)
        account.wait_delivered()
        check(not account.torn(), f"half a line came\n{account.report()}")
        out.write(line[-1:])
    log.lines.append(line)
    log.write(10)
    account.wait_delivered()
    agent.stop()
    account.settle()
