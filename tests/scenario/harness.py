# SPDX-License-Identifier: Apache-2.0
"""harness: what every scenario needs, and nothing that only one needs.

A scenario is one file, test_NAME.py, whose docstring states a promise and
whose @scenario function plays it: real agent, real sandbox, real files. It
gets a directory of its own (path), which is kept when it fails; every process
it started is ended by its own id, whatever happens.

Nothing here waits for a fixed time: wait_until polls for the thing itself,
with a deadline that SCENARIO_SLOW (sanitizers) stretches. Standard library
only.

Environment: KINESIS_AGENT and KINESIS_SANDBOX (paths of the binaries),
SCENARIO_SLOW (a factor, default 1), SCENARIO_SEED (to play one again).
"""

import bisect
import collections
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SLOW = float(os.environ.get("SCENARIO_SLOW") or 1)
ALPHABET = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    " \t\"\\{}[]<>=%$;:,.äß€😀"
)
SKIPPED = 77  # what CTest takes for "skipped"
SANITIZER = re.compile(
    rb"ERROR: AddressSanitizer|ERROR: LeakSanitizer|WARNING: ThreadSanitizer"
    rb"|runtime error:|Assertion .* failed"
)


class Failure(AssertionError):
    """The promise was not kept; the text says how."""


class Skip(Exception):
    """This machine cannot play the scenario; the text says why."""


def check(true, text):
    if not true:
        raise Failure(text)


class Stage:
    """The one running scenario: its directory, its processes, its dice."""

    def __init__(self):
        # A neutral name: it stands in most log lines, where we look for words.
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="play-"))
        os.chmod(self.dir, 0o755)
        os.mkdir(os.path.join(self.dir, "own"))
        self.seed = int(
            os.environ.get("SCENARIO_SEED") or random.randrange(2**32)
        )
        self.rng = random.Random(self.seed)
        self.noise = "".join(self.rng.choices(ALPHABET, k=1 << 14)).encode()
        self.processes = []
        self.writers = []

    def complain(self):
        """Fail if a process ended that should be running."""
        for process in self.processes:
            if process.must_run and process.poll() is not None:
                process.must_run = False
                raise Failure(
                    f"{process.name} ended by itself: {process.ending()}"
                )

    def strike(self):
        """End everything that was started, the youngest first."""
        for writer in self.writers:
            writer.stop()
        for process in reversed(self.processes):
            process.kill9()


stage = None


def path(*parts):
    """A path in the scenario's own directory."""
    return os.path.join(stage.dir, *parts)


def own(name):
    """A path for the harness's own files, out of every pattern's way."""
    return path("own", name)


def scaled(amount):
    """A load that a slow (sanitized) build can carry as well."""
    return max(1, int(amount / SLOW))


