# SPDX-License-Identifier: Apache-2.0
"""Whoever the agent is told to be, it is, and stays: credentials of every
provider are taken, are renewed before they expire (no request is ever signed
by expired ones), and outlive whoever gives them out failing."""

import os
import sys

from harness import (
    SLOW,
    Account,
    Agent,
    LogWriter,
    Sandbox,
    check,
    flow,
    path,
    scenario,
    stays_true,
    wait_until,
)

CASES = "web-identity container metadata version-1 process profile roles hang outage revoked late region"

# How long credentials live: renewed at half of it.
SECONDS = max(2, int(2 * SLOW))
ROLE = "arn:aws:iam::123456789012:role/"
NO_KEYS = {"awsAccessKeyId": None, "awsSecretAccessKey": None}


class Play:
    """A sandbox whose stream only `role` may write to, an agent, a log."""

    def __init__(self, role=None, options=(), start=True, tls=False, lines=100, **more):
        grant = ["--grant", f"one:{role}"] if role else []
        life = ["--credentials-seconds", str(SECONDS)]
        self.sandbox = Sandbox(
            tls=tls, options=[*grant, *life, *options], start=start
        )
        self.log = LogWriter("app.log")
        self.log.write(lines)
        self.agent = Agent(
            self.sandbox,
            [flow("app.log", "one")],
            {"sts.endpoint": self.sandbox.url, **NO_KEYS, **more},
        )
        self.account = Account(self.sandbox, self.log)

    def stats(self, name):
        return self.sandbox.stats()[name]

    def set(self, **what):
        self.sandbox.call("POST", "/sandbox/credentials", what)

    def runs_through(self, renewals):
        """It goes on and on, through so many renewals."""
        issued = self.stats("issued")
        self.log.begin(200)
        wait_until(
            lambda: self.stats("issued") >= issued + renewals,
            lambda: f"{renewals} renewals; {self.sandbox.stats()}",
            (renewals + 5) * SECONDS,
        )
        self.log.stop()

    def ends_well(self):
        self.account.wait_delivered()
        self.agent.stop()
        self.account.settle()
        stats = self.sandbox.stats()
        check(stats["expired_tokens"] == 0, f"signed by expired keys: {stats}")
        check(stats["bad_signatures"] == 0, f"refused: {stats}")
        said = self.agent.process.log_text()
        for secret in ("sandbox-secret", "IQoJ", "token-1", "token-2"):
            check(secret not in said, f"shows {secret}")


def write(name, text):
    with open(path(name + ".new"), "w", encoding="ascii") as out:
        out.write(text)
    os.rename(path(name + ".new"), path(name))
    return path(name)


def web_identity():
    """The pod's token is read anew at each renewal."""
    play = Play("pod", ["--web-identity", "token-1"], tls=True)
    play.agent.environment = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": write("token", "token-1\n"),
        "AWS_ROLE_ARN": ROLE + "pod",
        "AWS_ROLE_SESSION_NAME": "pod-7",
    }
    play.agent.start()
    play.account.wait_delivered()
    play.set(webIdentity="token-2")
    write("token", "token-2")
    play.runs_through(2)
    callers = play.stats("callers")
    check([*callers][0].endswith("assumed-role/pod/pod-7"), f"is {callers}")
    play.ends_well()


def container():
    """So is the container's authorization token."""
    play = Play("container", ["--container-token", "token-1"])
    play.agent.environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": play.sandbox.url
        + "/container/credentials?id=1",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": write("token", "token-1"),
    }
    play.agent.start()
    play.account.wait_delivered()
    play.set(containerToken="token-2")
    write("token", "token-2\n")
    play.runs_through(2)
    play.ends_well()


def metadata():
    """An instance's role, by version 2; by version 1 only where it may."""
    play = Play("machine", ["--instance-role", "machine"])
    play.agent.environment = {
        "AWS_EC2_METADATA_DISABLED": None,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": play.sandbox.url + "/",
    }
    play.sandbox.fault("not-found", stream="imds-token")
    play.sandbox.fault("garbage", stream="imds-credentials")
    play.agent.start()
    play.agent.wait_log("warn .*no token: answered 404.*instanceMetadataV1")
    play.account.wait_delivered()
    play.runs_through(2)
    play.ends_well()
    played = play.stats("faults")
    check(played == {"garbage": 1, "not-found": 1}, f"played: {played}")


