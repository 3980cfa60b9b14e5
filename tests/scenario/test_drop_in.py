# SPDX-License-Identifier: Apache-2.0
"""In the Java agent's place, with its agent.json, its agent.d and its logs:
what arrives is byte for byte what it would have sent, but where it errs (those
are marked "right"); what it does that cannot be done here is refused.

What users' configurations, dashboards and scripts depend on, and what shows
that it is kept:

 1 agent.json and agent.d/*, comments, strings for numbers and booleans,
   every key, unknown ones told of    here; unit.config_java_keys,
                                      unit.config_dropins, unit.config_json
 2 a record is its line with its newline, CR kept, empty lines sent; the
   JSON of each option                here (framing, the options);
                                      unit.parser_java
 3 globs in the last part only, hidden files, .gz .bz2 .zip passed over,
   the end of a file to begin at, rotated names under the same glob
                                      here (globs); unit.pattern;
                                      scenario.starts_at_the_end,
                                      scenario.rotation_matrix
 4 500 records, 5 MiB and 4 MiB a request, 1 MiB and 1,000 KiB a record, cut,
   with the terminator                here (cut, cut_firehose); unit.batch;
                                      scenario.long_lines
 5 LOGTOJSON: what does not match is dropped, - is null for Apache's formats;
   what an option fails at goes as it came
                                      here (common, own_pattern, instance);
                                      unit.parser_java
 6 the order of credentials, assumeRoleARN, endpoints with or without https://
                                      scenario.credentials,
                                      unit.config_endpoints
 7 CloudWatch's namespace, names and dimensions
                                      scenario.cloudwatch
 8 the service's name, the log's path and its progress lines
                                      tests/packages.py (the unit's alias),
                                      scenario.log_file,
                                      scenario.progress_lines
 9 its database of positions, read once
                                      scenario.continues_from_java,
                                      scenario.java_rows, unit.import
10 not kept: plug-ins and providers in Java (refused: here), one key for a
   whole buffer (here: deterministic), ending on data, /var/run for positions
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import signal

from harness import Account, Agent, LogWriter, Process, Sandbox, binary
from harness import check, flow, path, scenario, wait_until, yaml

CASES = "examples globs refusals more"


# That agent publishes its metrics unless it is told not to.
AT_HOME = {"cloudwatch.emitMetrics": False}


def csv(names, **keys):
    return {"optionName": "CSVTOJSON", "customFieldNames": names, **keys}


def logged(of, **keys):
    return {"optionName": "LOGTOJSON", "logFormat": of, **keys}


def option(name, **keys):
    return {"optionName": name, **keys}


FOUR = ["column1", "column2", "column3", "column4"]
THREE = ["c1", "c2", "c3"]
OWN = r'^([\d.]+) (\S+) (\S+) \[([\w:/]+\s[+\-]\d{4})\] "(.+?)" (\d{3})'
OWN_NAMES = ["host", "ident", "authuser", "datetime", "request", "response"]

# What a flow's log is called: its keys, the log, the records. A record may be
# a pattern, where a time stands in it.
EXAMPLES = {
    "framing": (
        {},
        b"one\r\n\n  two \n\xff\xfe\x00\nunfinished",
        [b"one\r\n", b"\n", b"  two \n", b"\xff\xfe\x00\n"],
    ),
    "header": ({"skipHeaderLines": "2"}, b"a\nb\nc\n", [b"c\n"]),
    "footer": ({"fileFooterPattern": "#END"}, b"a\n #END \nb\n", [b"a\n"]),
    "multiline": (
        {"multiLineStartPattern": r"\[\d+\]"},
        b"[1] x\n  at a\n  at b\n[2] y\n[3] z\n  at c\n",
        [b"[1] x\n  at a\n  at b\n", b"[2] y\n", b"[3] z\n  at c\n"],
    ),
    "single": (
        {
            "multiLineStartPattern": r"\{",
            "dataProcessingOptions": [option("SINGLELINE")],
        },
        b'{\n   "a": 1,\n   "b": 2  \n}\n',
        [b'{"a": 1,"b": 2}\n'],
    ),
    "single_escaped": (
        {
            "multiLineStartPattern": r"\{",
            "dataProcessingOptions": [
                option("SINGLELINE", parseOptions=["ESCAPE_NEW_LINE"])
            ],
        },
        b'{\n   "a": {\n  "b": 1,\n "c": 2\n }\n }\n',
        [rb'{\\n"a": {\\n"b": 1,\\n"c": 2\\n}\\n}' + b"\n"],
    ),
    "single_as_it_is": (
        {
            "multiLineStartPattern": r"\{",
            "dataProcessingOptions": [
                option(
                    "SINGLELINE", parseOptions=["NO_TRIM", "ESCAPE_NEW_LINE"]
                )
            ],
        },
        b'{\n  "a": 1 \n}\n',
        [rb'{\\n  "a": 1 \\n}' + b"\n"],
    ),
    "csv": (
        {
            "multiLineStartPattern": "value1",
            "dataProcessingOptions": [csv(FOUR)],
        },
        b"value1, value2,valu\ne3,    value4\n"
        b"value1, value2,value3\n"
        b"value1,value2,value3,value4,value5\n"
        b"value1,,\n",
        [
            b'{"column1":"value1","column2":" value2","column3":"valu\\ne3",'
            b'"column4":"    value4"}\n',
            b'{"column1":"value1","column2":" value2","column3":"value3",'
            b'"column4":null}\n',
            b'{"column1":"value1","column2":"value2","column3":"value3",'
            b'"column4":"value4"}\n',
            b'{"column1":"value1","column2":null,"column3":null,'
            b'"column4":null}\n',
        ],
    ),
    "tabs": (
        {"dataProcessingOptions": [csv(FOUR, delimiter=r"\t")]},
        b"value1\t value2\tvalue3\t    value4\n",
        [
            b'{"column1":"value1","column2":" value2","column3":"value3",'
            b'"column4":"    value4"}\n'
        ],
    ),
    "bars": (
        {"dataProcessingOptions": [csv(THREE, delimiter=r"\|")]},
        b"ab|cd|ef\n",
        [b'{"c1":"ab","c2":"cd","c3":"ef"}\n'],
    ),
    # right: it took | for an alternation of nothing and nothing, did not know
    # quotes, and kept a CR in the last column
    "csv_right": (
        {"dataProcessingOptions": [csv(THREE, delimiter="|")]},
        b'ab|cd|ef\nv1| v2|"q|x"\nx|y|z\r\n',
        [
            b'{"c1":"ab","c2":"cd","c3":"ef"}\n',
            b'{"c1":"v1","c2":" v2","c3":"q|x"}\n',
            b'{"c1":"x","c2":"y","c3":"z"}\n',
        ],
    ),
    "pretty": (
        {"dataProcessingOptions": [csv(THREE, jsonFormat="PRETTYPRINT")]},
        b"ab,cd\n",
        [b'{\n  "c1" : "ab",\n  "c2" : "cd",\n  "c3" : null\n}\n'],
    ),
    "combined": (
        {"dataProcessingOptions": [logged("COMBINEDAPACHELOG")]},
        b'123.45.67.89 - - [27/Oct/2000:09:27:09 -0400] "GET '
        b'/java/javaResources.html HTTP/1.0" 200 10450 "-" "Mozilla/4.6 '
        b'[en] (X11; U; OpenBSD 2.8 i386; Nav)" "ANY_RANDOM_DATA"\n',
        [
            b'{"host":"123.45.67.89","ident":null,"authuser":null,'
            b'"datetime":"27/Oct/2000:09:27:09 -0400","request":"GET '
            b'/java/javaResources.html HTTP/1.0","response":"200",'
            b'"bytes":"10450","referer":null,"agent":"Mozilla/4.6 [en] '
            b'(X11; U; OpenBSD 2.8 i386; Nav)"}\n'
        ],
    ),
    "common": (
        {"dataProcessingOptions": [logged("COMMONAPACHELOG")]},
        b"no access to anything\n"
        b'127.0.0.1 - ann [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200\n'
        b'127.0.0.1 - ann [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" '
        b"200 2326\n",
        [
            b'{"host":"127.0.0.1","ident":null,"authuser":"ann",'
            b'"datetime":"10/Oct/2000:13:55:36 -0700","request":'
            b'"GET / HTTP/1.0","response":"200","bytes":"2326"}\n'
        ],
    ),
    # right: it dropped IPv6 hosts, empty requests and CRLF
    "common_right": (
        {"dataProcessingOptions": [logged("COMMONAPACHELOG")]},
        b'::1 - - [10/Oct/2000:13:55:36 -0700] "" 400 0\r\n',
        [
            b'{"host":"::1","ident":null,"authuser":null,'
            b'"datetime":"10/Oct/2000:13:55:36 -0700","request":"",'
            b'"response":"400","bytes":"0"}\n'
        ],
    ),
    "errors": (
        {"dataProcessingOptions": [logged("APACHEERRORLOG")]},
        b"[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid "
        b"4328636416] [client 72.15.99.187] no\n"
        b"[Fri Sep 09 10:42:29 2011] [error] [pid 35708] "
        b"[client 72.15.99.187:61000] no\n",
        [
            b'{"timestamp":"Fri Sep 09 10:42:29.902022 2011","module":"core",'
            b'"severity":"error","processid":"35708","threadid":"4328636416",'
            b'"client":"72.15.99.187","message":"no"}\n',
            b'{"timestamp":"Fri Sep 09 10:42:29 2011","module":null,'
            b'"severity":"error","processid":"35708","threadid":null,'
            b'"client":"72.15.99.187:61000","message":"no"}\n',
        ],
    ),
    "syslog": (
        {
            "dataProcessingOptions": [
                logged("SYSLOG", customFieldNames=["t", "h", "p", "i", "m"])
            ]
        },
        b"Mar 12 12:00:08 server2 rcd[308]: Loaded 12 packages \n"
        b"Mar  2 12:00:08 server2 rcd: -\n",
        [
            b'{"t":"Mar 12 12:00:08","h":"server2","p":"rcd","i":"308",'
            b'"m":"Loaded 12 packages "}\n',
            b'{"t":"Mar  2 12:00:08","h":"server2","p":"rcd","i":null,'
            b'"m":"-"}\n',
        ],
    ),
    "new_syslog": (
        {"dataProcessingOptions": [logged("RFC3339SYSLOG")]},
        b"2016-04-21T10:11:12.123456+01:00 h p[9]: x\n",
        [
            b'{"timestamp":"2016-04-21T10:11:12.123456+01:00","hostname":"h",'
            b'"program":"p","processid":"9","message":"x"}\n'
        ],
    ),
    "own_pattern": (
        {
            "dataProcessingOptions": [
                logged("SYSLOG", matchPattern=OWN, customFieldNames=OWN_NAMES)
            ]
        },
        b'1.2.3.4 - - [27/Oct/2000:09:27:09 -0400] "GET /x HTTP/1.0" 200\n'
        b'1.2.3.4 - - [27/Oct/2000:09:27:09 -0400] "GET /x HTTP/1.0" 200 1\n',
        [
            b'{"host":"1.2.3.4","ident":"-","authuser":"-",'
            b'"datetime":"27/Oct/2000:09:27:09 -0400","request":'
            b'"GET /x HTTP/1.0","response":"200"}\n'
        ],
    ),
    "metadata": (
        {
            "dataProcessingOptions": [
                option(
                    "ADDMETADATA",
                    metadata={"foo": {"bar": "bas"}, "key": "value"},
                )
            ]
        },
        b'hello "w"\t\xc3\xa9\n',
        [
            b'{"metadata":{"foo":{"bar":"bas"},"key":"value"},'
            b'"data":"hello \\"w\\"\\t\xc3\xa9"}\n'
        ],
    ),
    "time": (
        {
            "dataProcessingOptions": [
                option("ADDMETADATA", timestamp="true", metadata={"k": "v"})
            ]
        },
        b"x\n",
        [
            re.compile(
                rb'\{"ts":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ",'
                rb'"metadata":\{"k":"v"\},"data":"x"\}\n'
            )
        ],
    ),
    # No instance answers: as it came.
    "instance": (
        {
            "dataProcessingOptions": [
                option("ADDEC2METADATA", logFormat="SYSLOG")
            ]
        },
        b'{ "a": 1 }\nno JSON\n',
        [b'{ "a": 1 }\n', b"no JSON\n"],
    ),
    "brackets": (
        {"dataProcessingOptions": [option("ADDBRACKETS")]},
        b"hello there!! :)\n",
        [b"{hello there!! :)\n}"],
    ),
    "chain": (
        {"dataProcessingOptions": [csv(["a", "b"]), option("ADDBRACKETS")]},
        b"x,y\n",
        [b'{{"a":"x","b":"y"}\n}'],
    ),
    # right: the same key for a whole buffer of them
    "deterministic": (
        {"partitionKeyOption": "DETERMINISTIC"},
        b"one\ntwo\n",
        [b"one\n", b"two\n"],
    ),
    "joined": (
        {"deliveryStream": "joined", "aggregatedRecordSizeBytes": "10"},
        b"1234\n5678\nabcd\na line beyond the hint\nx\n",
        [b"1234\n5678\n", b"abcd\n", b"a line beyond the hint\n", b"x\n"],
    ),
    "cut_firehose": (
        {
            "deliveryStream": "cut_firehose",
            "truncatedRecordTerminator": "\nEOE\n",
        },
        b"y" * 1100000 + b"\nz\n",
        [b"y" * (1024000 - 5) + b"\nEOE\n", b"z\n"],
    ),
    "cut": (
        {},
        b"y" * 1100000 + b"\nz\n",
        [re.compile(rb"y{1048530,1048574}\n"), b"z\n"],
    ),
}


def key_is_right(name, record):
    """The key's bytes count as the record's, and a record's own MD5 is it."""
    if name == "cut" and len(record.data) > 2:
        return len(record.data) + len(record.key) == 1 << 20
    if name == "deterministic":
        return record.key.decode() == hashlib.md5(record.data).hexdigest()
    return True