def wait_until(condition, what, seconds=10):
    """What `condition()` answers as soon as it is true. Polls every 10 ms."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        answer = condition()
        if answer:
            return answer
        stage.complain()
        if time.monotonic() > deadline:
            text = what() if callable(what) else what
            raise Failure(f"in vain for {seconds * SLOW:g} s: {text}")
        time.sleep(0.01)


def at_a_random_moment(least, most):
    """Let a random time pass: for choosing when to strike, never to wait for
    something."""
    moment = time.monotonic() + stage.rng.uniform(least, most) * SLOW
    wait_until(lambda: time.monotonic() >= moment, "a moment", most + 1)


def stays_true(condition, seconds, what):
    """Fail if `condition()` turns false within `seconds`: for things that
    must not happen, which no event announces."""
    deadline = time.monotonic() + seconds * SLOW
    while time.monotonic() < deadline:
        check(condition(), f"did not last {seconds * SLOW:g} s: {what}")
        stage.complain()
        time.sleep(0.01)


# ---------------------------------------------------------------------------
# Processes


class Process:
    """A program in the foreground; stdout and stderr go to files."""

    def __init__(self, name, argv, env=None, wrap=(), pass_fds=()):
        self.name = name
        serial = len(stage.processes)
        self.out_path = own(f"{serial:02d}-{name}.out")
        self.log_path = own(f"{serial:02d}-{name}.log")
        # All wrappers replace themselves with what they run, so the process
        # id is the program's own; it dies with this test.
        argv = ["setpriv", "--pdeathsig", "KILL", *wrap, *map(str, argv)]
        with open(self.out_path, "wb") as out, open(self.log_path, "wb") as log:
            self.popen = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                cwd=stage.dir,
                env=clean_environment(env or {}),
                pass_fds=pass_fds,
            )
        self.pid = self.popen.pid
        self.must_run = True
        stage.processes.append(self)

    def poll(self):
        return self.popen.poll()

    def ending(self):
        return f"exit code {self.poll()}\n{tail_of(self.log_path)}"

    def log_text(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8", "backslashreplace")

    def log_lines(self, pattern):
        """The lines of its log that match."""
        found = re.compile(pattern, re.IGNORECASE)
        return [at for at in self.log_text().splitlines() if found.search(at)]

    def wait_log(self, pattern, seconds=10):
        """The first line that matches, as soon as it is there."""
        return wait_until(
            lambda: self.log_lines(pattern),
            lambda: f"{self.name} to say /{pattern}/\n"
            + tail_of(self.log_path),
            seconds,
        )[0]

    def wait_exit(self, seconds=10):
        """Its exit code, once it has ended by itself."""
        self.must_run = False
        return wait_until(
            lambda: None if self.poll() is None else [self.poll()],
            lambda: f"{self.name} to end\n" + tail_of(self.log_path),
            seconds,
        )[0]

    def signal(self, number):
        self.must_run = False
        if self.poll() is None:
            self.popen.send_signal(number)

    def kill9(self):
        self.signal(signal.SIGKILL)
        self.popen.wait()

    def status(self, field):
        """A number of /proc/PID/status, such as RssAnon in kB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise Failure(f"{self.name}: no {field} in its status")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def clean_environment(more):
    """No proxy, no AWS settings of the machine's user. None takes one out."""
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.upper().startswith("AWS_")
        and not key.lower().endswith("_proxy")
    }
    env["HOME"] = stage.dir
    # Nobody but a scenario that plays them answers for an instance.
    env["AWS_EC2_METADATA_DISABLED"] = "true"
    env.update(more)
    return {key: value for key, value in env.items() if value is not None}


def tail_of(file, lines=15):
    try:
        with open(file, "rb") as opened:
            text = opened.read().decode("utf-8", "backslashreplace")
    except OSError as error:
        return f"    ({error})"
    return "\n".join("    " + at[:300] for at in text.splitlines()[-lines:])


def binary(variable):
    found = os.environ.get(variable)
    check(found, f"{variable} is not set: the path of the binary")
    check(os.access(found, os.X_OK), f"{variable}: cannot run {found}")
    return found


# ---------------------------------------------------------------------------
# The sandbox

Record = collections.namedtuple(
    "Record", "sequence shard stream request index key data"
)

ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


def unescape(data):
    if b"\\" not in data:
        return data
    return ESCAPE.sub(
        lambda m: ESCAPED.get(m[1]) or bytes([int(m[1][1:], 16)]), data
    )


