# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent check` finds what would hurt before it does, each with its cure,
touches nothing, and tells scripts by its exit code."""

import os

from harness import Agent, LogWriter, Process, Sandbox, check, flow
from harness import path, scenario, yaml


def ask(agent, settings=None, flows=None, wrap=()):
    config = {**agent.config, **(settings or {})}
    if flows is not None:
        config["flows"] = flows
    file = path("own", "check.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(yaml(config))
    process = Process("check", [agent.binary, "check", "-c", file], wrap=wrap)
    code = process.wait_exit()
    with open(process.out_path, encoding="utf-8") as out:
        return code, out.read() + process.log_text()


def expect(answer, code, *texts):
    check(answer[0] == code, answer)
    for text in texts:
        check(text in answer[1], f"{text!r} is not in {answer[1]}")


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(1)
    agent = Agent(sandbox, [flow("*.log", "one")]).unprivileged()
    os.makedirs(agent.state, exist_ok=True)
    expect(ask(agent), 0, "understood", "1 files now, all readable",
           "may be written", "does not run", "0 errors")  # fmt: skip
    expect(ask(agent, flows=[flow("*.lgo", "one")]), 0, "no file now")
    expect(ask(agent, {"memoryBudgetByte": 5}), 1, "memoryBudgetBytes")
    # For whoever may read and write everything there is nothing to find.
    user = []
    if os.geteuid() == 0:
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    os.chmod(log.file, 0)
    expect(ask(agent, wrap=user), 1, f"{log.file}: Permission denied",
           "1 of 1 files cannot be read", "1 error")  # fmt: skip
    os.chmod(log.file, 0o644)
    os.mkdir(path("shut"), 0)
    expect(ask(agent, flows=[flow("**/*.log", "one")], wrap=user), 1,
           f"{path('shut')}: Permission denied", "1 directories")  # fmt: skip
    os.rmdir(path("shut"))
    expect(ask(agent, {"stateDirectory": "/proc/state"}, wrap=user), 1,
           "stateDirectory /proc/state", "name another")  # fmt: skip
    check(not sandbox.records(), "something was sent")
    check(os.listdir(agent.state) == [], "it made something")