def is_record(expected, data):
    if isinstance(expected, bytes):
        return expected == data
    return expected.fullmatch(data) is not None


def arrived(sandbox, name):
    found = [at for at in sandbox.records()
             if at.stream in (name, "firehose:" + name)]  # fmt: skip
    return sorted(found, key=lambda at: (at.request, at.index))


def as_java(text):
    """JSON as its users write it."""
    return "// of the Java agent\n" + text.replace(
        "{", "{ /* a\n\tcomment */\t", 1
    )


def flow_of(name, keys):
    """As the Java agent's users write it: numbers are strings, too."""
    return {
        "filePattern": path("logs", name + ".log*"),
        **({} if "deliveryStream" in keys else {"kinesisStream": name}),
        "initialPosition": "START_OF_FILE",
        "maxBufferAgeMillis": "1000",
        "publishQueueCapacity": 10,
        **keys,
    }


def examples():
    sandbox = Sandbox(tls=False)
    os.makedirs(path("logs"))
    os.makedirs(path("agent.d"))
    for name, (_, text, _) in EXAMPLES.items():
        with open(path("logs", name + ".log"), "wb") as out:
            out.write(text)
    flows = [flow_of(name, keys) for name, (keys, _, _) in EXAMPLES.items()]
    agent = Agent(sandbox, flows[:8])
    agent.configure({**AT_HOME, "maxConnections": "20", "nobodyKnowsThis": [1]})
    agent.use_file(path("agent.json"), as_java(json.dumps(agent.config)))
    for at, part in (("b", flows[8:16]), ("a.conf", flows[16:])):
        with open(path("agent.d", at), "w", encoding="utf-8") as out:
            out.write(as_java(json.dumps({"flows": part}, indent="\t")))
    with open(path("agent.d", "z"), "w", encoding="utf-8") as out:
        out.write("no JSON")
    agent.start()
    for name, (_, _, expected) in EXAMPLES.items():
        wait_until(
            lambda name=name, want=expected: len(arrived(sandbox, name))
            >= len(want),
            lambda name=name: f"{name}: {arrived(sandbox, name)}",
        )
    agent.stop()
    for name, (_, _, expected) in EXAMPLES.items():
        records = arrived(sandbox, name)
        data = [at.data for at in records]
        short = [at[:300] for at in data]
        check(
            len(data) == len(expected)
            and all(map(is_record, expected, data)),
            f"{name}: {short}",
        )
        for record in records:
            check(key_is_right(name, record), f"{name}: {record.key}")
    for said in (
        r"agent\.json:\d+:\d+: nobodyKnowsThis: no such setting",
        r"agent\.json:\d+:\d+: publishQueueCapacity: the Java agent's, ",
        r"agent\.d/z:1:1: not valid JSON: .*; the file is passed over",
    ):
        check(len(agent.log_lines(said)) == 1, f"{said}: {agent.process.ending()}")


