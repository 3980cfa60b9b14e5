# SPDX-License-Identifier: Apache-2.0
"""Links: a file that is reached through symbolic links is followed as the file
it is, the link's and the target's changes are noticed, and a file under
several names is sent once to each flow."""

import os

from harness import Account, Agent, LogWriter, Sandbox, flow, path, scenario

CASES = "grows retargeted dangling chain rotated_behind both_sides hard moved_hard two_flows directory root_directory root_chain"


class Story:
    """Nothing may rest on the listing that is done now and then."""

    def __init__(self, pattern, *streams):
        self.sandbox = Sandbox()
        self.logs = []
        self.agent = Agent(
            self.sandbox,
            [
                flow(pattern, stream,
                     maxTimeBetweenFileTrackerRefreshMillis=600000)
                for stream in streams or ("one",)
            ],
        )  # fmt: skip

    def written(self, file, name=None):
        log = LogWriter(file, name=name)
        log.write(50)
        self.logs.append(log)
        return log

    def more(self, *logs, seconds=5):
        for log in logs:
            log.write(50)
        self.settled(seconds)

    def settled(self, seconds=5):
        for each in self.agent.config["flows"]:
            Account(
                self.sandbox, *self.logs, stream=each["kinesisStream"]
            ).wait_delivered(seconds)

    def end(self):
        self.agent.stop()
        for each in self.agent.config["flows"]:
            Account(
                self.sandbox, *self.logs, stream=each["kinesisStream"]
            ).settle()


def link(target, name):
    """Make the link `name`, in place of what is there, at once."""
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    os.symlink(target, path("new-link"))
    os.replace(path("new-link"), path(name))


def grows(story):
    log = story.written("far/x.log")
    link("../far/x.log", "in/x.log")
    story.agent.start()
    story.settled()
    for _ in range(5):
        story.more(log)
    late = story.written("elsewhere/deep/y.log")
    link(path("elsewhere/deep/y.log"), "in/y.log")
    story.settled()
    story.more(log, late)


def retargeted(story):
    logs = [story.written(f"far/{n}.log") for n in range(5)]
    link("../far/0.log", "in/x.log")
    # The others' lines count from when the link leads there.
    story.logs[:] = logs[:1]
    story.agent.start()
    story.settled()
    for n in range(1, 5):
        link(f"../far/{n}.log", "in/x.log")
        story.logs.append(logs[n])
        story.settled()
        story.more(logs[n])


def dangling(story):
    link("../far/deep/x.log", "in/x.log")
    link("../far/deep/y.log", "in/y.log")
    story.agent.start()
    log = story.written("far/deep/x.log")
    story.settled()
    story.more(log)
    story.more(story.written("far/deep/y.log"), log)


def chain(story):
    """As Kubernetes has it: a link to a link to a file that is rotated."""
    log = story.written("data/1/json.log")
    link(path("data/1/json.log"), "pods/p/0.log")
    link(path("pods/p/0.log"), "in/p.log")
    story.agent.start()
    story.settled()
    story.more(log)
    for _ in range(3):
        log.rotate()
        story.more(log)
    other = story.written("data/2/json.log")
    link(path("data/2/json.log"), "pods/p/0.log")
    story.settled()
    story.more(other)


def rotated_behind(story):
    """Whoever writes goes on for a moment in the rotated target."""
    log = story.written("far/x.log")
    link("../far/x.log", "in/x.log")
    story.agent.start()
    story.settled()
    for _ in range(3):
        log.rotate(reopen=False)
        log.write(50)
        log.reopen()
        story.more(log)


def both_sides(story):
    """Link and target match, in one flow: once."""
    log = story.written("far/x.log")
    link("../far/x.log", "in/x.log")
    link("x.log", "in/self.log")
    story.agent.start()
    story.settled()
    story.more(log)
    os.unlink(path("in/x.log"))
    story.more(log)


def hard(story):
    log = story.written("in/a.log")
    os.link(path("in/a.log"), path("in/b.log"))
    story.agent.start()
    story.settled()
    os.link(path("in/a.log"), path("in/c.log"))
    story.more(log)
    os.unlink(path("in/a.log"))
    os.unlink(path("in/b.log"))
    story.more(log)


def moved_hard(story):
    """A file written elsewhere and put into place by a hard link."""
    story.agent.start()
    os.mkdir(path("in"))
    for n in range(5):
        log = story.written(f"tmp/{n}")
        os.link(path(f"tmp/{n}"), path(f"in/{n}.log"))
        story.settled()
        story.more(log)
        os.unlink(path(f"tmp/{n}"))
        story.more(log)


def two_flows(story):
    log = story.written("in/x.log")
    story.agent.start()
    story.settled()
    story.more(log)
    log.rotate()
    story.more(log)
    story.agent.stop()
    log.write(50)
    story.agent.start()
    story.more(log)


def directory(story):
    """A directory of a wildcard is a link, and retargeted."""
    logs = [story.written(f"releases/{n}/x.log") for n in range(3)]
    link(path("releases/0"), "in/now")
    story.logs[:] = logs[:1]
    story.agent.start()
    story.settled()
    for n in range(1, 3):
        link(path(f"releases/{n}"), "in/now")
        story.logs.append(logs[n])
        story.settled()
        story.more(logs[n])


root_directory = directory


def root_chain(story):
    """A pattern begins below a link to a link, and one of them changes."""
    logs = [story.written(f"releases/{n}/log/x.log") for n in range(4)]
    link(path("releases/0"), "current")
    link(path("current"), "in/now")
    story.logs[:] = logs[:1]
    story.agent.start()
    story.settled()
    for n in range(1, 4):
        link(path(f"releases/{n}"), "current" if n < 3 else "in/now")
        story.logs.append(logs[n])
        story.settled()
        story.more(logs[n])


@scenario
def play(case):
    story = Story(
        "in/*/x.log" if "directory" in case or case == "root_chain" else
        ["in/*.log", "far/x.log"] if case == "both_sides" else "in/*.log",
        *(["one", "two"] if case == "two_flows" else []),
    )  # fmt: skip
    if case == "root_directory":
        story.agent.config["flows"][0]["filePattern"] = path("in/now/x.log")
    if case == "root_chain":
        story.agent.config["flows"][0]["filePattern"] = path("in/now/log/x.log")
    globals()[case](story)
    story.end()
