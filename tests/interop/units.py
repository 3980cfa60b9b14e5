# SPDX-License-Identifier: Apache-2.0
"""units: both systemd units are understood, give least rights and no less than
the agent needs, and differ only where one of several must. Judge:
systemd-analyze.

    units.py FOLDER
"""

import os
import re
import shutil
import subprocess
import sys

EXPOSURE = 1.8
WANTED = {
    "Type": "notify",
    "User": "kinesis-agent",
    "AmbientCapabilities": "CAP_DAC_READ_SEARCH",
    "CapabilityBoundingSet": "CAP_DAC_READ_SEARCH",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "read-only",
    "PrivateTmp": "no",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "SystemCallErrorNumber": "EPERM",
    "Restart": "always",
    "RestartSec": "5",
    "StartLimitIntervalSec": "0",
}
# Each with its reason in the line before.
REASONED = ("ProtectHome", "PrivateTmp", "WatchdogSec", "StartLimitIntervalSec")


def settings(file):
    """Its lines, and its settings: those that may be said again as lists."""
    with open(file, encoding="utf-8") as unit:
        lines = unit.read().splitlines()
    found = {}
    for line in lines:
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return lines, found


def judge(file):
    lines, found = settings(file)
    for key, value in WANTED.items():
        assert found.get(key) == [value], (file, key, found.get(key))
    assert "MemoryDenyWriteExecute" not in found, file
    assert any("Not MemoryDenyWriteExecute:" in line for line in lines), file
    assert "open_by_handle_at" in found["SystemCallFilter"][0], file
    assert int(found["WatchdogSec"][0]) > 0 and "ExecReload" in found, file
    for key in REASONED:
        at = next(n for n, line in enumerate(lines) if line.startswith(key))
        assert lines[at - 1].startswith("#"), (file, key, "no reason")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager",
         f"--threshold={round(EXPOSURE * 10)}", file],
        capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, (file, said.splitlines()[-1])
    assert "Unknown key" not in said, said
    print(os.path.basename(file), re.findall(r"exposure.*?: ([\d.]+)", said)[-1])
    return found


def main():
    if shutil.which("systemd-analyze") is None:
        print("no systemd-analyze here")
        sys.exit(77)
    one = judge(os.path.join(sys.argv[1], "kinesis-agent.service"))
    each = judge(os.path.join(sys.argv[1], "kinesis-agent@.service"))
    differ = {key for key in {*one, *each} if one.get(key) != each.get(key)}
    assert differ <= {
        "Description", "ExecStart", "EnvironmentFile", "StateDirectory",
        "RuntimeDirectory", "LogsDirectory", "Alias",
    }, differ  # fmt: skip


main()