# Below `literal[1]*`: what the pattern *.l?g{,.[0-9]**} names, and what not.
MATCHING = "a.log .hidden.log a.l_g b.log.1 c.log.2.old"
OTHERS = "a.LOG a.log.gz a.log.1.GZ a.log.1.bz2 a.log.1.zip a.log.x x/a.log"


def globs():
    sandbox = Sandbox(tls=False)
    folder = path("literal[1]*")
    for name in [*MATCHING.split(), *OTHERS.split(), "../literal1x/a.log"]:
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "wb") as out:
            out.write(f"{name}\n".encode())
    with gzip.open(os.path.join(folder, "d.log.1.gz"), "wb") as out:
        out.write(b"d\n")
    keys = {
        "filePattern": folder + "//*.l?g{,.[0-9]**}",
        "kinesisStream": "one",
        "initialPosition": "START_OF_FILE",
        "maxBufferAgeMillis": 1000,
    }
    agent = Agent(sandbox, [keys], AT_HOME)
    agent.use_file(path("agent.json"), json.dumps(agent.config))
    agent.start()
    expected = sorted(f"{name}\n".encode() for name in MATCHING.split())
    wait_until(
        lambda: len(arrived(sandbox, "one")) >= len(expected),
        lambda: f"{arrived(sandbox, 'one')}",
    )
    with open(os.path.join(folder, ".later.log"), "wb") as out:
        out.write(b".later.log\n")
    expected = sorted([*expected, b".later.log\n"])
    wait_until(
        lambda: len(arrived(sandbox, "one")) >= len(expected),
        lambda: f"{arrived(sandbox, 'one')}",
    )
    agent.stop()
    data = sorted(at.data for at in arrived(sandbox, "one"))
    check(data == expected, f"{data}")
    # The agent.yaml that is made of it finds the same, and nothing else.
    imported(agent)
    shutil.rmtree(agent.state)
    agent.start()
    wait_until(
        lambda: len(arrived(sandbox, "one")) >= 2 * len(expected),
        lambda: f"{arrived(sandbox, 'one')}",
    )
    agent.stop()
    data = sorted(at.data for at in arrived(sandbox, "one"))
    check(data == sorted(2 * expected), f"{data}")


