# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent check` reads logrotate's configuration as logrotate does, and
names what in it would cost lines of followed files, each with its cure; where
nothing would, it says so."""

import os

from harness import Agent, LogWriter, Process, Sandbox, check, flow, own, path
from harness import scenario, yaml

# What stands in a stanza, and what is said of it: a few words and a cure.
HURTS = {
    "copytruncate": ["copytruncate", "open its log anew"],
    "rotate 0": ["removed at once", "rotate 1"],
    "rotate=0": ["removed at once", "rotate 1"],
    "compress": ["nobody tells the writer", "delaycompress"],
    "compress\ndelaycompress\ncompresscmd /usr/bin/xz": ["compresscmd", ".zst"],
    "compress\ndelaycompress\nshred": ["shred", "noshred"],
    "maxage 1": ["maxage 1", "maxage 7"],
    "olddir @old": ["olddir", "add the directory to filePattern"],
    "create 0600 root root": ["create", "CAP_DAC_READ_SEARCH"],
    "olddir /dev/shm": ["another device", "add the directory"],
}
FINE = [
    "create 0640 root adm",
    "compress\ndelaycompress\ncompresscmd /usr/bin/zstd",
    "copytruncate\nnocopytruncate",
    "postrotate\n  copytruncate\n  shred\nendscript",
    "compress\nnocompress",
    "olddir @beside",
    "# copytruncate",
    "delaycompress\n  compress",
]
NOTES = {"compress\npostrotate\n  kill -HUP 1\nendscript": "slow to open"}


@scenario
def play():
    sandbox = Sandbox()
    for name in ("old", "beside", "logrotate.d"):
        os.mkdir(path("own", name))
    agent = Agent(sandbox, []).unprivileged()
    logs = {}
    for number, what in enumerate([*HURTS, *FINE, *NOTES]):
        log = LogWriter(f"{number}.log")
        log.write(1)
        logs[what] = log.file
    LogWriter("other.log").write(1)
    # Beside it, a file that nothing rotates; names quoted, over two lines;
    # one that was put aside.
    with open(own("logrotate.conf"), "w", encoding="utf-8") as out:
        out.write(f"weekly\nrotate 4\ninclude {own('logrotate.d')}\n")
        out.write("/var/log/nobody/*.log {\n copytruncate\n rotate 0\n}\n")
    with open(own("logrotate.d/app.dpkg-old"), "w", encoding="utf-8") as out:
        out.write(f"{path('*.log')} {{\n shred\n}}\n")
    with open(own("logrotate.d/app"), "w", encoding="utf-8") as out:
        for what, file in logs.items():
            inner = what.replace("@", own("") + "/").replace("//", "/")
            glob = file.replace(".log", ".lo?")
            out.write(f'"{glob}"\n  /nowhere/*.log {{\n  {inner}\n}}\n\n')
    config = {**agent.config, "flows": [
        flow("*.log", "one", excludePattern="other.log"),
        flow(own("beside/*"), "one", name="b")]}  # fmt: skip
    with open(own("check.yaml"), "w", encoding="utf-8") as out:
        out.write(yaml(config))
    process = Process(
        "check",
        [agent.binary, "check", "--offline", "--logrotate", own("logrotate.conf"),
         "-c", own("check.yaml")], wrap=agent.wrap)  # fmt: skip
    code = process.wait_exit()
    with open(process.out_path, encoding="utf-8") as out:
        said = [line for line in out if "rotation:" in line]
    check(code == 7, f"exit code {code}: {said}")
    told = {
        what: [line for line in said if f" {file} " in line]
        for what, file in logs.items()
    }
    for what, words in HURTS.items():
        check(len(told[what]) == 1, (what, told[what]))
        check(told[what][0].startswith("hurts"), (what, told[what]))
        for word in words:
            check(word in told[what][0], (what, word, told[what]))
    for what in FINE:
        check(len(told[what]) == 1, (what, told[what]))
        check(told[what][0].startswith("ok"), (what, told[what]))
    for what, word in NOTES.items():
        check(len(told[what]) == 1 and word in told[what][0], (what, told[what]))
        check(told[what][0].startswith("note"), (what, told[what]))
    check(len(said) == len(logs), said)
    check("app:1)" in told["copytruncate"][0], told["copytruncate"])
