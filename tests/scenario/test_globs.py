# SPDX-License-Identifier: Apache-2.0
"""What patterns with wildcards in any part of the path name is followed, what
they do not name or what is excluded is not: files that are there, and files
and directories that come later."""

import os

from harness import Account, Agent, LogWriter, Sandbox, check, flow, path
from harness import scenario

CASES = "parts double_star several braces excludes hidden everything"

# Pattern or patterns, excludes, names that match, names that do not.
GLOBS = {
    "parts": (
        "top/*/lo?s/[a-c]*.log",
        None,
        "top/one/logs/a.log top/two/loss/cc.log",
        "top/a.log top/one/a.log top/one/logs/d.log top/one/logs/x/a.log",
    ),
    "double_star": (
        "top/**/app/*.log",
        None,
        "top/app/a.log top/x/app/b.log top/x/y/z/app/c.log "
        "top/x/app/app/d.log",
        "top/a.log top/x/a.log top/x/app/y/a.log top/app/a.txt",
    ),
    "several": (
        ["one/*.log", "two/*/x.log", "one/a*"],
        None,
        "one/a.log one/a.txt two/here/x.log",
        "one/b.txt two/x.log three/a.log",
    ),
    "braces": (
        "top/{one,two/deep}/{a,b}*.log",
        None,
        "top/one/a.log top/two/deep/b1.log",
        "top/two/a.log top/one/c.log",
    ),
    "excludes": (
        "top/**/*.log",
        ["{dir}/top/private", "{dir}/top/x/**", "*.tmp.log", "old"],
        "top/a.log top/y/b.log top/y/private/c.log",
        "top/private/a.log top/private/b/a.log top/x/a.log top/x/y/z/a.log "
        "top/y/a.tmp.log top/y/old/a.log",
    ),
    "hidden": (
        ["top/**/*.log", "top/.seen/*.log"],
        None,
        "top/a.log top/.seen/b.log",
        "top/.a.log top/.x/a.log top/y/.a.log top/y/.z/w/a.log",
    ),
    "everything": (
        "top/**",
        None,
        "top/a top/b.log top/x/y/z",
        "top/a.gz top/x/.hidden",
    ),
}


def write_all(names, count, life=""):
    logs = [LogWriter(name, name=name.replace("/", "_") + life)
            for name in names]  # fmt: skip
    for log in logs:
        log.write(count)
    return logs


@scenario
def play(case):
    patterns, excludes, matching, others = GLOBS[case]
    keys = {}
    if excludes:
        keys["excludePattern"] = [at.format(dir=path()) for at in excludes]
    sandbox = Sandbox()
    # One half is there at the start, the other comes later, elsewhere.
    there = write_all(matching.split(), 20)
    write_all(others.split(), 20)
    agent = Agent(sandbox, [flow(patterns, "one", **keys)]).start()
    Account(sandbox, *there).wait_delivered()
    for directory in ("top", "one", "two"):
        if os.path.isdir(path(directory)):
            os.rename(path(directory), path(directory + ".gone"))
    later = write_all(matching.split(), 20, "-later")
    write_all(others.split(), 20, "-later")
    account = Account(sandbox, *there, *later)
    account.wait_delivered()
    for log in later:
        log.write(20)
    account.wait_delivered()
    agent.stop()
    account.settle()
    followed = {line.rsplit(": following ", 1)[-1] for line in
                agent.log_lines(": following ")}  # fmt: skip
    check(
        followed == {path(name) for name in matching.split()},
        f"followed {sorted(followed)}",
    )
