# SPDX-License-Identifier: Apache-2.0
"""With the endpoint gone, hanging or failing, and a backlog many times the
memory budget, memory stays under the budget and 8 MB, with one flow and with a
hundred; and delivery resumes by itself within the backoff cap."""

import os
import shutil

from harness import SLOW, Agent, LogWriter, Sandbox, Skip, check, flow
from harness import path, read, scenario, stays_true, wait_until

CASES = "one hundred"

BUDGET = 64 << 20
FILES = 100
FILE_MB = int(os.environ.get("SCENARIO_BACKLOG_MB") or 200) / FILES
CAP_MS = 3000


def make_backlog():
    """A hundred files of lines; what they hold matters little, but that they
    are so many and so large."""
    if shutil.disk_usage(path()).free < 2 * FILES * FILE_MB * 1e6:
        raise Skip(f"needs {2 * FILES * FILE_MB:.0f} MB of disk")
    log = LogWriter("model.log", filler=(100, 260))
    while os.path.getsize(log.file) < FILE_MB * 1e6:
        log.write(5000)
    lines = read(log.file)
    for number in range(FILES):
        os.mkdir(path(f"{number:02d}"))
        with open(path(f"{number:02d}", "app.log"), "wb") as out:
            out.write(b"%2000d\n" % number)
            out.write(lines)


@scenario
def play(case):
    if SLOW > 1:
        raise Skip("a sanitizer's shadow counts as the agent's own")
    make_backlog()
    keys = {
        "retryInitialBackoffMillis": 100,
        "retryMaxBackoffMillis": CAP_MS,
        "maxBufferAgeMillis": 1000,
    }
    sandbox = Sandbox(cert="own", start=False, store=False)
    if case == "one":
        flows = [flow("[0-9]*/app.log", "one", **keys)]
    else:
        flows = [
            flow(f"{number:02d}/app.log", f"stream-{number}", **keys)
            for number in range(FILES)
        ]
    agent = Agent(
        sandbox,
        flows,
        {"memoryBudgetBytes": BUDGET, "socketTimeoutMillis": 1000},
    ).start()
    agent.wait_ready()
    bound, most = (BUDGET + (8 << 20)) >> 10, 0

    def bounded():
        nonlocal most
        most = max(most, agent.process.status("RssAnon"))
        check(most <= bound, f"{most} kB of {bound}")
        return True

    def bounded_for(seconds, when):
        stays_true(bounded, seconds, when)
        print(f"{when}: {most} kB of {bound}")

    wait_until(
        lambda: bounded() and most > BUDGET >> 11, "the budget's use", 30
    )
    bounded_for(1.5, "nobody there")
    sandbox.start()
    sandbox.fault("no-answer", count=-1)
    bounded_for(1.5, "no answer")
    sandbox.no_faults()
    sandbox.fault("500", count=-1)
    bounded_for(1.5, "500")
    sandbox.no_faults()

    def all_resumed():
        said = agent.log_lines("the first .* are delivered to")
        return bounded() and len(said) == len(flows)

    wait_until(all_resumed, "delivery to resume", CAP_MS / 1000 + 2)
    bounded_for(1, "delivering")
