#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_rooms: every rule of rooms.py finds what it is there to find.

Each test plants one violation in a small clean tree and expects exactly that
finding, at its line. What is planted is put together from pieces, so that
the lint does not find it here.
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rooms  # noqa: E402

HEAD = ("/* SPDX-License-Identifier: Apache-2.0\n"
        " *\n"
        " * thing: a file that is here to be looked at.\n"
        " */\n")
SHELL = ("#!/bin/sh\n"
         "# SPDX-License-Identifier: Apache-2.0\n"
         "# A script that is here to be looked at.\n")
CLEAN = {
    "include/span.h": HEAD,
    "include/config.h": HEAD + '#include "span.h"\n',
    "include/tail.h": HEAD + '#include "config.h"\n',
    "include/ship.h": HEAD + '#include "config.h"\n',
    "agent/base/buf.c": HEAD + '#include "span.h"\n#include <string.h>\n'
                        "int\nbuf_new(void)\n{\n\treturn 0;\n}\n",
    "agent/tail/window.c": HEAD + '#include "tail.h"\n'
                           '#include "window.h"\n'
                           "static int\nhelper(void)\n{\n\treturn 0;\n}\n",
    "agent/tail/window.h": HEAD,
    "agent/main.c": HEAD + "int\nmain(void)\n{\n\treturn 0;\n}\n",
    "tests/fake/judge.c": HEAD + '#include "judge.h"\n',
    "tests/fake/judge.h": HEAD,
    "tests/scenario/wait.sh": SHELL + "sleep 0.05\n",
}