def version_1():
    """Version 1 is asked only where the option allows it; otherwise one line
    names the option, and nothing is sent."""
    play = Play("machine", ["--instance-role", "machine", "--imds-v1"])
    play.agent.configure({"shutdownTimeoutMillis": 1000})
    play.agent.environment = {
        "AWS_EC2_METADATA_DISABLED": None,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": play.sandbox.url,
    }
    play.sandbox.fault("not-found", stream="imds-token", count=-1)
    play.agent.start()
    said = play.agent.wait_log("warn .*no token: answered 404")
    check("instanceMetadataV1" in said, f"names no cure: {said}")
    wait_until(
        lambda: play.stats("faults").get("not-found", 0) >= 2,
        "a second try",
    )
    said = play.agent.log_lines("no token")
    check(len(said) == 1, f"says it {len(said)} times: {said}")
    check(play.stats("issued") == 0, "asked without a token")
    play.agent.stop()

    play.agent.configure({"instanceMetadataV1": True})
    play.agent.start()
    play.account.wait_delivered()
    play.runs_through(1)
    play.ends_well()


def process():
    """What a program prints is taken for as long as it says. No shell reads
    its command line."""
    script = write(
        "keys.py",
        "import datetime, json, sys, time\n"
        "assert sys.argv[1:] == ['a b', '$HOME', '`x`;', '|'], sys.argv\n"
        f"until = int(time.time()) + {SECONDS}\n"
        "until = datetime.datetime.fromtimestamp(until,"
        " datetime.timezone.utc)\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': 'AKIDSANDBOX',"
        " 'SecretAccessKey': 'sandbox-secret',"
        " 'Expiration': until.isoformat()}))\n"
        f"open({path('runs')!r}, 'a').write('.')\n",
    )
    play = Play()
    command = f"{sys.executable} {script} 'a b' $HOME `x`; |"
    play.agent.environment = {
        "AWS_CONFIG_FILE": write(
            "config", f"[default]\ncredential_process = {command}\n"
        )
    }
    play.agent.start()
    wait_until(
        lambda: os.path.exists(path("runs"))
        and os.path.getsize(path("runs")) >= 3,
        "three runs",
        6 * SECONDS,
    )
    play.ends_well()


def profile():
    """A role by way of another role by way of keys, each in a profile."""
    play = Play(
        "last",
        ["--role", "first", "--role", "last:id/2"],
        tls=True,
    )
    play.agent.environment = {
        "AWS_PROFILE": "blue",
        "AWS_CONFIG_FILE": write(
            "config",
            f"[profile blue]\nrole_arn = {ROLE}last\nexternal_id = id/2\n"
            "source_profile = green\nrole_session_name = it\n"
            f"[profile green]\nrole_arn = {ROLE}first\n"
            "source_profile = red\nregion = eu-north-1\n",
        ),
        "AWS_SHARED_CREDENTIALS_FILE": write(
            "credentials",
            "[red]\naws_access_key_id = AKIDSANDBOX\n"
            "aws_secret_access_key = sandbox-secret\n",
        ),
    }
    play.agent.start()
    play.account.wait_delivered()
    play.runs_through(4)
    play.ends_well()


def two_roles(play):
    """Flows one and two with roles of their own, three with none."""
    play.agent.configure(
        {
            "awsAccessKeyId": Sandbox.ACCESS_KEY,
            "awsSecretAccessKey": Sandbox.SECRET_KEY,
            "flows": [
                flow(
                    "app.log",
                    "one",
                    assumeRoleARN=ROLE + "first",
                    assumeRoleExternalId="id-1",
                ),
                flow("app.log", "two", assumeRoleARN=ROLE + "second"),
                flow("app.log", "three"),
            ],
        }
    )
    return play


def every_stream(play):
    return [
        Account(play.sandbox, play.log, stream=name)
        for name in ("one", "two", "three")
    ]


def roles():
    """Several identities at once, each for its flows."""
    play = Play(
        "first",
        ["--role", "first:id-1", "--role", "second", "--grant", "two:second"],
        tls=True,
    )
    two_roles(play).agent.start()
    accounts = every_stream(play)
    play.runs_through(4)
    for account in accounts:
        account.wait_delivered()
    play.agent.stop()
    for account in accounts:
        account.settle()
    stats = play.sandbox.stats()
    check(stats["expired_tokens"] == 0, f"signed by expired keys: {stats}")
    check(len(stats["callers"]) == 2, f"signed by {stats['callers']}")


