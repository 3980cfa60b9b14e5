#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rooms: the house rules that neither compiler nor clang-tidy can check.

Which room may know which treaty (include/*.h) and which library; that foo.c
exports only foo_*; how files open; how long functions get; calls we do not
use; tests that sleep or listen beyond this machine. The tables below are the
design's "The tree" and "Layers": a new room, treaty or library is a new row
here, made on purpose.

  rooms.py [--top DIR] [--objects BUILD_DIR]

With --objects what a file exports is read from its object file, so that
macros cannot hide a name; without, from its text. Prints a line
"file:line: rule: what and why" for each finding; exit 1 if there was one.
Reads only; never runs what it checks.
"""
import argparse
import os
import re
import subprocess
import sys

FUNCTION_LINES = 60
SLEEP_SECONDS = 0.3

# ---- the tables ---------------------------------------------------------

BASE = {"buf", "clock", "decimal", "digest", "glob", "list", "log", "logfile", "loop",
        "mem", "nearest", "remark", "span", "stats", "table", "utf8"}
CONFIG = BASE | {"config", "frame", "multiline", "regex"}
# Text in, text out: neither time nor descriptors nor other threads.
PARSERS = {"buf", "digest", "list", "log", "mem", "nearest", "span", "table",
           "utf8", "frame", "multiline", "parser", "record", "regex", "template"}
BATCH = CONFIG | {"api", "batch", "handoff", "letter"}
CARGO = BATCH | {"identity"}
# The tail writes notices, so it knows what the ledger's inbox takes.
TAIL = CARGO | PARSERS | {"ledger", "proof", "sights", "tail"}
SHIP = BATCH | {"probe", "ship", "whereabouts"}
LEDGER = CARGO | {"ledger", "rows"}
OPS = TAIL | SHIP | LEDGER | {"desk", "metrics", "report"}

# room -> (its folder, the treaties it may include)
ROOMS = {
    "base": ("agent/base", BASE),
    "parsers": ("parsers", PARSERS),
    # An operator's pattern is judged where its line and column are known.
    "config": ("agent/config", CONFIG | {"parser", "regex", "template"}),
    "batch": ("agent/batch", BATCH),
    "tail": ("agent/tail", TAIL),
    "ship": ("agent/ship", SHIP),
    "ledger": ("agent/ledger", LEDGER),
    "ops": ("agent/ops", OPS),
    "cli": ("agent/cli", OPS),
    "main": ("agent", OPS),
}

# treaty -> the room that keeps it; a treaty may include what that room may.
KEEPERS = {
    **{treaty: "base" for treaty in BASE},
    "frame": "parsers",
    "multiline": "parsers",
    "parser": "parsers",
    "record": "parsers",
    "regex": "parsers",
    "template": "parsers",
    "config": "config",
    "api": "batch",
    "batch": "batch",
    "handoff": "batch",
    "letter": "batch",
    "identity": "ledger",
    "ledger": "ledger",
    "desk": "ops",
    "metrics": "ops",
    "probe": "ship",
    "report": "ops",
    "proof": "tail",
    "rows": "ledger",
    "ship": "ship",
    "sights": "tail",
    "tail": "tail",
    "whereabouts": "ship",
}

# library -> (its headers, who may include them: a folder ends with a slash,
# a file is the only includer in its room)
LIBRARIES = {
    "OpenSSL": (r"openssl/", ["agent/base/digest.c", "tests/fake/",
                              "tests/unit/", "tests/bench/"]),
    "GnuTLS": (r"gnutls/", ["tests/fake/"]),
    "libmicrohttpd": (r"microhttpd\.h", ["agent/ops/metrics.c",
                                       "tests/fake/"]),
    "libcurl": (r"curl/", ["agent/ship/http.c", "tests/bench/"]),
    "libyaml": (r"yaml\.h", ["agent/config/yaml.c"]),
    "jansson": (r"jansson\.h", ["agent/ship/", "agent/ops/", "agent/cli/",
                                "tests/unit/", "tests/fake/",
                                "tests/fuzz/", "tests/bench/"]),
    # java.c reads another program's database: one schema, one file.
    "SQLite": (r"sqlite3\.h", ["agent/ledger/checkpoints.c",
                               "agent/ledger/columns.c",
                               "agent/ledger/connection.c",
                               "agent/ledger/java.c", "tests/unit/",
                               "tests/scenario/"]),
    "PCRE2": (r"pcre2(posix)?\.h", ["parsers/regex.c"]),
    "libinotifytools": (r"inotifytools/|sys/inotify\.h",
                        ["agent/tail/watch.c"]),
    "zlib": (r"zlib\.h", ["agent/tail/unpack.c", "tests/unit/"]),
    "zstd": (r"zstd(_errors)?\.h", ["agent/tail/unpack.c", "tests/unit/"]),
    "cmocka": (r"cmocka\.h", ["tests/unit/", "tests/fake/", "tests/fuzz/"]),
}

# C's own, POSIX's and the kernel's. What is here belongs to nobody.
SYSTEM = re.compile(
    r"(assert|ctype|dirent|dlfcn|endian|err|errno|fcntl|float|fnmatch|ftw|getopt"
    r"|glob|grp|ifaddrs|inttypes|langinfo|libgen|limits|locale|malloc|math|netdb"
    r"|poll|pthread|pwd|sched|semaphore|setjmp|signal|spawn|stdarg|stdatomic"
    r"|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog"
    r"|termios|time|ucontext|unistd|utime|wchar|wctype)\.h"
    r"|(arpa|asm|linux|net|netinet|sys)/[a-z0-9_/]+\.h"
    r"|[a-z0-9]+intrin\.h|cpuid\.h|sanitizer/[a-z_]+\.h|valgrind/[a-z]+\.h")

# What "no I/O, no threads" means for the parsers.
PARSERS_REFUSE = re.compile(
    r"(dirent|fcntl|netdb|poll|pthread|signal|spawn|unistd)\.h"
    r"|(arpa|linux|net|netinet|sys)/.*")

BANNED = {
    "strcpy": "has no ceiling; use buf_add_str or memcpy with a length",
    "strcat": "has no ceiling; use buf_add_str",
    "sprintf": "has no ceiling; use snprintf or buf_addf",
    "atoi": "cannot say that it failed; use strtoll and look at its end",
    "strtok": "keeps state between calls; walk a span",
    "gmtime": "shares one struct between threads; use gmtime_r",
    "localtime": "shares one struct between threads; use localtime_r",
    "system": "starts a shell; use posix_spawn with arguments",
}

SOURCE_NAMES = re.compile(r"(\.(c|h|sh|py|js|cmake)|CMakeLists\.txt)$")
# Folders that hold the project's own code (and, at the top, these files).
FOLDERS = ["agent", "include", "parsers", "packaging", "tests", ".ci"]
SKIP = {"node_modules", "__pycache__", "data"}


class Lint:
    """One walk over the tree at `top`; findings gather in self.found."""

    def __init__(self, top, objects=None):
        self.top = top
        self.objects = objects
        self.found = []

    def say(self, path, line, rule, why):
        self.found.append((path, line, rule, why))

    def run(self):
        self.check_tree()
        for path in self.files():
            self.check_file(path)
        if self.objects:
            self.check_objects()
        return sorted(set(self.found))

    # -- walking

    def files(self):
        if os.path.isfile(os.path.join(self.top, "CMakeLists.txt")):
            yield "CMakeLists.txt"
        for folder in FOLDERS:
            for at, dirs, names in os.walk(os.path.join(self.top, folder)):
                dirs[:] = sorted(d for d in dirs if d not in SKIP)
                for name in sorted(names):
                    yield os.path.relpath(os.path.join(at, name), self.top)

    def read(self, path):
        with open(os.path.join(self.top, path), encoding="utf-8",
                  errors="replace") as f:
            return f.read()

    # -- the tables against the tree

    def check_tree(self):
        known = {folder for folder, _ in ROOMS.values()}
        agent = os.path.join(self.top, "agent")
        for name in sorted(os.listdir(agent)) if os.path.isdir(agent) else []:
            if os.path.isdir(os.path.join(agent, name)) and \
                    f"agent/{name}" not in known:
                self.say(f"agent/{name}", 1, "unknown-room",
                         f"no row for it in ROOMS ({__file__})")
        include = os.path.join(self.top, "include")
        for name in sorted(os.listdir(include)) if os.path.isdir(include) \
                else []:
            if name.endswith(".h") and name[:-2] not in KEEPERS:
                self.say(f"include/{name}", 1, "unknown-treaty",
                         "no row in KEEPERS says which room keeps it")

    # -- one file

    def check_file(self, path):
        is_script = False
        if not SOURCE_NAMES.search(path):
            with open(os.path.join(self.top, path), "rb") as f:
                is_script = f.read(2) == b"#!"
        if not SOURCE_NAMES.search(path) and not is_script:
            if os.path.basename(path) == "package-lock.json":
                self.check_lock(path)
            return
        text = self.read(path)
        self.check_head(path, text)
        if path.endswith((".c", ".h")):
            code = blank(text)
            self.check_includes(path, text)
            self.check_banned(path, code)
            self.check_functions(path, code)
        if path.startswith("tests/"):
            self.check_sleeps(path, text)
            self.check_addresses(path, text)

    def check_head(self, path, text):
        """SPDX first (after a #! line), then a comment that says why."""
        lines = text.split("\n")
        at = 1 if lines[0].startswith("#!") else 0
        opening = lines[at] if at < len(lines) else ""
        if not re.match(r"(/\*|//|#) SPDX-License-Identifier: Apache-2\.0$",
                        opening):
            self.say(path, at + 1, "no-spdx",
                     "a file opens with SPDX-License-Identifier: Apache-2.0")
            return
        words = []
        for line in lines[at + 1:at + 12]:
            if not re.match(r'\s*(\*|//|#|r?""")', line) and \
                    not (words and path.endswith(".py")):
                break
            if "*/" in line and not words and \
                    not re.search(r"\w", line.split("*/")[0]):
                break
            words += re.findall(r"\w+", line)
        if len(words) < 4:
            self.say(path, at + 2, "no-head",
                     "behind the SPDX line stands why the file exists")

    def check_lock(self, path):
        for number, line in enumerate(self.read(path).split("\n"), 1):
            if re.search(r'"resolved":\s*"https?:', line):
                self.say(path, number, "registry-host",
                         "names a registry's host; set "
                         "omit-lockfile-registry-resolved in .npmrc")

    # -- includes

    def check_includes(self, path, text):
        for number, line in enumerate(text.split("\n"), 1):
            found = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
            if not found:
                continue
            quoted, name = found.group(1) == '"', found.group(2)
            if quoted and (name.startswith("../") or "/../" in name):
                self.say(path, number, "include-up",
                         f'"{name}" reaches into another room')
            elif quoted:
                self.check_own(path, number, name)
            else:
                self.check_library(path, number, name)

    def check_own(self, path, number, name):
        room = room_of(path)
        if path.startswith("tests/fake/"):
            # The judge shares nothing with the judged.
            if not self.exists(os.path.dirname(path), name):
                self.say(path, number, "fake-shares",
                         f'"{name}" is not the sandbox\'s own; its answers '
                         "count because it shares no source with the agent")
            return
        if room is None or path.startswith("tests/"):
            return
        folder, treaties = (os.path.dirname(path), ROOMS[room][1])
        if self.exists(folder, name) and folder != "include":
            return
        if path == "agent/main.c" and self.exists("agent/cli", name):
            return
        if not self.exists("include", name):
            self.say(path, number, "include-alien",
                     f'"{name}" is neither a treaty nor in {folder}/')
        elif name[:-2] not in treaties:
            self.say(path, number, "treaty",
                     f'room {room} may not know "{name}" (its row in ROOMS)')

    def exists(self, folder, name):
        return os.path.isfile(os.path.join(self.top, folder, name))

    def check_library(self, path, number, name):
        for library, (headers, places) in LIBRARIES.items():
            if not re.match(headers, name):
                continue
            if any(path == p or p.endswith("/") and path.startswith(p)
                   for p in places):
                return
            self.say(path, number, "library",
                     f"<{name}>: {library} may be included by "
                     f"{', '.join(places)} only")
            return
        if not SYSTEM.fullmatch(name):
            self.say(path, number, "unknown-library",
                     f"<{name}> has no row in LIBRARIES and is not the system's")
        elif room_of(path) == "parsers" and PARSERS_REFUSE.fullmatch(name):
            self.say(path, number, "parser-io",
                     f"<{name}>: parsers do no I/O and know no threads")

    # -- code

    def check_banned(self, path, code):
        for number, line in enumerate(code.split("\n"), 1):
            for call in re.findall(r"(?<![\w.>])(\w+)\s*\(", line):
                if call in BANNED:
                    self.say(path, number, "banned-call",
                             f"{call}() {BANNED[call]}")

    def check_functions(self, path, code):
        product = path.startswith(("agent/", "parsers/"))
        for name, first, last, static in functions(code):
            lines = last - first + 1
            if product and lines > FUNCTION_LINES:
                self.say(path, first, "long-function",
                         f"{name} has {lines} lines, more than "
                         f"{FUNCTION_LINES}: it does more than one thing")
            if product and path.endswith(".c") and not static:
                self.check_export(path, first, name)

    def check_export(self, path, number, name):
        stem = os.path.basename(path)[:-2]
        if name != "main" and name != stem and \
                not name.startswith(stem + "_"):
            self.say(path, number, "export",
                     f"{name} is visible to other files, but {stem}.c exports "
                     f"only {stem}_*: make it static or move it")

    def check_objects(self):
        """What the object files export. CMake names foo.c's object foo.c.o
        in a folder that repeats foo.c's own."""
        sources = {}
        for at, _, names in os.walk(self.objects):
            for name in names:
                found = re.search(
                    r"/CMakeFiles/[^/]+\.dir/((agent|parsers)/.*\.c)\.o$",
                    os.path.join(at, name))
                # A file that is gone may have left its object behind.
                if found and self.exists(*os.path.split(found.group(1))):
                    sources[os.path.join(at, name)] = found.group(1)
        if not sources:
            return
        out = subprocess.run(["nm", "-A", "-g", "--defined-only", *sources],
                             check=True, capture_output=True, text=True)
        for line in out.stdout.splitlines():
            built, _, rest = line.partition(":")
            symbol = rest.split()[-1]
            # The compiler's and the sanitizers' own begin with two of them.
            if not symbol.startswith("__"):
                self.check_export(sources[built], 1, symbol)

    # -- tests

    def check_sleeps(self, path, text):
        code = blank(text) if path.endswith((".c", ".h")) else text
        for number, line in enumerate(code.split("\n"), 1):
            if line.lstrip().startswith(("#", "//")):
                continue
            for seconds in sleeps(path, line):
                if seconds >= SLEEP_SECONDS:
                    self.say(path, number, "fixed-sleep",
                             f"sleeps {seconds:g} s: wait for the thing "
                             "itself, with a deadline")

    def check_addresses(self, path, text):
        for number, line in enumerate(text.split("\n"), 1):
            for word in (r"(?<![\d.])0\.0\.0\.0(?![\d.])", r"\bINADDR_ANY\b",
                         r"\bin6addr_any\b", r"""["']::["']"""):
                if re.search(word, line):
                    self.say(path, number, "not-loopback",
                             "a test listens on 127.0.0.1 only")


# ---- reading C ----------------------------------------------------------

def room_of(path):
    """The room a file belongs to: by its folder, a treaty by its keeper."""
    if path.startswith("include/"):
        return KEEPERS.get(os.path.basename(path)[:-2])
    folder = os.path.dirname(path)
    for room, (place, _) in ROOMS.items():
        if folder == place:
            return room
    return None


def blank(text):
    """The text with comments and literals turned to spaces, lines kept."""
    pattern = re.compile(
        r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    # The file name of an #include is not a literal worth keeping either.
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def functions(code):
    """(name, first line, last line, is it static) of each definition. The
    layout that clang-format enforces does the work: a body begins and ends
    in column 0, the name stands in column 0, its type on the line before."""
    lines = code.split("\n")
    for at, line in enumerate(lines):
        found = re.match(r"(?:[A-Za-z_][\w\s*]*?[\s*])?(\w+)\(", line)
        if not found or line[0].isspace():
            continue
        body = at
        while body < len(lines) and not re.match(r"\{", lines[body]) and \
                not re.search(r";|^#", lines[body]):
            body += 1
        if body == len(lines) or not lines[body].startswith("{"):
            continue
        end = body
        while end < len(lines) and not lines[end].startswith("}"):
            end += 1
        before = lines[at - 1] if at > 0 else ""
        static = re.search(r"\bstatic\b", before + " " + line) is not None
        yield found.group(1), at + 1, end + 1, static


def sleeps(path, line):
    """The constant numbers of seconds this line sleeps for."""
    if path.endswith(".py"):
        return [float(n) for n in
                re.findall(r"\bsleep\(\s*([\d.]+)\s*\)", line)]
    if path.endswith((".c", ".h")):
        return [int(n) for n in
                re.findall(r"(?<!\w)sleep\(\s*(\d+)\s*\)", line)] + \
               [int(n) / 1e6 for n in
                re.findall(r"\busleep\(\s*(\d+)\s*\)", line)]
    return [float(n) for n in re.findall(r"\bsleep +(\d+(?:\.\d*)?|\.\d+)", line)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--top", default=os.path.dirname(os.path.dirname(here)))
    parser.add_argument("--objects")
    arguments = parser.parse_args()
    found = Lint(arguments.top, arguments.objects).run()
    for path, line, rule, why in found:
        print(f"{path}:{line}: {rule}: {why}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