class Planted(unittest.TestCase):
    def setUp(self):
        self.held = tempfile.TemporaryDirectory()
        self.addCleanup(self.held.cleanup)
        self.top = self.held.name
        for path, text in CLEAN.items():
            self.plant(path, text)

    def plant(self, path, text):
        full = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)

    def found(self, objects=None):
        return [(path, line, rule) for path, line, rule, _ in
                rooms.Lint(self.top, objects).run()]

    def expect(self, path, text, line, rule):
        self.plant(path, text)
        self.assertEqual(self.found(), [(path, line, rule)])

    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(self.found(), [])

    def test_the_command_line_names_file_line_and_rule_and_fails(self):
        self.plant("agent/base/buf.c", HEAD + '#include "tail.h"\n')
        ran = subprocess.run(
            [sys.executable, rooms.__file__, "--top", self.top],
            capture_output=True, text=True)
        self.assertEqual(ran.returncode, 1)
        self.assertRegex(ran.stdout, r"^agent/base/buf\.c:5: treaty: .*base")

    def test_the_ground_floor_knows_no_room_above_it(self):
        self.expect("agent/base/buf.c", HEAD + '#include "config.h"\n',
                    5, "treaty")

    def test_a_room_does_not_know_the_one_beside_it(self):
        self.expect("agent/tail/window.c", HEAD + '\n#include "ship.h"\n',
                    6, "treaty")

    def test_a_treaty_includes_only_what_its_keeper_may(self):
        self.expect("include/ship.h", HEAD + '#include "tail.h"\n',
                    5, "treaty")

    def test_a_treaty_without_a_row_is_refused(self):
        self.expect("include/sideways.h", HEAD, 1, "unknown-treaty")

    def test_a_room_without_a_row_is_refused(self):
        self.plant("agent/attic/box.c", HEAD)
        self.assertEqual(self.found(), [("agent/attic", 1, "unknown-room")])

    def test_no_room_reaches_into_another_by_path(self):
        self.expect("agent/base/buf.c",
                    HEAD + '#include ".' + './tail/window.h"\n',
                    5, "include-up")

    def test_no_room_includes_a_header_of_another(self):
        self.expect("agent/base/buf.c", HEAD + '#include "window.h"\n',
                    5, "include-alien")

    def test_each_library_has_its_one_includer(self):
        for header, owner in (
                ("openssl/evp.h", "agent/base/digest.c"),
                ("inotifytools/inotifytools.h", "agent/tail/watch.c"),
                ("sys/inotify.h", "agent/tail/watch.c"),
                ("curl/curl.h", "agent/ship/http.c"),
                ("pcre2.h", "parsers/regex.c"),
                ("yaml.h", "agent/config/yaml.c"),
                ("sqlite3.h", "agent/ledger/checkpoints.c")):
            with self.subTest(header):
                beside = os.path.dirname(owner) + "/beside.c"
                self.plant(owner, HEAD + f"#include <{header}>\n")
                self.plant(beside, HEAD + f"#include <{header}>\n")
                self.assertEqual(self.found(), [(beside, 5, "library")])
                os.unlink(os.path.join(self.top, beside))

    def test_a_library_stays_in_its_rooms(self):
        for header in ("jansson.h", "zlib.h", "zstd.h", "microhttpd.h",
                       "gnutls/gnutls.h", "cmocka.h"):
            with self.subTest(header):
                self.expect("agent/base/buf.c",
                            HEAD + f"#include <{header}>\n", 5, "library")

    def test_a_library_without_a_row_is_refused(self):
        self.expect("agent/base/buf.c", HEAD + "#include <glib.h>\n",
                    5, "unknown-library")

    def test_parsers_do_no_io(self):
        self.expect("parsers/frame.c", HEAD + "#include <sys/socket.h>\n",
                    5, "parser-io")

    def test_the_sandbox_shares_nothing_with_the_agent(self):
        self.expect("tests/fake/judge.c", HEAD + '#include "config.h"\n',
                    5, "fake-shares")

    def test_a_file_exports_only_its_own_name(self):
        self.expect("agent/base/buf.c",
                    HEAD + "\nint\nother_new(void)\n{\n\treturn 0;\n}\n",
                    7, "export")

    def test_an_object_file_exports_only_its_own_name(self):
        name = "agent/base/buf.c"
        self.plant(name, HEAD + "#define MAKE(n) int n\nMAKE(other);\n")
        built = f"{self.top}/build/CMakeFiles/base.dir/agent/base"
        os.makedirs(built)
        subprocess.run(["cc", "-c", f"{self.top}/{name}", "-o",
                        f"{built}/buf.c.o"], check=True)
        self.assertEqual(self.found(), [])
        self.assertEqual(self.found(f"{self.top}/build"),
                         [(name, 1, "export")])

    def test_a_file_opens_with_its_licence(self):
        self.expect("agent/base/buf.c", "/* thing: not said */\n",
                    1, "no-spdx")
        self.plant("agent/base/buf.c", HEAD)
        self.expect("tests/scenario/wait.sh", "#!/bin/sh\n# Not said here.\n",
                    2, "no-spdx")

    def test_a_file_says_why_it_exists(self):
        self.expect("agent/base/buf.c",
                    "/* SPDX-License-Identifier: Apache-2.0\n */\n"
                    "/* this one has nothing to say at its head */\n",
                    2, "no-head")

    def test_a_function_is_not_longer_than_sixty_lines(self):
        head = "int\nbuf_new(void)\n{\n"
        sixty = HEAD + head + "\t;\n" * (60 - 3) + "}\n"
        self.plant("agent/base/buf.c", sixty)
        self.assertEqual(self.found(), [])
        self.expect("agent/base/buf.c", sixty.replace("\t;\n", "\t;\n\t;\n", 1),
                    6, "long-function")

    def test_banned_calls_are_refused(self):
        for call in rooms.BANNED:
            with self.subTest(call):
                self.expect("agent/base/buf.c",
                            HEAD + "\n\tx = " + call + "(y);\n",
                            6, "banned-call")

    def test_a_banned_word_in_a_comment_or_string_is_no_call(self):
        self.plant("agent/base/buf.c",
                   HEAD + '/* atoi(x) */ char *s = "system(x)"; my_atoi(x);\n')
        self.assertEqual(self.found(), [])

    def test_tests_do_not_sleep(self):
        self.expect("tests/scenario/wait.sh", SHELL + "sle" + "ep 1\n",
                    4, "fixed-sleep")
        self.plant("tests/scenario/wait.sh", SHELL)
        python = "# SPDX-License-Identifier: Apache-2.0\n" \
                 "# A file that is here to be looked at.\n"
        self.expect("tests/scenario/wait.py",
                    python + "time.sle" + "ep(0.5)\n", 3, "fixed-sleep")
        self.plant("tests/scenario/wait.py", python)
        self.expect("tests/fake/judge.c", HEAD + "\tusle" + "ep(400000);\n",
                    5, "fixed-sleep")

    def test_tests_listen_on_loopback_only(self):
        anywhere = ".".join("0000")
        self.expect("tests/scenario/wait.sh", SHELL + f"nc -l {anywhere}\n",
                    4, "not-loopback")
        self.plant("tests/scenario/wait.sh", SHELL)
        self.expect("tests/fake/judge.c",
                    HEAD + "\tx = INADDR_" + "ANY;\n", 5, "not-loopback")

    def test_a_lock_file_names_no_registry(self):
        self.expect("tests/interop/package-lock.json",
                    '{\n  "resolved": "https:' + '//host/x.tgz"\n}\n',
                    2, "registry-host")


if __name__ == "__main__":
    unittest.main()
