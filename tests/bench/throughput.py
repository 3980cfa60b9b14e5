# SPDX-License-Identifier: Apache-2.0
"""How fast and how cheaply the agent ships a file of 180-byte lines over TLS
to the sandbox on the same machine, and beside it what the least correct work
costs there (floor.c), measured in the same run, in turn.

    tests/bench/throughput.py full BUILD-DIRECTORY [RUNS [MEGABYTES]]
    tests/bench/throughput.py latency BUILD-DIRECTORY [RUNS [MEGABYTES]]
    tests/bench/throughput.py parse BUILD-DIRECTORY [RUNS [MEGABYTES]]

`latency` has the sandbox answer after 50 ms, and no floor beside it: the least
work waits for each answer.

`parse` has lines of 200 bytes of a combined Apache log become JSON on the way,
and no floor either.

`smoke` is for CTest: one small run, judged only by coming to its end.
"""

import http.client
import json
import os
import ssl
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))

if len(sys.argv) > 2:
    build = os.path.abspath(sys.argv[2])
    os.environ["KINESIS_AGENT"] = f"{build}/kinesis-agent"
    os.environ["KINESIS_SANDBOX"] = f"{build}/tests/fake/kinesis-sandbox"
    os.environ["BENCH_FLOOR"] = f"{build}/tests/bench/floor"

import harness  # noqa: E402
from harness import Agent, Sandbox, binary, check, flow, path  # noqa: E402
from harness import run, scenario, wait_until  # noqa: E402

LINE = 180
BUDGET = 64 << 20
LATENCY_MS = 50
APACHE = 200
OPTIONS = [{"optionName": "LOGTOJSON", "logFormat": "COMBINEDAPACHELOG"}]


def make_log(megabytes):
    """A file of lines like a web server's; answers how many."""
    count = megabytes * 1000000 // LINE
    pool = harness.stage.rng.randbytes(1 << 16).hex().encode()
    with open(path("source.log"), "wb") as out:
        for at in range(count):
            start = at * 37 % (len(pool) - LINE)
            head = b"%012d " % at
            out.write(head + pool[start : start + LINE - 1 - len(head)] + b"\n")
    with open(path("source.log"), "rb") as warm:
        while warm.read(1 << 20):
            pass
    return count


def make_apache_log(megabytes):
    """The same of lines of a combined Apache log."""
    count = megabytes * 1000000 // APACHE
    with open(path("source.log"), "wb") as out:
        for at in range(count):
            line = (
                b'10.0.%d.%d - user%d [21/Nov/2026:10:%02d:%02d +0000] "GET '
                b'/static/%d.html HTTP/1.1" 200 %d "https://www.example.com/" '
                b'"Mozilla/5.0 (X11; Linux) '
                % (at >> 8 & 255, at & 255, at % 97, at // 60 % 60, at % 60,
                   at, at * 31 % 100000)
            )  # fmt: skip
            out.write(line.ljust(APACHE - 2, b"x") + b'"\n')
    with open(path("source.log"), "rb") as warm:
        while warm.read(1 << 20):
            pass
    return count


class Meter:
    """Asks the sandbox how far it is, over one connection, so that asking
    costs next to nothing."""

    def __init__(self, sandbox):
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", sandbox.port, context=ssl._create_unverified_context()
        )

    def accepted(self):
        self.connection.request("GET", "/sandbox/stats")
        answer = json.loads(self.connection.getresponse().read())
        return answer["accepted_records"]


def measure_floor():
    return json.loads(run(binary("BENCH_FLOOR"), path("source.log")))


def measure_agent(turn, count, latency_ms=0, line=LINE, first=b"first\n", **keys):
    """One run of agent and sandbox, both fresh; `keys` are the flow's, `first`
    is delivered before the time is taken. With `latency_ms`, all other
    settings are the agent's defaults."""
    sandbox = Sandbox(options=["--any-stream", "8"], store=False)
    if latency_ms:
        sandbox.fault("slow", count=-1, ms=latency_ms)
    meter = Meter(sandbox)
    logs = path(f"logs-{turn}")
    os.mkdir(logs)
    agent = Agent(
        sandbox,
        [flow(f"{logs}/*.log", "bench", maxBufferAgeMillis=200, **keys)],
        {
            "stateDirectory": path(f"state-{turn}"),
            "checkpointIntervalMillis": None,
            "memoryBudgetBytes": BUDGET,
        },
    ).start()
    with open(f"{logs}/first.log", "wb") as out:
        out.write(first)
    wait_until(lambda: meter.accepted() == 1, "the first delivery")
    idle = settled_rss(agent)

    agent_cpu = agent.process.cpu_seconds()
    sandbox_cpu = sandbox.process.cpu_seconds()
    began, busy = time.monotonic(), 0
    os.link(path("source.log"), f"{logs}/big.log")

    def done():
        nonlocal busy
        busy = max(busy, agent.process.status("RssAnon"))
        return meter.accepted() >= count + 1

    wait_until(done, "delivery", 120)
    took = time.monotonic() - began
    gb = count * line / 1e9
    figures = {
        "records_per_s": count / took,
        "mb_per_s": gb * 1000 / took,
        "cpu_s_per_gb": (agent.process.cpu_seconds() - agent_cpu) / gb,
        "sandbox_cpu_s_per_gb": (
            sandbox.process.cpu_seconds() - sandbox_cpu) / gb,
        "rss_anon_idle_kb": idle,
        "rss_anon_busy_kb": busy,
        "rss_anon_idle_again_kb": settled_rss(agent),
    }  # fmt: skip
    check(meter.accepted() == count + 1, "more was delivered than is there")
    agent.stop()
    sandbox.stop()
    return figures


