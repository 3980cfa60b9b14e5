# SPDX-License-Identifier: Apache-2.0
"""A second agent on the same checkpoint refuses to start, with one clear line
that names it; the first goes on; when it is gone, the second may."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario

CASES = "sigterm kill9"


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(500)
    flows = [flow("app.log", "one")]
    first = Agent(sandbox, flows).start()
    account = Account(sandbox, log)
    account.wait_delivered()
    second = Agent(sandbox, flows, name="second").start()
    code = second.wait_exit()
    check(code == 1, f"a refusal is exit code 1: {second.process.ending()}")
    said = second.log_lines(second.state)
    check(said, f"names no file: {second.process.log_text()}")
    log.write(500)
    account.wait_delivered()
    first.wait_settled()
    if case == "sigterm":
        first.stop()
    else:
        first.kill9()
    log.write(500)
    second.start()
    account.wait_delivered()
    second.stop()
    account.settle()
