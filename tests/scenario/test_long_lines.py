# SPDX-License-Identifier: Apache-2.0
"""Lines longer than a record are cut or sent in pieces, as configured: the
records hold what they should, the neighbours are whole, all of it is counted,
and the log names the file and the length, once a minute."""

from harness import Agent, LogWriter, Sandbox, check, flow, scenario
from harness import wait_until

CASES = "truncate split"
LINES = 5
LONG = 2500000


@scenario
def play(case):
    sandbox = Sandbox()
    log = LogWriter("app.log")
    agent = Agent(sandbox, [flow("*.log", "one", oversizeRecords=case)])
    agent.start()
    for number in range(LINES):
        log.put(b"before %d\n" % number)
        log.put(b"%d" % number * LONG + b"\n")
    log.put(b"the end\n")

    def data():
        return [at.data for at in sandbox.records()]

    wait_until(lambda: b"the end\n" in data(), "the last line", 30)
    agent.stop()
    got = data()
    most = max(len(at) for at in got)
    pieces = -(-(LONG + 1) // most)
    for number in range(LINES):
        mine = [at for at in got if at.startswith(b"%d" % number * 2)]
        check(b"before %d\n" % number in got, "a neighbour is missing")
        if case == "truncate":
            check(len(mine) == 1, f"came as {len(mine)} records")
            want = b"%d" % number * (most - 1) + b"\n"
            check(mine[0] == want, f"ends in {mine[0][-20:]!r}")
            continue
        check(len(mine) == pieces, f"came as {len(mine)} records")
        text = b"%d" % number * LONG + b"\n"
        check(sorted(mine, key=len, reverse=True)[0] == text[:most], "torn")
        check(sum(len(at) for at in mine) == LONG + 1, "not all of it came")
    said = agent.log_lines(r"warn  flow .*app\.log: the line at 9 has \d+ bytes")
    check(len(said) == 1, f"said {len(said)} times")
    check(not agent.log_lines(r"the line at (?!9 )"), "said of each line")
    cut, split = (LINES, 0) if case == "truncate" else (0, LINES * (pieces - 1))
    check(
        agent.log_lines(rf"truncated {cut}, split {split},"),
        "the report does not count them",
    )