def settled_rss(agent):
    """RssAnon once it has not fallen for a second."""
    least = [agent.process.status("RssAnon"), time.monotonic()]

    def still():
        now = agent.process.status("RssAnon")
        if now < least[0]:
            least[:] = now, time.monotonic()
        return time.monotonic() - least[1] > 1

    wait_until(still, "the agent to come to rest", 30)
    return agent.process.status("RssAnon")


def rounded(figures):
    return {key: round(value, 2) for key, value in figures.items()}


def medians(runs):
    return {
        key: statistics.median(at[key] for at in runs) for key in runs[0]
    }


def play_parse(runs, count):
    agents = []
    with open(path("source.log"), "rb") as source:
        first = source.readline()
    for turn in range(runs):
        agents.append(
            measure_agent(turn, count, line=APACHE, first=first,
                          dataProcessingOptions=OPTIONS)
        )  # fmt: skip
        print(rounded(agents[-1]), "load", os.getloadavg()[0], flush=True)
    agent = medians(agents)
    print(
        f"\n{count} lines of {APACHE} bytes to JSON, medians of {runs} runs\n"
        f"records/s      {agent['records_per_s']:10.0f}\n"
        f"MB/s           {agent['mb_per_s']:10.1f}\n"
        f"CPU s/GB       {agent['cpu_s_per_gb']:10.2f}\n"
        f"MB/s a core    {1000 / agent['cpu_s_per_gb']:10.1f}\n"
        f"RssAnon kB     {agent['rss_anon_busy_kb']:.0f} busy"
    )


def play_latency(runs, count):
    agents = []
    for turn in range(runs):
        agents.append(measure_agent(turn, count, LATENCY_MS))
        print(rounded(agents[-1]), "load", os.getloadavg()[0], flush=True)
    agent = medians(agents)
    print(
        f"\n{count} lines of {LINE} bytes, each answer after {LATENCY_MS} ms, "
        f"medians of {runs} runs\n"
        f"records/s      {agent['records_per_s']:10.0f}\n"
        f"MB/s           {agent['mb_per_s']:10.1f}\n"
        f"CPU s/GB       {agent['cpu_s_per_gb']:10.2f}\n"
        f"RssAnon kB     {agent['rss_anon_busy_kb']:.0f} busy"
    )


@scenario
def play(case):
    smoke = case == "smoke"
    runs = 1 if smoke else int((sys.argv + [""] * 4)[3] or 5)
    megabytes = 8 if smoke else int((sys.argv + [""] * 5)[4] or 300)
    if case == "parse":
        play_parse(runs, make_apache_log(megabytes))
        return
    count = make_log(megabytes)
    if case == "latency":
        play_latency(runs, count)
        return
    floors, agents = [], []
    for turn in range(runs):
        floors.append(measure_floor())
        agents.append(measure_agent(turn, count))
        print("floor", floors[-1], "\nagent", rounded(agents[-1]))
    floor, agent = medians(floors), medians(agents)
    print(
        f"\n{count} lines of {LINE} bytes, medians of {runs} runs\n"
        f"               {'agent':>10} {'floor':>10}\n"
        f"MB/s           {agent['mb_per_s']:10.1f} {floor['mb_per_s']:10.1f}\n"
        f"CPU s/GB       {agent['cpu_s_per_gb']:10.2f}"
        f" {floor['cpu_s_per_gb']:10.2f}\n"
        f"receiver s/GB  {agent['sandbox_cpu_s_per_gb']:10.2f}"
        f" {floor['sink_cpu_s_per_gb']:10.2f}\n"
        f"RssAnon kB     {agent['rss_anon_idle_kb']:.0f} idle,"
        f" {agent['rss_anon_busy_kb']:.0f} busy (budget {BUDGET >> 10}),"
        f" {agent['rss_anon_idle_again_kb']:.0f} idle again"
    )
