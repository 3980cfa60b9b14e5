# SPDX-License-Identifier: Apache-2.0
"""Directories that a pattern leads to come, go, are renamed and are replaced
while the agent runs: every line of every file that was ever in one of them
arrives once, also what is written to a file after its directory moved."""

import os
import shutil

from harness import Account, Agent, LogWriter, Sandbox, flow, path, scenario

CASES = "come go renamed replaced exchanged above root_above root_again deep"


def start(pattern):
    sandbox = Sandbox()
    # Nothing may rest on the listing that is done now and then.
    quick = flow(pattern, "one", maxTimeBetweenFileTrackerRefreshMillis=600000)
    return sandbox, Agent(sandbox, [quick]).start()


def written(file, count=50, name=None):
    log = LogWriter(file, name=name)
    log.write(count)
    return log


@scenario
def play(case):
    first = written("top/a/logs/x.log")
    pattern = "top/*/logs/*.log" if case != "deep" else "top/**/*.log"
    if case.startswith("root"):
        pattern = "top/a/logs/*.log"
    sandbox, agent = start(pattern)
    logs = [first]
    account = Account(sandbox, first)
    account.wait_delivered()

    def go_on(log=None):
        nonlocal account
        if log:
            logs.append(log)
        first.write(50)
        account = Account(sandbox, *logs)
        account.wait_delivered(5)

    if case == "come":
        for n in range(10):
            go_on(written(f"top/b{n}/logs/x.log"))
    elif case == "go":
        go_on(written("top/b/logs/x.log"))
        shutil.rmtree(path("top/b"))
        go_on(written("top/b/logs/x.log", name="again"))
    elif case == "renamed":
        os.rename(path("top/a"), path("top/b"))
        go_on()
        go_on(written("top/b/logs/y.log"))
        os.rename(path("top/b/logs"), path("top/b/gone"))
        first.write(50)
        account.wait_delivered()
        go_on(written("top/b/logs/z.log"))
    elif case == "replaced":
        for n in range(5):
            os.rename(path("top/a"), path(f"away{n}"))
            go_on(written("top/a/logs/x.log", name=f"successor{n}"))
    elif case == "exchanged":
        other = written("other/logs/x.log")
        os.rename(path("top/a"), path("between"))
        os.rename(path("other"), path("top/a"))
        os.rename(path("between"), path("other"))
        go_on(other)
        other.write(50)
        go_on()
    elif case in ("above", "root_above"):
        os.rename(path("top"), path("top.old"))
        go_on(written("top/a/logs/x.log", name="successor"))
    elif case == "root_again":
        for n in range(5):
            shutil.rmtree(path("top/a"))
            first = written("top/a/logs/x.log", name=f"again{n}")
            go_on(first)
    elif case == "deep":
        for n in range(20):
            deep = "/".join("abc"[k % 3] for k in range(n))
            go_on(written(f"top/d{n}/{deep}/x.log"))
        os.rename(path("top/d19"), path("top/a/e"))
        logs[-1].write(50)
        go_on()
        shutil.rmtree(path("top/a/e"))
        go_on(written("top/a/e/f/g/x.log"))
    agent.stop()
    account.settle()
