# SPDX-License-Identifier: Apache-2.0
"""shells: what bash makes of the completion, and groff of the manuals; and that
--help, the manual and the completion name the same subcommands and options,
each of which has a --help of its own."""

import os
import re
import subprocess

AGENT = os.environ["KINESIS_AGENT"]


def output(*argv, code=0, text=None):
    done = subprocess.run(
        argv, input=text, capture_output=True, timeout=60, text=True, check=False
    )
    assert done.returncode == code, (argv, done)
    assert code != 0 or done.stderr == "", (argv, done.stderr)
    return done.stdout if code == 0 else done.stderr


def complete(*words):
    """What bash offers for the last of `words`."""
    script = output(AGENT, "print", "completion")
    script += f"COMP_WORDS=({' '.join(repr(word) for word in words)})\n"
    script += f"COMP_CWORD={len(words) - 1}\n"
    script += '_kinesis_agent\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    return output("bash", "--norc", text=script).split()


def main():
    overview = output(AGENT, "--help")
    manual = output(AGENT, "print", "manual")
    listed = overview.split("subcommands")[1].split("\noptions:")[0]
    commands = re.findall(r"^  (\S+)", listed, re.M)
    assert commands[0] == "run" and len(commands) > 2, overview
    offered = complete("kinesis-agent", "")
    for command in commands:
        assert command in offered, (command, offered)
        assert f"\n.B {command}" in manual, command
        text = output(AGENT, command, "--help")
        assert text.startswith(f"usage: kinesis-agent {command}"), text
        # The exit codes that it can end with, and no other's.
        for line in text.split("\nexit codes:\n")[1].splitlines():
            of = re.match(r"  \d +of ", line) and re.findall(r"of ([^:]*):", line)
            assert not of or command in re.split("[, ]+", " ".join(of)), (command, line)
        for option in re.findall(r"--[a-z-]+", text.split("\noptions:")[1]):
            assert option in complete("kinesis-agent", command, "--"), option
            assert option.replace("-", "\\-") in manual, option
    assert complete("kinesis-agent", "print", "sch") == ["schema"]
    for what in complete("kinesis-agent", "print", "")[:5]:
        assert output(AGENT, "print", what) != "" or what[0] == "-", what
    for wrong in (["no-such"], ["--no-such"], ["run", "x"], ["print"],
                  ["print", "x"], ["version", "-c", "x"]):
        said = output(AGENT, *wrong, code=2)
        assert "--help" in said or "one of" in said, (wrong, said)
    for page in ("manual", "settings"):
        text = output(AGENT, "print", page)
        # Warnings of groff's go to standard error, which must stay empty.
        made = output("groff", "-man", "-Tutf8", "-ww", "-P-c", text=text)
        assert len(made) > 1000, made
    print(f"{len(commands)} subcommands")


main()
