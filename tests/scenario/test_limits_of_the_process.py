# SPDX-License-Identifier: Apache-2.0
"""What the system does not allow: too few descriptors are refused at the
start, with the number that would do; memory that the kernel refuses for a
while only makes reading wait, also when no batch is out that could come home;
and no limit lets a core dump with secrets out."""

import resource

from harness import SLOW, Account, Agent, LogWriter, Sandbox, Skip, check
from harness import flow, scenario

CASES = "descriptors memory core"


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    account = Account(sandbox, log)
    agent = Agent(sandbox, [flow("app.log", "one")])
    if case == "descriptors":
        agent.wrap = ["prlimit", "--nofile=20:20"]
        agent.start()
        check(agent.wait_exit() == 1, agent.process.ending())
        check(agent.log_lines("error .*20.*RLIMIT_NOFILE.*64"), "says why")
        agent.wrap = ["prlimit", "--nofile=64:64"]
    agent.start()
    if case == "memory":
        if SLOW > 1:
            raise Skip("a sanitizer needs memory at any moment")
        agent.wait_ready()
        pid = agent.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_AS, (1, -1))
        log.write(500)
        agent.wait_log("warn .*cannot map .*RLIMIT_AS")
        resource.prlimit(pid, resource.RLIMIT_AS, before)
        account.wait_delivered()
    elif case == "core":
        agent.wait_ready()
        core = resource.prlimit(agent.process.pid, resource.RLIMIT_CORE)
        # 1: what no file fits into, and what stops a pipe, too.
        check(core in ((1, 1), (0, 0)), f"RLIMIT_CORE is {core}")
        check(core == (1, 1) or resource.getrlimit(resource.RLIMIT_CORE)[1] == 0,
              "a pipe in core_pattern is not bound by a limit of 0")
    log.write(500)
    account.wait_delivered()
    agent.stop()
    account.settle()