def hang():
    """STS that accepts and never answers holds up whom it should make, and
    nobody else."""
    play = Play("first", ["--grant", "two:second"], tls=True)
    play.sandbox.fault("no-answer", stream="sts", count=-1)
    two_roles(play).agent.configure({"shutdownTimeoutMillis": 100})
    play.agent.start()
    one, _, three = every_stream(play)
    three.wait_delivered()
    play.log.write(1000)
    three.wait_delivered(5)
    check(one.missing() == 1100, "sent without the role")
    play.agent.stop()  # while it hangs


def outage():
    """Whoever gives keys out fails: they are used to their end and not
    beyond; the log says why; all goes on when it is over."""
    play = Play("first", tls=True, assumeRoleARN=ROLE + "first")
    play.agent.configure(
        {
            "awsAccessKeyId": Sandbox.ACCESS_KEY,
            "awsSecretAccessKey": Sandbox.SECRET_KEY,
        }
    )
    play.agent.start()
    play.account.wait_delivered()
    play.sandbox.fault("500", stream="sts", count=2)
    play.sandbox.fault("denied", stream="sts", count=-1)
    play.agent.wait_log(
        "warn .*the role .*first.*answered 500|InternalFailure.*hold for",
        2 * SECONDS,
    )
    requests = [-1]

    def quiet():
        """Has it stopped sending, with something to send?"""
        play.log.write(1)
        before, requests[0] = requests[0], play.stats("callers")
        return before == requests[0] and play.stats("issued") == 1 and (
            play.account.missing() > 20
        )

    wait_until(quiet, "its keys to expire", 4 * SECONDS)
    stays_true(lambda: play.stats("expired_tokens") == 0, 0.5, "silence")
    play.sandbox.no_faults()
    play.runs_through(1)
    play.ends_well()
    said = play.agent.log_lines("warn .*credentials:")
    check(len(said) <= 2, f"says it {len(said)} times: {said[:3]}")


def revoked():
    """AWS says that keys have expired which should hold: others are got, and
    it goes on."""
    play = Play("container")
    play.set(seconds=3600)
    play.agent.environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": play.sandbox.url
        + "/container/x"
    }
    play.agent.start()
    play.account.wait_delivered()
    for _ in range(2):
        play.set(revoke=True)
        play.log.write(100)
        play.account.wait_delivered()
    play.agent.stop()
    play.account.settle()
    check(play.stats("issued") == 3, f"issued {play.stats('issued')}")
    check(play.stats("expired_tokens") > 0, "was not played")


def late():
    """An instance's metadata may come after the agent."""
    play = Play("sandbox-instance", start=False)
    where = play.sandbox.url
    play.agent.environment = {
        "AWS_EC2_METADATA_DISABLED": None,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": where,
    }
    play.agent.config.update({"kinesis.endpoint": where})
    play.agent.start()
    said = play.agent.wait_log("warn .*instance metadata")
    check("tried again" in said, said)
    play.sandbox.start()
    play.ends_well()


def region():
    """What nobody wrote down is asked of the profile, then of the instance;
    without both the agent says so and ends."""
    keys = {
        "AWS_ACCESS_KEY_ID": Sandbox.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": Sandbox.SECRET_KEY,
    }
    play = Play(None, ["--instance-region", "sa-east-1"], lines=0)
    host = f"https://kinesis.amazonaws.com:{play.sandbox.port}"
    play.agent.environment = keys
    play.agent.configure({"kinesis.region": None, "kinesis.endpoint": host})
    play.agent.start()
    check(play.agent.wait_exit() == 1, "starts without a region")
    said = play.agent.log_lines("error .*no region is known for `one`")
    check(len(said) == 1, f"says {said}")

    profile_file = write("config", "[default]\nregion = sa-east-1\n")
    play.agent.environment = {**keys, "AWS_CONFIG_FILE": profile_file}
    play.agent.start()
    play.agent.wait_log("region: sa-east-1, from the AWS profile")
    play.agent.stop()

    play.agent.environment = {
        **keys,
        "AWS_EC2_METADATA_DISABLED": None,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": play.sandbox.url,
    }
    play.agent.start()
    play.agent.wait_log("region: sa-east-1, from the instance metadata")
    play.agent.stop()


@scenario
def play(case):
    globals()[case.replace("-", "_")]()
