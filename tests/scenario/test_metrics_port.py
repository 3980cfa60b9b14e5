# SPDX-License-Identifier: Apache-2.0
"""At metrics.port Prometheus reads what really happened, of each flow under
its own name, whatever is in that; and a port that is taken keeps no line from
being delivered."""

import http.client
import socket

from prometheus_client.parser import text_string_to_metric_families

from harness import SLOW, Account, Agent, LogWriter, Sandbox, check, flow
from harness import free_port, scenario, wait_until

NAME = 'a "quoted" \\ näme'
LINES = 3000


def ask(port, path="/metrics", method="GET"):
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=10 * SLOW
    )
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


class Page:
    """One reading, as Prometheus's own parser understands it."""

    def __init__(self, port):
        answer, text = ask(port)
        check(answer.status == 200, f"status {answer.status}")
        check(
            answer.getheader("Content-Type").startswith("text/plain; version=0.0.4"),
            answer.getheader("Content-Type"),
        )
        self.values, self.types = {}, {}
        for family in text_string_to_metric_families(text):
            self.types[family.name] = family.type
            check(family.documentation, f"{family.name} has no HELP")
            for sample in family.samples:
                key = sample.name, tuple(sorted(sample.labels.items()))
                check(key not in self.values, f"twice: {key}")
                self.values[key] = sample.value

    def value(self, name, flow_name=None, **labels):
        if flow_name is not None:
            labels["flow"] = flow_name
        key = f"kinesis_agent_{name}", tuple(sorted(labels.items()))
        check(key in self.values, f"no {key}")
        return self.values[key]


def numbers_are_true(port, first, second):
    page = Page(port)
    size = sum(len(line) for line in first.lines)
    for name, amount in (
        ("read_records_total", LINES),
        ("delivered_records_total", LINES),
        ("delivered_bytes_total", size),
        ("read_bytes_total", size),
        ("lost_dead_letter_records_total", 0),
        ("files", 1),
    ):
        found = page.value(name, NAME)
        check(found == amount, f"{name}: {found}, not {amount}")
    check(page.value("delivered_records_total", "second") == 10, "the second")
    requests = page.value("requests_total", NAME)
    check(requests >= LINES / 500, f"{requests} requests")
    count = page.value("request_duration_seconds_count", NAME)
    check(count == requests, f"{count} durations of {requests} requests")
    check(page.value("delivery_delay_seconds_count", NAME) > 0, "no delays")
    check(page.value("lost_bytes_total", NAME, reason="vanished") == 0, "")
    check(page.types["kinesis_agent_delivered_records"] == "counter", "type")
    check(page.types["kinesis_agent_request_duration_seconds"] == "histogram", "")
    kept = [key for key, _ in page.values if key == "kinesis_agent_build_info"]
    check(len(kept) == 1, "no build_info")


def other_questions(port):
    check(ask(port, "/")[0].status == 404, "/")
    check(ask(port, "/metrics", "POST")[0].status == 405, "POST")
    answer, body = ask(port, "/metrics", "HEAD")
    check(answer.status == 200 and body == "", "HEAD")


@scenario
def play():
    sandbox = Sandbox()
    first, second = LogWriter("first.log"), LogWriter("second.log")
    first.write(LINES)
    second.write(10)
    port = free_port()
    agent = Agent(
        sandbox,
        [
            flow("first.log", "one", name=NAME),
            flow("second.log", "two", name="second", firehose=True),
        ],
        {"metrics.port": port},
    ).start()
    accounts = [
        Account(sandbox, first, stream="one"),
        Account(sandbox, second, stream="firehose:two"),
    ]
    for account in accounts:
        account.wait_delivered()
    wait_until(
        lambda: Page(port).value("delivered_records_total", NAME) == LINES
        and Page(port).value("delivered_records_total", "second") == 10,
        "the numbers to be there",
    )
    numbers_are_true(port, first, second)
    other_questions(port)
    agent.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        agent.configure({"metrics.port": taken.getsockname()[1]})
        agent.start()
        agent.wait_log("metrics: cannot listen at 127.0.0.1.*in use")
        first.write(100)
        for account in accounts:
            account.wait_delivered()
        agent.stop()
    for account in accounts:
        account.settle()
