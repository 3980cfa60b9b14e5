# SPDX-License-Identifier: Apache-2.0
"""archives: what the scenarios about rotations behind the agent's back share:
compressing as logrotate does, and the four ways in which they are played."""

import os

from harness import Account, Agent, LogWriter, Sandbox, check, flow, run

# Each scenario is played for both compressors where one is used, after both
# kinds of ending, and with a pattern that matches rotated names or does not.
PATTERNS = {"exact": "log/app.log", "glob": "log/app.log*"}
ENDINGS = {"gzip": ".gz", "zstd": ".zst"}


def compress(file, how="gzip"):
    """Replace `file` by its archive; the archive's path."""
    if how == "gzip":
        run("gzip", file)
    else:
        run("zstd", "-q", "--rm", file)
    return file + ENDINGS[how]


def check_order(account):
    """The lines of all files of one log came in the order of writing."""
    places = account.places()
    came = [places[at.data][1] for at in sorted(
        account.arrived(), key=lambda at: (at.request, at.index))]  # fmt: skip
    wrong = [(a, b) for a, b in zip(came, came[1:]) if b < a]
    check(not wrong, f"out of order: {wrong[:5]}\n{account.report()}")


def lost_bytes(agent):
    """What its reports in the log add up to."""
    total = 0
    for line in agent.log_lines(r"lost (at least )?\d+ bytes of \["):
        words = line.split()
        at = words.index("lost") + 1
        total += int(words[at + 2 if words[at] == "at" else at])
    return total


class Absence:
    """An agent that has delivered `before` lines, and is down now."""

    def __init__(self, pattern, ending, before=1000):
        self.sandbox = Sandbox()
        self.log = LogWriter("log/app.log")
        self.log.write(before)
        self.flow = flow(PATTERNS[pattern], "one", maxInFlight=1)
        self.agent = Agent(self.sandbox, [self.flow]).start()
        self.account = Account(self.sandbox, self.log)
        self.account.wait_delivered()
        self.end(ending)

    def end(self, ending):
        if ending == "sigterm":
            self.agent.stop()
        else:
            self.agent.wait_settled()
            self.agent.kill9()

    def settle(self, lost=0, across=False):
        """Back again: everything comes once; then a restart brings nothing."""
        self.agent.start()
        self.account.wait_delivered()
        # What follows comes only after everything that is still to be read.
        self.log.write(10)
        self.account.wait_delivered()
        self.agent.wait_settled()
        found = lost_bytes(self.agent)
        self.agent.stop()
        self.account.settle(across=True)
        if across:
            check_order(self.account)
        check(found == lost, f"reported {found} bytes lost, not {lost}")
        self.agent.start()
        self.log.write(10)
        self.account.wait_delivered()
        self.agent.stop()
        self.account.settle()
        check(lost_bytes(self.agent) == 0, "something lost at the restart")
        return self


def rotate(log, how=None, keep=None):
    """Shift the numbered rotations of `log`, put the file in .1 and begin
    anew; with `how` the older ones are compressed (delaycompress)."""
    number = 1
    names = {}
    for entry in os.listdir(os.path.dirname(log.file)):
        base = os.path.basename(log.file) + "."
        if entry.startswith(base):
            first = entry[len(base) :].split(".")[0]
            if first.isdigit():
                names[int(first)] = entry[len(base) + len(first) :]
    for number in sorted(names, reverse=True):
        old = f"{log.file}.{number}{names[number]}"
        new = f"{log.file}.{number + 1}{names[number]}"
        if keep is not None and number + 1 > keep:
            os.unlink(old)
            continue
        os.rename(old, new)
        if how and not names[number]:
            compress(new, how)
    os.rename(log.file, log.file + ".1")
    log.reopen()