class Sandbox:
    """kinesis-sandbox on 127.0.0.1, and what it took.

    cert: None (made by itself), "own" (made here: the same for every start,
    for endpoints that come back), "wrong-name" or "expired".
    """

    ACCESS_KEY = "AKIDSANDBOX"
    SECRET_KEY = "sandbox-secret"

    def __init__(
        self,
        tls=True,
        cert=None,
        streams=None,
        options=(),
        start=True,
        store=True,
    ):
        self.tls = tls
        self.options = list(options)
        self.ca_file = own("ca.pem") if tls else None
        self.port = 0
        self.process = None
        self.keep = store
        self.stores = []
        self.taken = []
        if tls and cert == "own":
            self.ca_file, pem, key = make_certificate()
            self.options += ["--cert", pem, "--key", key]
        elif tls:
            self.options += ["--ca-out", self.ca_file]
        if cert == "wrong-name":
            self.options += ["--cert-name", "another.example"]
        elif cert == "expired":
            self.options += ["--cert-expired"]
        for name, shards in (streams or {}).items():
            self.options += ["--stream", f"{name}:{shards}"]
        if start:
            self.start()
        else:
            self.port = free_port()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self):
        store = own(f"store-{len(stage.processes)}")
        ready = own(f"ready-{len(stage.processes)}")
        self.process = Process(
            "sandbox",
            [
                binary("KINESIS_SANDBOX"),
                *("--listen-port", self.port),
                "--tls" if self.tls else "--plain",
                *("--access-key", self.ACCESS_KEY),
                *("--secret-key", self.SECRET_KEY),
                *(("--store", store) if self.keep else ()),
                *("--ready-file", ready),
                *self.options,
            ],
        )
        wait_until(
            lambda: os.path.exists(ready) and read(ready).endswith(b"\n"),
            "the sandbox to listen",
        )
        self.port = int(read(ready).decode().strip().rsplit(":", 1)[1])
        self.stores.append(Store(store))
        return self

    def stop(self):
        """The endpoint goes away; what it took stays known."""
        self.process.signal(signal.SIGTERM)
        code = self.process.wait_exit()
        check(code == 0, f"the sandbox: {self.process.ending()}")
        self.process = None

    def call(self, method, where, body=None):
        """A control request; its JSON answer, if it has one."""
        if self.tls:
            context = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=10 * SLOW, context=context
            )
        else:
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=10 * SLOW
            )
        try:
            connection.request(
                method,
                where,
                None if body is None else json.dumps(body),
                {"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        check(
            200 <= answer.status < 300,
            f"sandbox: {method} {where}: {answer.status} {text[:200]!r}",
        )
        return json.loads(text) if text[:1] in (b"{", b"[") else None

    def stats(self):
        return self.call("GET", "/sandbox/stats")

    def fault(self, kind, **rule):
        """Play a fault: count (default 1, -1 for ever), after, stream, share,
        ms."""
        self.call("POST", "/sandbox/faults", {"fault": kind, **rule})

    def no_faults(self):
        self.call("DELETE", "/sandbox/faults")

    def shards(self, stream, shards, throttle):
        self.call(
            "POST",
            "/sandbox/shards",
            {"stream": stream, "shards": shards, "throttle": throttle},
        )

    def records(self):
        """Everything it has taken so far, over all its lives, in order."""
        if self.process and self.process.poll() is None:
            self.call("POST", "/sandbox/flush")
        for life, store in enumerate(self.stores):
            self.taken.extend(store.news(life))
        return self.taken


class Store:
    """One store file, read on from where we were."""

    def __init__(self, file):
        self.file = file
        self.rest = b""
        self.offset = 0

    def news(self, life):
        if not os.path.exists(self.file):
            return
        with open(self.file, "rb") as opened:
            opened.seek(self.offset)
            fresh = opened.read()
        self.offset += len(fresh)
        *lines, self.rest = (self.rest + fresh).split(b"\n")
        for line in lines:
            sequence, shard, stream, request, index, key, data = line.split(
                b"\t", 6
            )
            yield Record(
                int(sequence),
                shard.decode(),
                stream.decode(),
                (life, int(request)),
                int(index),
                key,
                unescape(data),
            )


def free_port():
    """A port of 127.0.0.1 that nobody listens on, for now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_certificate():
    """A CA and a certificate for 127.0.0.1: paths of CA, certificate, key."""
    ca, ca_key = own("own-ca.pem"), own("own-ca.key")
    pem, key, request = own("own.pem"), own("own.key"), own("own.csr")
    extensions = own("own.ext")
    with open(extensions, "w", encoding="ascii") as out:
        out.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split()
    run("openssl", "req", "-x509", *curve, "-keyout", ca_key, "-out", ca,
        "-subj", "/CN=scenario CA", "-days", "2")  # fmt: skip
    run("openssl", "req", *curve, "-keyout", key, "-out", request,
        "-subj", "/CN=localhost")  # fmt: skip
    run("openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey",
        ca_key, "-CAcreateserial", "-days", "2", "-extfile", extensions,
        "-out", pem)  # fmt: skip
    return ca, pem, key


def run(*argv):
    """Run a program to its end; its standard output. Fails if it does."""
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60 * SLOW,
        check=False,
    )
    check(
        done.returncode == 0,
        f"{' '.join(argv)}: {done.returncode}: {done.stderr.decode()}",
    )
    return done.stdout


def read(file):
    with open(file, "rb") as opened:
        return opened.read()


# ---------------------------------------------------------------------------
# The agent


def flow(pattern, stream, **keys):
    """A flow as scenarios like it: quick, and from the file's start. `pattern`
    is one or a list."""
    where = "deliveryStream" if keys.pop("firehose", False) else "kinesisStream"
    if isinstance(pattern, str):
        pattern = os.path.join(stage.dir, pattern)
    else:
        pattern = [os.path.join(stage.dir, at) for at in pattern]
    return {
        "filePattern": pattern,
        where: stream,
        "initialPosition": "START_OF_FILE",
        "maxBufferAgeMillis": 50,
        "retryInitialBackoffMillis": 20,
        "retryMaxBackoffMillis": 200,
        **keys,
    }


def yaml(config):
    """A configuration as YAML; a JSON scalar is a YAML one."""
    lines = []
    for key, value in config.items():
        if key != "flows":
            lines.append(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    lines.append("flows:")
    for entry in config.get("flows", []):
        mark = "  - "
        for key, value in entry.items():
            text = json.dumps(value, ensure_ascii=False)
            lines.append(f"{mark}{key}: {text}")
            mark = "    "
    return "\n".join(lines) + "\n"


class Agent:
    """kinesis-agent with a configuration. Keys given here replace the
    harness's own; None takes one out. `wrap` is put before the command and
    must replace itself with it (setpriv, prlimit, unshare)."""

    def __init__(self, sandbox, flows, settings=None, name="agent", wrap=()):
        self.name = name
        self.wrap = list(wrap)
        self.environment = {}  # beside the usual
        self.arguments = []  # the same
        self.state = path("state")
        self.binary = binary("KINESIS_AGENT")
        self.config = {
            "stateDirectory": self.state,
            "checkpointIntervalMillis": 100,
            "awsAccessKeyId": Sandbox.ACCESS_KEY,
            "awsSecretAccessKey": Sandbox.SECRET_KEY,
            "kinesis.endpoint": sandbox.url,
            "firehose.endpoint": sandbox.url,
            "kinesis.region": "eu-west-1",
        }
        if sandbox.ca_file:
            self.config["caFile"] = sandbox.ca_file
        self.config["flows"] = flows
        self.configure(settings or {})
        self.process = None
        self.file = None

    def configure(self, settings):
        """Change settings for the next start."""
        self.config.update(settings)
        self.config = {
            key: value for key, value in self.config.items() if value is not None
        }

    def unprivileged(self):
        """Run it as nobody. Anybody but root has no privilege anyway."""
        if os.geteuid() == 0:
            who = ["setpriv", "--reuid=65534", "--regid=65534"]
            self.wrap += [*who, "--clear-groups"]
            os.makedirs(self.state, exist_ok=True)
            os.chown(self.state, 65534, 65534)
            # To where nobody may run it from.
            self.binary = shutil.copy(self.binary, own("kinesis-agent"))
        return self

    def use_file(self, file, text):
        """Start with this very file from now on."""
        self.file = file
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)

    def start(self):
        if self.file is None:
            self.write_config()
        file = self.file or own(f"{self.name}.yaml")
        self.process = Process(
            self.name,
            [self.binary, "-c", file, *self.arguments],
            env=self.environment,
            wrap=self.wrap,
        )
        return self

    def write_config(self):
        with open(own(f"{self.name}.yaml"), "w", encoding="utf-8") as out:
            out.write(yaml(self.config))

    def reload(self, flows=None, settings=None, good=True, tell=None):
        """Change the configuration (or write `tell` in its place) and have it
        read again; it must be taken, or if not `good` refused."""
        answer = r": adopted \(flows: " if good else r": not adopted: "
        before = len(self.log_lines(answer))
        if tell is not None:
            with open(own(f"{self.name}.yaml"), "w", encoding="utf-8") as out:
                out.write(tell)
        else:
            if flows is not None:
                self.config["flows"] = flows
            self.configure(settings or {})
            self.write_config()
        self.process.popen.send_signal(signal.SIGHUP)
        wait_until(
            lambda: len(self.log_lines(answer)) > before,
            lambda: f"the reload to be answered by {answer}\n"
            f"{tail_of(self.process.log_path)}",
        )

    def wait_ready(self):
        """Until it has taken its places in the files that are there."""
        self.wait_log(r"following")
        return self

    def stop(self, number=signal.SIGTERM, seconds=10, code=0):
        """Ask it to end; it must do so with this exit code."""
        self.process.signal(number)
        given = self.process.wait_exit(seconds)
        check(given == code, f"the agent after SIGTERM: {self.process.ending()}")

    def kill9(self):
        self.process.kill9()

    def wait_log(self, pattern, seconds=10):
        return self.process.wait_log(pattern, seconds)

    def wait_exit(self, seconds=10):
        return self.process.wait_exit(seconds)

    def log_lines(self, pattern):
        return self.process.log_lines(pattern)

    def wait_settled(self):
        """Until its checkpoint files have not changed for five intervals."""
        still = 5 * self.config["checkpointIntervalMillis"] / 1000 * SLOW
        seen = [None, time.monotonic()]

        def settled():
            now = fingerprint(self.state)
            if now != seen[0]:
                seen[:] = now, time.monotonic()
            return time.monotonic() - seen[1] > still

        wait_until(settled, "the checkpoint to settle")


def fingerprint(directory):
    """Names, sizes and times of a directory's files."""
    found = []
    for entry in os.scandir(directory):
        try:
            status = entry.stat()
        except FileNotFoundError:
            continue
        found.append((entry.name, status.st_size, status.st_mtime_ns))
    return sorted(found)


def need_root(what):
    if os.geteuid() != 0:
        raise Skip(f"needs root {what}")


# ---------------------------------------------------------------------------
# Logs


class LogWriter:
    """Writes numbered lines, each unlike any other, and remembers them.

    A line is "NAME SEQUENCE FILLER": who wrote it, when in his order, and
    random bytes, so that a torn, mixed or changed line is known as such.
    """


    def __init__(self, file, name=None, filler=(0, 160), hold=True):
        """`hold`: keep the file open between writes, as loggers do."""
        self.file = path(file)
        self.name = name or file.replace("/", "_")
        self.filler = filler
        self.hold = hold
        self.lines = []
        self.births = [0]  # number of the first line of each file
        self.lock = threading.Lock()
        self.thread = None
        self.stopping = False
        self.trouble = None
        os.makedirs(os.path.dirname(self.file), exist_ok=True)
        self.fd = self.open() if hold else None
        stage.writers.append(self)

    def open(self):
        return os.open(
            self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644
        )

    def make(self, count):
        """The next `count` lines; not yet written."""
        rng, pool, made = stage.rng, stage.noise, []
        at = len(self.lines)
        for sequence in range(at, at + count):
            start = rng.randrange(len(pool) - self.filler[1])
            filler = pool[start : start + rng.randint(*self.filler)]
            made.append(b"%s %08d %s\n" % (
                self.name.encode(), sequence, filler))  # fmt: skip
        return made

    def write(self, count=1):
        """Write `count` lines with one write."""
        with self.lock:
            lines = self.make(count)
            self.put(b"".join(lines))
            self.lines.extend(lines)
        return lines

    def put(self, data):
        fd = self.fd if self.hold else self.open()
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        if not self.hold:
            os.close(fd)

    def write_line(self, data):
        """Write this very line, whatever it holds."""
        with self.lock:
            self.put(data)
            self.lines.append(data)

    def reopen(self):
        """Go on in a new file under the old name, as after a HUP."""
        with self.lock:
            os.close(self.fd)
            self.fd = self.open()
            self.births.append(len(self.lines))

    def file_of(self, number):
        """Which of its files line `number` went to, counted from 1."""
        return bisect.bisect_right(self.births, number)

    def rotate(self, reopen=True):
        """Rename .1 to .2 and so on, the file to .1, and create it anew.
        Whoever writes meanwhile writes into .1 until `reopen`."""
        last = 1
        while os.path.exists(f"{self.file}.{last}"):
            last += 1
        for number in range(last, 1, -1):
            os.rename(f"{self.file}.{number - 1}", f"{self.file}.{number}")
        os.rename(self.file, f"{self.file}.1")
        if reopen:
            self.reopen()

    def begin(self, rate, burst=0.01):
        """Write about `rate` lines a second in the background."""

        def keep_writing():
            try:
                due = time.monotonic()
                while not self.stopping:
                    self.write(max(1, int(rate * burst)))
                    due = max(due + burst, time.monotonic() - 0.1)
                    time.sleep(max(0, due - time.monotonic()))
            except Exception as error:  # told by stop()
                self.trouble = error

        self.stopping = False
        self.thread = threading.Thread(target=keep_writing, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        """End the writing in the background."""
        self.stopping = True
        if self.thread:
            self.thread.join()
            self.thread = None
        check(self.trouble is None, f"writing {self.file}: {self.trouble}")


# ---------------------------------------------------------------------------
# The account


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3, 7"; long lists are cut."""
    parts = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    text = [f"{a}-{b}" if b > a else f"{a}" for a, b in parts[:12]]
    return ", ".join(text) + (", …" if len(parts) > 12 else "")


class Account:
    """What was written against what arrived: lost, repeated, torn, order."""

    def __init__(self, sandbox, *writers, stream=None):
        self.sandbox = sandbox
        self.writers = writers
        self.stream = stream

    def arrived(self):
        """The records of our stream, in order of acceptance."""
        records = self.sandbox.records()
        if self.stream is None:
            return records
        return [at for at in records if at.stream == self.stream]

    def counts(self):
        return collections.Counter(at.data for at in self.arrived())

    def missing(self):
        there = self.counts()
        return sum(
            line not in there for at in self.writers for line in at.lines
        )

    def wait_delivered(self, seconds=20):
        """Until every line that was written has arrived."""
        missing = None
        position = 0
        left = {line for at in self.writers for line in list(at.lines)}

        def all_there():
            nonlocal position, missing
            records = self.sandbox.records()
            for record in records[position:]:
                if self.stream is None or record.stream == self.stream:
                    left.discard(record.data)
            position = len(records)
            return not left

        wait_until(
            all_there, lambda: f"delivery\n{self.report()}", seconds
        )

    def wait_some(self, count, seconds=20):
        """Until at least `count` records have arrived."""
        wait_until(
            lambda: len(self.arrived()) >= count,
            lambda: f"{count} records; {len(self.arrived())} are there",
            seconds,
        )

    def places(self):
        return {
            line: (writer, number)
            for writer in self.writers
            for number, line in enumerate(writer.lines)
        }

    def repeats(self):
        """How many records arrived beyond the first of their kind."""
        return sum(self.counts().values()) - len(self.counts())

    def repeated_lines(self):
        return {data for data, n in self.counts().items() if n > 1}

    def lost(self):
        there = self.counts()
        return [
            line for at in self.writers for line in at.lines
            if line not in there
        ]  # fmt: skip

    def torn(self):
        places = self.places()
        return [at for at in self.arrived() if at.data not in places]

    def disorder(self, across=False):
        """Requests in which lines of one file stand in the wrong order.
        `across`: the order of all requests is held to it."""
        places, last, wrong = self.places(), {}, []
        for record in sorted(
            self.arrived(), key=lambda at: (at.request, at.index)
        ):
            if record.data not in places:
                continue
            writer, number = places[record.data]
            group = (writer, writer.file_of(number))
            if not across:
                group += (record.request,)
            if number < last.get(group, -1):
                wrong.append((record.request, last[group], number))
            last[group] = number
        return wrong

    def report(self, across=False):
        """The whole account in a few lines."""
        places, counts = self.places(), self.counts()
        written = sum(len(at.lines) for at in self.writers)
        torn, disorder = self.torn(), self.disorder(across)
        text = [
            f"  written {written}, arrived {sum(counts.values())}, "
            f"lost {len(self.lost())}, repeated {self.repeats()}, "
            f"torn {len(torn)}, out of order {len(disorder)}"
        ]
        for title, lines in (
            ("lost", self.lost()),
            ("repeated", self.repeated_lines() & places.keys()),
        ):
            numbers = collections.defaultdict(list)
            for line in lines:
                writer, number = places[line]
                numbers[writer].append(number)
            for writer, at in numbers.items():
                text.append(f"  {title} of {writer.name}: {ranges(at)}")
        for record in torn[:5]:
            text.append(
                f"  torn in request {record.request}, index {record.index}: "
                f"{len(record.data)} bytes {record.data[:80]!r}"
            )
        for request, before, after in disorder[:5]:
            text.append(f"  request {request}: {after} stands after {before}")
        return "\n".join(text)

    def settle(self, repeated=0, across=False):
        """Nothing lost, nothing torn, in order; `repeated` is the most that
        may have come twice (None: does not matter)."""
        good = not self.lost() and not self.torn() and not self.disorder(across)
        if repeated is not None:
            good = good and self.repeats() <= repeated
        check(good, f"the account does not balance\n{self.report(across)}")
        return self


# ---------------------------------------------------------------------------
# Playing


def sanitizer_findings():
    for process in stage.processes:
        text = read(process.log_path)
        if SANITIZER.search(text):
            yield f"{process.name}: {tail_of(process.log_path, 60)}"


def perform(play, case):
    arguments = [case] if case is not None else []
    play(*arguments)
    stage.strike()
    for finding in sanitizer_findings():
        raise Failure(finding)


def scenario(play):
    """Play it now, if its file is the one that was started; so it stands last
    in its file. A line CASES = "a b c" there: it is played once for each, with
    its name as argument."""
    global stage
    if play.__module__ != "__main__":
        return play
    # SIGTERM (CTest's timeout, an impatient hand) unwinds like a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    case = sys.argv[1] if len(sys.argv) > 1 else None
    stage = Stage()
    print(f"seed {stage.seed}", flush=True)
    code = 1
    try:
        perform(play, case)
        code = 0
    except Skip as reason:
        print(f"skipped: {reason}")
        code = SKIPPED
    except Failure as failure:
        print(f"FAILED: {failure}")
        at = traceback.extract_tb(failure.__traceback__)
        for frame in at:
            if frame.filename == os.path.abspath(sys.argv[0]):
                print(f"  at line {frame.lineno}: {frame.line}")
    except Exception:
        traceback.print_exc(file=sys.stdout)
    finally:
        stage.strike()
        if code == 1:
            for process in stage.processes:
                print(f"--- {process.name} ({process.log_path})")
                print(tail_of(process.log_path))
            print(f"kept: {stage.dir}")
        else:
            shutil.rmtree(stage.dir, ignore_errors=True)
    sys.stdout.flush()
    os._exit(code)
