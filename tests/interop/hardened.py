# SPDX-License-Identifier: Apache-2.0
"""hardened: the binary is built as something that reads other people's files and
talks to the network should be: position-independent, its tables read-only once
it is loaded, no stack that can be executed, checked stacks and checked copies; a
release optimized as a whole. And what few systems have is linked into it.
Judge: readelf.

    hardened.py BINARY BUILD-TYPE
"""

import re
import subprocess
import sys


def readelf(*options):
    done = subprocess.run(["readelf", "-W", *options, sys.argv[1]], check=True,
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    return done.stdout


def main():
    segments, dynamic, symbols = readelf("-hl"), readelf("-d"), readelf("--dyn-syms")
    expected = {
        "position-independent": re.search(r"Type: +DYN", segments)
        and re.search(r"FLAGS_1\).*\bPIE\b", dynamic),
        "read-only relocations": "GNU_RELRO" in segments
        and re.search(r"FLAGS_1\).*\bNOW\b", dynamic),
        "no executable stack": re.search(r"GNU_STACK .* RW +0x", segments),
        "checked stacks": "__stack_chk_fail" in symbols,
        "checked copies": re.search(r"__(memcpy|snprintf|vsnprintf)_chk", symbols),
        "libinotifytools within": "inotifytools" not in dynamic,
    }
    if sys.argv[2] == "Release":
        # What gcc calls a static name once it has seen those of all files.
        expected["optimized as a whole"] = ".lto_priv" in readelf("-s")
    missing = [what for what, there in expected.items() if not there]
    assert not missing, missing
    print(", ".join(expected))


main()
