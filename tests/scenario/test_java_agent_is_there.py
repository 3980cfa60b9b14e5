# SPDX-License-Identifier: Apache-2.0
"""In the Java agent's place: while it runs we refuse to start, since both would
send the same lines; and its configuration is ours where there is none of our own.
Played among processes and mounts of its own: everybody else's tests would refuse
to start, too."""

import json
import os
import subprocess

from harness import Account, Agent, LogWriter, Process, Sandbox, Skip, binary
from harness import check, flow, path, scenario

CASES = "running stale-note reused-note configuration arguments"

MAIN = "com.amazon.kinesis.streaming.agent.Agent"
REFUSAL = r"the Java agent .* runs as process \d+, and both would send"


def apart(prelude):
    """A wrapper that plays `prelude` (shell) first, in namespaces in which
    /run and /etc are its own to change."""
    script = (
        "set -e; mount -t tmpfs none /run; mkdir -p /etc/kinesis-agent; "
        f'mount -t tmpfs none /etc/kinesis-agent; {prelude} exec "$@"'
    )
    user = [] if os.geteuid() == 0 else ["-Ur"]
    spaces = ["unshare", *user, "-m", "-p", "--fork", "--mount-proc",
              "--kill-child"]  # fmt: skip
    probe = subprocess.run(
        [*spaces, "mount", "-t", "tmpfs", "none", "/run"],
        capture_output=True, check=False)  # fmt: skip
    if probe.returncode != 0:
        raise Skip("no namespaces of our own here")
    return [*spaces, "sh", "-c", script, "-"]


def refused(prelude):
    agent = Agent(Sandbox(), [flow("app.log", "one")], wrap=apart(prelude))
    agent.start()
    check(agent.wait_exit() == 1, agent.process.ending())
    check(agent.log_lines(REFUSAL), agent.process.ending())
    check(agent.log_lines("babysit starts it anew"), agent.process.ending())
    check(not os.path.exists(agent.state), "touched its state all the same")
    found = Process(
        "check",
        [agent.binary, "check", "--offline", "-c", path("own", "agent.yaml")],
        wrap=agent.wrap)  # fmt: skip
    check(found.wait_exit() == 1, found.ending())
    with open(found.out_path, encoding="utf-8") as out:
        check("the Java agent runs as process" in out.read(),
              found.ending())  # fmt: skip


def not_deterred(prelude):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(10)
    agent = Agent(sandbox, [flow("app.log", "one")], wrap=apart(prelude))
    account = Account(sandbox, log)
    agent.start()
    account.wait_delivered()


def configuration(place, environment):
    """Without -c it has to find it: at `place`, in /etc."""
    sandbox = Sandbox(tls=False)
    log = LogWriter("app.log")
    log.write(10)
    agent = Agent(
        sandbox, [flow("app.log", "one")], {"cloudwatch.emitMetrics": False}
    )
    with open(path("own", "agent.json"), "w", encoding="utf-8") as out:
        out.write(json.dumps(agent.config))
    wrap = apart(
        # Ours is there, as a package brings it: nothing but comments.
        "mount -t tmpfs none /etc; "
        "mkdir /etc/kinesis-agent /etc/aws-kinesis /etc/elsewhere; "
        "printf '# to be filled in\\n\\n#flows:\\n' "
        ">/etc/kinesis-agent/agent.yaml; "
        f"cp '{path('own', 'agent.json')}' {place};"
    )
    account = Account(sandbox, log)
    agent.process = Process(
        "agent", [binary("KINESIS_AGENT")], env=environment, wrap=wrap
    )
    account.wait_delivered()
    agent.wait_log("following")


@scenario
def play(case):
    if case == "running":
        refused(f"sh -c 'sleep 1000; :' java {MAIN} & ")
    elif case == "stale-note":
        # Nobody has that number: here only a handful of processes are.
        not_deterred("echo 31000 > /run/aws-kinesis-agent.pid;")
    elif case == "reused-note":
        not_deterred("sleep 1000 & echo $! > /run/aws-kinesis-agent.pid;")
    elif case == "configuration":
        configuration("/etc/aws-kinesis/agent.json", {})
    else:
        named = "/etc/elsewhere/my.json"
        configuration(named, {"AGENT_ARGS": f" --x -c '{named}'"})
