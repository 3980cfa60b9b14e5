# SPDX-License-Identifier: Apache-2.0
"""The Java agent's agent.json, with its comments and tabs, drives the agent
unchanged but for where the sandbox is."""

from harness import Account, Agent, LogWriter, Sandbox, path, scenario

AGENT_JSON = """\
// The configuration of the agent
{
\t"cloudwatch.emitMetrics": false,   /* no metrics
\t                                      here */
\t"kinesis.endpoint" : "%(url)s",
\t"firehose.endpoint": "%(url)s",
\t"kinesis.region": "eu-west-1",
\t"awsAccessKeyId": "AKIDSANDBOX",
\t"awsSecretAccessKey": "sandbox\\u002dsecret",
\t"caFile": "%(ca)s",
\t"checkpointFile": "%(state)s/checkpoints",
\t"flows": [
\t\t{ "filePattern": "%(dir)s/app.log*",  // one
\t\t  "kinesisStream": "one",
\t\t  "partitionKeyOption": "RANDOM",
\t\t  "maxBufferAgeMillis": "1000",
\t\t  "initialPosition": "START_OF_FILE" },
\t\t{ "filePattern": "%(dir)s/app.log*",
\t\t  "deliveryStream": "two",
\t\t  "maxBufferAgeMillis": 1000,
\t\t  "initialPosition": "START_OF_FILE" }
\t]
}
"""


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(1000)
    agent = Agent(sandbox, [])
    agent.use_file(
        path("agent.json"),
        AGENT_JSON
        % {
            "url": sandbox.url,
            "ca": sandbox.ca_file,
            "state": agent.state,
            "dir": path(),
        },
    )
    agent.start()
    accounts = [
        Account(sandbox, log, stream="one"),
        Account(sandbox, log, stream="firehose:two"),
    ]
    for account in accounts:
        account.wait_delivered()
    agent.stop()
    log.write(1000)
    agent.start()
    for account in accounts:
        account.wait_delivered()
    agent.stop()
    for account in accounts:
        account.settle()
