# SPDX-License-Identifier: Apache-2.0
"""`kinesis-agent check` reaches every endpoint once, all at a time, and says what
failed: name, connection, certificate or time; which credentials there are, and
whether each role can be assumed, never a secret; and how far the clock is off.
It sends no record."""

import json
import socket
import threading
import time
from email.utils import formatdate

from harness import SLOW, Agent, LogWriter, Process, Sandbox, check, flow
from harness import free_port, own, scenario, yaml

BARE = {"awsAccessKeyId": None, "awsSecretAccessKey": None}
ROLE = "arn:aws:iam::123456789012:role/"


def ask(agent, settings=None, flows=None, env=None, wrap=()):
    config = {**agent.config, **(settings or {})}
    config = {key: value for key, value in config.items() if value is not None}
    config["flows"] = flows or config["flows"]
    with open(own("check.yaml"), "w", encoding="utf-8") as out:
        out.write(yaml(config))
    process = Process("check", [agent.binary, "check", "--json", "-c", own("check.yaml")],
                      env=env, wrap=wrap)  # fmt: skip
    code = process.wait_exit(30)
    with open(process.out_path, encoding="utf-8") as out:
        text = out.read()
    check(Sandbox.SECRET_KEY not in text + process.log_text(), "it told a secret")
    found = [
        (one["level"], one["about"], one["text"] + "; " + one.get("cure", ""))
        for one in json.loads(text)["findings"]
    ]
    return code, found


def expect(found, level, about, *words):
    for one in found:
        if one[:2] == (level, about) and all(word in one[2] for word in words):
            return
    check(False, f"no {level} of {about} with {words}: {found}")


def endpoints(sandbox, silent):
    """One of each kind, asked together: it takes as long as the slowest."""
    agent = Agent(sandbox, [flow("*.log", "one")])
    other = Sandbox(cert="own")  # of an authority that is not ours
    plain = Sandbox(tls=False)
    flows = [
        flow("*.log", "one"),
        flow("*.log", "two"),
        flow("*.log", "name", endpoint="https://no-such-host.invalid"),
        flow("*.log", "refused", endpoint=f"https://127.0.0.1:{free_port()}"),
        flow("*.log", "trust", endpoint=other.url),
        flow("*.log", "late",
             endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}"),
        flow("*.log", "tls", endpoint=plain.url.replace("http:", "https:")),
    ]  # fmt: skip
    # A program that does not end is waited for no longer than a server.
    with open(own("profile"), "w", encoding="utf-8") as out:
        out.write("[default]\ncredential_process = sleep 1000\n")
    began = time.monotonic()
    code, found = ask(agent, BARE, flows, env={"AWS_CONFIG_FILE": own("profile")})
    took = time.monotonic() - began
    check(code == 7, found)
    check(took < 9 * SLOW, f"it took {took} s")
    expect(found, "ok", "endpoint", sandbox.url, "answers")
    expect(found, "hurts", "endpoint", "no-such-host", "name server")
    expect(found, "hurts", "endpoint", flows[3]["endpoint"], "firewall")
    expect(found, "hurts", "endpoint", other.url, "certificate", "caFile")
    expect(found, "hurts", "endpoint", "no answer within", "whatever stands between")
    expect(found, "ok", "clock", "within")
    expect(found, "hurts", "credentials", "the AWS profile", "sleep")
    check(sum(sandbox.url in one[2] for one in found) == 1, "asked twice")
    # Through a proxy that is not there.
    code, found = ask(agent, {"proxy": f"http://127.0.0.1:{free_port()}"})
    expect(found, "hurts", "endpoint", "proxy")
    code, found = ask(agent, {"caFile": own("check.yaml")})
    check(code == 1, found)
    expect(found, "error", "endpoint", "caFile")


def identities(sandbox):
    roles = [flow("*.log", name, assumeRoleARN=ROLE + name)
             for name in ("writer", "stranger")]  # fmt: skip
    agent = Agent(sandbox, roles, {"sts.endpoint": sandbox.url})
    code, found = ask(agent)
    check(code == 7, found)
    expect(found, "ok", "credentials", Sandbox.ACCESS_KEY, "the configuration")
    expect(found, "ok", "credentials", ROLE + "writer", "for 3")
    expect(found, "hurts", "credentials", ROLE + "stranger", "AccessDenied",
           "wait for them")  # fmt: skip
    # Of the environment; and of nobody.
    keys = {"AWS_ACCESS_KEY_ID": Sandbox.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": Sandbox.SECRET_KEY}  # fmt: skip
    code, found = ask(agent, BARE, [flow("*.log", "one")], env=keys)
    check(code == 0, found)
    expect(found, "ok", "credentials", "the environment")
    code, found = ask(agent, BARE, env={"AWS_EC2_METADATA_DISABLED": "true"})
    check(code == 1, found)
    expect(found, "error", "credentials", "AWS_ACCESS_KEY_ID")
    expect(found, "note", "credentials", "was not tried")


def answer_once(server, date):
    """As a server does whose clock is off."""
    peer, _ = server.accept()
    with peer:
        peer.recv(4096)
        peer.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n"
                     + f"Date: {formatdate(date, usegmt=True)}\r\n\r\n".encode())  # fmt: skip


def clocks(sandbox):
    for off, level, word in ((600, "hurts", "s behind the endpoint"),
                             (-600, "hurts", "s ahead of the endpoint"),
                             (205, "ok", "within 20")):  # fmt: skip
        server = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=answer_once, args=(server, time.time() + off))
        thread.start()
        port = server.getsockname()[1]
        agent = Agent(sandbox, [flow("*.log", "one",
                                     endpoint=f"http://127.0.0.1:{port}")])  # fmt: skip
        code, found = ask(agent)
        thread.join()
        server.close()
        check(code == (7 if level == "hurts" else 0), found)
        expect(found, level, "clock", word, "set-ntp" if level == "hurts" else "")
        expect(found, "ok", "endpoint", str(port))


@scenario
def play():
    LogWriter("app.log").write(1)
    silent = socket.create_server(("127.0.0.1", 0))
    sandbox = Sandbox(options=["--role", "writer"])
    endpoints(sandbox, silent)
    identities(sandbox)
    clocks(sandbox)
    check(not sandbox.records(), "something was sent")