def imported(agent):
    """From now on `agent` has the agent.yaml that import prints; without
    secrets it would be refused."""
    for more, code in (([], 1), (["--secrets"], 0)):
        made = Process(
            "import",
            [binary("KINESIS_AGENT"), "import", *more, "-c", agent.file],
        )
        check(made.wait_exit() == 0, made.ending())
        with open(made.out_path, encoding="utf-8") as out:
            text = out.read()
        check(("sandbox-secret" in text) == (code == 0), text)
        with open(path("agent.yaml"), "w", encoding="utf-8") as out:
            out.write(text)
        judged = Process(
            "check",
            [binary("KINESIS_AGENT"), "check", "--offline", "-c",
             path("agent.yaml")],
        )  # fmt: skip
        check((judged.wait_exit() == 1) == (code == 1), judged.ending())
    agent.file = path("agent.yaml")


def refusals():
    """Going on would send raw data, or as somebody else."""
    sandbox = Sandbox(tls=False)
    plain = {"filePattern": path("a.log"), "kinesisStream": "one"}
    provider = "userDefinedCredentialsProvider.classname"
    plug = {"optionName": "USINGPLUGGIN", "className": "a.B"}
    with open(path("a.log"), "w", encoding="utf-8") as out:
        out.write("x\n")
    for key, settings, keys, cure in (
        (provider, {provider: "a.B"}, {}, "credential_process"),
        ("USINGPLUGGIN", {}, {"dataProcessingOptions": [plug]}, "take"),
    ):
        agent = Agent(sandbox, [{**plain, **keys}], settings)
        agent.use_file(path("agent.json"), json.dumps(agent.config))
        for command in (["run"], ["check", "--offline"]):
            process = Process(
                command[0],
                [binary("KINESIS_AGENT"), *command, "-c", path("agent.json")],
            )
            check(process.wait_exit() == 1, process.ending())
            said = process.log_lines(rf"agent\.json:1:\d+: .*{key}")
            check(len(said) == 1 and cure in said[0], process.ending())
    # Keys that only a Java machine would read.
    config = {**agent.config, "flows": [plain]}
    del config["awsAccessKeyId"], config["awsSecretAccessKey"]
    agent.use_file(path("agent.json"), json.dumps(config))
    for command in (["run"], ["check", "--offline"]):
        process = Process(
            command[0],
            [binary("KINESIS_AGENT"), *command, "-c", path("agent.json")],
            env={"JVM_ARGS": "-Xmx64m -Daws.accessKeyId=A -Dhttps.proxyHost=h"},
        )
        check(process.wait_exit() == 1, process.ending())
        check(process.log_lines("send as somebody else"), process.ending())
        check(process.log_lines("set proxy in .*agent.json"), process.ending())
    check(not os.path.exists(agent.state), "the state directory was made")
    check(sandbox.stats()["requests"] == 0, "something was sent")


