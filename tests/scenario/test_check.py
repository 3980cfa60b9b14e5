# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent check` finds what would hurt before it does, each with its cure,
touches nothing, and tells scripts by its exit code or in JSON."""

import json
import os

from harness import Agent, LogWriter, Process, Sandbox, check, flow
from harness import path, scenario, yaml


def ask(agent, settings=None, flows=None, wrap=(), options=()):
    config = {**agent.config, **(settings or {})}
    if flows is not None:
        config["flows"] = flows
    file = path("own", "check.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(yaml(config))
    process = Process("check", [agent.binary, "check", "--offline", "-c", file,
                                *options], wrap=wrap)  # fmt: skip
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
    expect(ask(agent), 0, "understood", "1 now, all readable", "may be open",
           "may be written", "does not run", "0 errors, 0 that hurt")  # fmt: skip
    expect(ask(agent, flows=[flow("*.lgo", "one")]), 0, "no file now")
    expect(ask(agent, {"memoryBudgetByte": 5}), 1, "memoryBudgetBytes")
    # For whoever may read and write everything there is nothing to find.
    user = []
    if os.geteuid() == 0:
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    os.chmod(log.file, 0)
    expect(ask(agent, wrap=user), 7, f"{log.file}: Permission denied",
           "setfacl", "1 of 1 cannot be read")  # fmt: skip
    os.chmod(log.file, 0o644)
    os.mkdir(path("shut"), 0)
    expect(ask(agent, flows=[flow("**/*.log", "one")], wrap=user), 7,
           f"{path('shut')}: Permission denied", "1 paths")  # fmt: skip
    # Names may be seen, and what they name not be reached.
    os.chmod(path("shut"), 0o644)
    expect(ask(agent, flows=[flow("shut/*.log", "one")], wrap=user), 7,
           f"{path('shut')}: Permission denied")  # fmt: skip
    os.rmdir(path("shut"))
    expect(ask(agent, {"stateDirectory": "/proc/state"}, wrap=user), 1,
           "stateDirectory /proc/state", "name another")  # fmt: skip
    for number in range(40):
        LogWriter(f"many/{number}.log")
    expect(ask(agent, wrap=[*user, "prlimit", "--nofile=70"],
               flows=[flow("many/*.log", "one")]), 7,
           "70 may be open, and there are 40 files", "LimitNOFILE=")  # fmt: skip
    expect(ask(agent, wrap=["prlimit", "--nofile=60"]), 1, "64 are needed")
    code, answer = ask(agent, {"stateDirectory": "/proc/state"}, wrap=user,
                       options=["--json"])  # fmt: skip
    told = json.loads(answer)
    check(code == 1 and told["errors"] == 1, answer)
    check([(one["about"], one["cure"]) for one in told["findings"]
           if one["level"] == "error"]
          == [("state", "chown it to the agent's user, or name another")],
          answer)  # fmt: skip
    code, answer = ask(agent, {"kinesis.regoin": "x"}, options=["--json"])
    check(code == 1 and '"configuration"' in answer, answer)
    check(not sandbox.records(), "something was sent")
    check(sandbox.stats()["requests"] == 0, "--offline went out")
    check(os.listdir(agent.state) == [], "it made something")
