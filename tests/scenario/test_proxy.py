# SPDX-License-Identifier: Apache-2.0
"""A proxy in the environment is obeyed, and named at the start without its
password: nobody should have to guess why an endpoint cannot be reached. What
no_proxy names is reached directly."""

from harness import Account, Agent, LogWriter, Sandbox, check, flow, scenario


@scenario
def play():
    sandbox = Sandbox()
    log = LogWriter("app.log")
    log.write(100)
    proxy = "https_proxy=http://someone:sesame@127.0.0.1:9"
    agent = Agent(
        sandbox, [flow("app.log", "one")], {"shutdownTimeoutMillis": 100}
    )
    agent.wrap = ["env", proxy]
    agent.start()
    agent.wait_log(r"proxy 127\.0\.0\.1:9 \(https_proxy ")
    agent.wait_log("warn .*cannot be reached")
    agent.stop()
    agent.wait_log("warn .*stopped before 100 records were answered")
    check(not agent.log_lines("sesame"), "a password in the log")
    agent.wrap = ["env", proxy, "no_proxy=127.0.0.1"]
    agent.start()
    account = Account(sandbox, log)
    account.wait_delivered()
    agent.stop()
    account.settle()