def more():
    """A file that is put into agent.d is followed at a SIGHUP; with a bad one
    there, what was goes on."""
    sandbox = Sandbox(tls=False)
    logs = [LogWriter(f"{name}.log") for name in ("one", "two")]
    for log in logs:
        log.write(10)
    accounts = [Account(sandbox, log, stream=log.name[:3]) for log in logs]
    agent = Agent(sandbox, [flow("one.log", "one")])
    agent.use_file(path("agent.yaml"), yaml(agent.config))
    agent.start()
    accounts[0].wait_delivered()
    os.mkdir(path("agent.d"))
    with open(path("agent.d", "b.yaml"), "w", encoding="utf-8") as out:
        out.write(yaml({"flows": [flow("two.log", "two")]}))
    agent.process.signal(signal.SIGHUP)
    agent.wait_log(r"agent\.yaml: adopted")
    accounts[1].wait_delivered()
    with open(path("agent.d", "c.yaml"), "w", encoding="utf-8") as out:
        out.write("flows:\n  - filePattern: x\n")
    agent.process.signal(signal.SIGHUP)
    agent.wait_log(r"agent\.yaml: not adopted")
    check(agent.log_lines(r"agent\.d/c\.yaml:2:5: filePattern: not an abs"),
          agent.process.ending())  # fmt: skip
    for log in logs:
        log.write(10)
    for account in accounts:
        account.wait_delivered()
    agent.stop()
    for account in accounts:
        account.settle()


@scenario
def play(case):
    {
        "examples": examples,
        "globs": globs,
        "refusals": refusals,
        "more": more,
    }[case]()
