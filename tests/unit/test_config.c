/* SPDX-License-Identifier: Apache-2.0
 *
 * What settings mean in our own YAML: defaults, values, ranges, and what is
 * said of a mistake.
 */
#include "config_case.h"

#include "config/settings.h"
#include "config/value.h"

static void
a_small_file_is_enough(void **state)
{
	struct config *c = config_ok(A_FLOW, false);
	const struct flow_config *f = &c->flows[0];

	(void)state;
	assert_int_equal(c->flow_count, 1);
	assert_false(c->java);
	assert_string_equal(f->patterns[0], "/var/log/*.log");
	assert_string_equal(f->target, "s");
	assert_string_equal(f->name, "kinesis:s:/var/log/*.log");
	assert_string_equal(f->region, "eu-west-1");
	assert_null(f->endpoint);
	assert_int_equal(f->destination, DESTINATION_STREAM);
	assert_int_equal(f->wire, CONFIG_WIRE_CBOR);
	assert_int_equal(f->position, POSITION_END_OF_FILE);
	assert_int_equal(f->key_option, KEY_RANDOM);
	assert_int_equal(f->oversize, OVERSIZE_TRUNCATE);
	assert_string_equal(f->terminator, "\n");
	assert_true(f->keep_newline);
	assert_int_equal(f->skip_headers, 0);
	assert_null(f->footer);
	assert_int_equal(f->partial_ms, 0);
	assert_int_equal(f->age_ms, 1000);
	assert_int_equal(f->max_records, 500);
	assert_int_equal(f->max_bytes, 5 << 20);
	assert_int_equal(f->backoff_first_ms, 100);
	assert_int_equal(f->backoff_max_ms, 10000);
	assert_int_equal(f->max_in_flight, 48);
	assert_int_equal(f->rescan_ms, 10000);
	assert_string_equal(c->state_directory, "/var/lib/kinesis-agent");
	assert_string_equal(
	    c->checkpoint_file, "/var/lib/kinesis-agent/checkpoints.sqlite");
	assert_int_equal(c->checkpoint_ms, 1000);
	assert_int_equal(c->memory_budget, 64 << 20);
	assert_int_equal(c->shutdown_ms, 10000);
	assert_int_equal(c->max_connections, 50);
	assert_int_equal(c->connect_timeout_ms, 10000);
	assert_int_equal(c->socket_timeout_ms, 50000);
	assert_false(c->tcp_keepalive);
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_null(c->access_key);
	assert_null(c->secret_key);
	assert_null(c->session_token);
	assert_null(c->ca_file);
	assert_null(c->user_agent);
	assert_null(c->user_agent_override);
	draft_free(c);
}

static void
every_setting_is_heard(void **state)
{
	struct config *c =
	    config_ok("kinesis.endpoint: KINESIS.eu-west-1.amazonaws.com/\n"
		      "awsAccessKeyId: AK\n"
		      "awsSecretAccessKey: se/cret+\n"
		      "awsSessionToken: tok\n"
		      "caFile: /ca.pem\n"
		      "stateDirectory: /state\n"
		      "checkpointIntervalMillis: 2s\n"
		      "memoryBudgetBytes: 1 GiB\n"
		      "maxConnections: 7\n"
		      "connectionTimeoutMillis: 1m\n"
		      "socketTimeoutMillis: 500ms\n"
		      "useTcpKeepAlive: yes\n"
		      "shutdownTimeoutMillis: 0\n"
		      "userAgent: a b\n"
		      "userAgentOverride: c\n"
		      "log: {level: debug}\n"
		      "flows:\n"
		      "- filePattern: //var//log///x?\n"
		      "  excludePattern: ['*.tmp', '/var/log/{a,b}/**']\n"
		      "  name: \"my flow\"\n"
		      "  kinesisStream: s.t_u-1\n"
		      "  initialPosition: START_OF_FILE\n"
		      "  maxBufferAgeMillis: 10\n"
		      "  maxBufferSizeRecords: 1\n"
		      "  maxBufferSizeBytes: 10MiB\n"
		      "  maxInFlight: 256\n"
		      "  partitionKeyOption: DETERMINISTIC\n"
		      "  wireFormat: json\n"
		      "  keepNewline: False\n"
		      "  oversizeRecords: split\n"
		      "  truncatedRecordTerminator: '...'\n"
		      "  retryInitialBackoffMillis: 0\n"
		      "  retryMaxBackoffMillis: 1h\n"
		      "  maxTimeBetweenFileTrackerRefreshMillis: 30s\n",
		false);
	const struct flow_config *f = &c->flows[0];

	(void)state;
	assert_string_equal(
	    f->endpoint, "https://kinesis.eu-west-1.amazonaws.com");
	assert_string_equal(f->region, "eu-west-1");
	assert_string_equal(c->access_key, "AK");
	assert_string_equal(c->secret_key, "se/cret+");
	assert_string_equal(c->session_token, "tok");
	assert_string_equal(c->ca_file, "/ca.pem");
	assert_string_equal(c->checkpoint_file, "/state/checkpoints.sqlite");
	assert_null(c->import_file);
	assert_string_equal(f->name, "my flow");
	assert_string_equal(f->java_id, "kinesis:s.t_u-1:/var/log/x?");
	assert_int_equal(c->checkpoint_ms, 2000);
	assert_int_equal(c->memory_budget, 1 << 30);
	assert_int_equal(c->max_connections, 7);
	assert_int_equal(c->connect_timeout_ms, 60000);
	assert_int_equal(c->socket_timeout_ms, 500);
	assert_true(c->tcp_keepalive);
	assert_int_equal(c->shutdown_ms, 0);
	assert_string_equal(c->user_agent, "a b");
	assert_string_equal(c->user_agent_override, "c");
	assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
	assert_string_equal(f->name, "my flow");
	assert_string_equal(f->patterns[0], "/var/log/x?");
	assert_null(f->patterns[1]);
	assert_string_equal(f->excludes[0], "*.tmp");
	assert_string_equal(f->excludes[1], "/var/log/{a,b}/**");
	assert_null(f->excludes[2]);
	assert_int_equal(f->position, POSITION_START_OF_FILE);
	assert_int_equal(f->age_ms, 10);
	assert_int_equal(f->max_records, 1);
	assert_int_equal(f->max_bytes, 10 << 20);
	assert_int_equal(f->max_in_flight, 256);
	assert_int_equal(f->key_option, KEY_DETERMINISTIC);
	assert_int_equal(f->wire, CONFIG_WIRE_JSON);
	assert_false(f->keep_newline);
	assert_int_equal(f->oversize, OVERSIZE_SPLIT);
	assert_string_equal(f->terminator, "...");
	assert_int_equal(f->backoff_first_ms, 0);
	assert_int_equal(f->backoff_max_ms, 3600000);
	assert_int_equal(f->rescan_ms, 30000);
	draft_free(c);
}

static void
dotted_and_nested_keys_are_the_same(void **state)
{
	static const char *const texts[] = {
		"kinesis.endpoint: h\nkinesis.region: eu-west-1\n" A_FLOW,
		"kinesis: {endpoint: h, region: eu-west-1}\n" A_FLOW,
		"kinesis:\n  endpoint: h\n  region: eu-west-1\n" A_FLOW,
		"kinesis: {endpoint: h}\nkinesis.region: eu-west-1\n" A_FLOW,
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct config *c = config_ok(texts[i], false);

		assert_string_equal(c->kinesis_endpoint, "https://h");
		assert_string_equal(c->kinesis_region, "eu-west-1");
		draft_free(c);
	}
}

#define IN_FLOW(line)  A_FLOW "  " line "\n"
#define IN_AGENT(line) line "\n" A_FLOW
#define UNITS_MS       "ms, s, m or h behind them if you like"
#define UNITS_BYTES    "KiB, MiB or GiB behind them if you like"

static void
a_wrong_value_is_told_with_its_place_and_what_is_allowed(void **state)
{
	static const struct config_case cases[] = {
		{ IN_FLOW("maxInFlight: 0"),
		    { "5:3: maxInFlight: out of range (got `0`); allowed: "
		      "1 to 256" } },
		{ IN_FLOW("maxInFlight: 257"),
		    { "5:3: maxInFlight: out of range (got `257`); allowed: "
		      "1 to 256" } },
		{ IN_FLOW("maxInFlight: -1"),
		    { "5:3: maxInFlight: out of range (got `-1`); allowed: "
		      "1 to 256" } },
		{ IN_FLOW("maxInFlight: 99999999999999999999"),
		    { "5:3: maxInFlight: not a whole number (got "
		      "`99999999999999999999`); allowed: 1 to 256, in decimal "
		      "digits" } },
		{ IN_FLOW("maxInFlight: 1.5"),
		    { "5:3: maxInFlight: not a whole number (got `1.5`); "
		      "allowed: 1 to 256, in decimal digits" } },
		{ IN_FLOW("maxInFlight: 3 MiB"),
		    { "5:3: maxInFlight: not a whole number (got `3 MiB`); "
		      "allowed: 1 to 256, in decimal digits" } },
		{ IN_FLOW("maxBufferAgeMillis: 9"),
		    { "5:3: maxBufferAgeMillis: out of range (got `9`); "
		      "allowed: 10 to 900000 (15 m)" } },
		{ IN_FLOW("maxBufferAgeMillis: 16m"),
		    { "5:3: maxBufferAgeMillis: out of range (got `16m`); "
		      "allowed: 10 to 900000 (15 m)" } },
		{ IN_FLOW("maxBufferAgeMillis: 3 days"),
		    { "5:3: maxBufferAgeMillis: not a whole number (got "
		      "`3 days`); allowed: 10 to 900000 (15 m), in decimal "
		      "digits, with " UNITS_MS } },
		{ IN_FLOW("maxBufferAgeMillis: 9999999999999999h"),
		    { "5:3: maxBufferAgeMillis: not a whole number (got "
		      "`9999999999999999h`); allowed: 10 to 900000 (15 m), in "
		      "decimal digits, with " UNITS_MS } },
		{ IN_FLOW("maxBufferSizeBytes: 5MB"),
		    { "5:3: maxBufferSizeBytes: not a whole number (got "
		      "`5MB`); allowed: 1 to 10485760 (10 MiB), in decimal "
		      "digits, with " UNITS_BYTES } },
		{ IN_FLOW("initialPosition: end_of_file"),
		    { "5:3: initialPosition: not a known word (got "
		      "`end_of_file`); allowed: END_OF_FILE, START_OF_FILE" } },
		{ IN_AGENT("log.level: LOUD"),
		    { "1:1: log.level: not a known word (got `LOUD`); "
		      "allowed: error, warn, info, debug" } },
		{ IN_FLOW("name: "),
		    { "5:3: name: no value; leave the key away for the "
		      "default" } },
		{ IN_FLOW("name: ''"),
		    { "5:3: name: empty; leave the key away for the "
		      "default" } },
		{ IN_FLOW("name: \"a\\nb\""),
		    { "5:3: name: a control character in it (got `a\nb`); "
		      "allowed: text without control characters" } },
		{ IN_FLOW("name: [a]"),
		    { "5:3: name: a list is not allowed here; one value is" } },
		{ IN_FLOW("name: {a: b}"),
		    { "5:3: name: a map is not allowed here; one value is" } },
		{ IN_AGENT("stateDirectory: var/lib"),
		    { "1:1: stateDirectory: not an absolute path (got "
		      "`var/lib`); allowed: a path from the root (/...)" } },
		{ IN_AGENT("userAgent: \"a\\r\\nHost: b\""),
		    { "1:1: userAgent: not printable ASCII (got "
		      "`a\r\nHost: b`); allowed: printable ASCII" } },
		{ IN_AGENT("kinesis.region: EU West"),
		    { "1:1: kinesis.region: not a region's name (got "
		      "`EU West`); allowed: a region like eu-west-1" } },
		{ "kinesis:\n  region: eu-west-1\n  endpoint: ftp://x\n" A_FLOW,
		    { "3:3: kinesis.endpoint: the scheme is neither https nor "
		      "http (got `ftp://x`); allowed: HOST, HOST:PORT, "
		      "https://HOST[:PORT] or http://HOST[:PORT]" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
what_yaml_readers_disagree_about_is_refused(void **state)
{
#define DISAGREE(got)                                                          \
	"5:3: maxInFlight: a number that YAML readers disagree about (got "    \
	"`" got "`); allowed: 1 to 256, in decimal digits"
#define NO_BOOL(got)                                                           \
	"5:3: keepNewline: neither true nor false (got `" got                  \
	"`); allowed: true, false, yes, no"
	static const struct config_case cases[] = {
		{ IN_FLOW("maxInFlight: 010"), { DISAGREE("010") } },
		{ IN_FLOW("maxInFlight: 0x10"), { DISAGREE("0x10") } },
		{ IN_FLOW("maxInFlight: 0o10"), { DISAGREE("0o10") } },
		{ IN_FLOW("maxInFlight: 1_0"), { DISAGREE("1_0") } },
		{ IN_FLOW("maxInFlight: 1:30"), { DISAGREE("1:30") } },
		{ IN_FLOW("keepNewline: on"), { NO_BOOL("on") } },
		{ IN_FLOW("keepNewline: off"), { NO_BOOL("off") } },
		{ IN_FLOW("keepNewline: y"), { NO_BOOL("y") } },
		{ IN_FLOW("keepNewline: n"), { NO_BOOL("n") } },
		{ IN_FLOW("keepNewline: 1"), { NO_BOOL("1") } },
		{ IN_FLOW("keepNewline: ~"),
		    { "5:3: keepNewline: no value; leave the key away for the "
		      "default" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
an_unknown_key_is_told_with_the_nearest_known_one(void **state)
{
	static const struct config_case cases[] = {
		{ IN_FLOW("maxInFligth: 1"),
		    { "5:3: maxInFligth: no such setting; did you mean "
		      "`maxInFlight`?" } },
		{ IN_FLOW("ergino: x"),
		    { "5:3: ergino: no such setting; did you mean "
		      "`region`?" } },
		{ IN_FLOW("initialposition: x"),
		    { "5:3: initialposition: no such setting; did you mean "
		      "`initialPosition`?" } },
		{ IN_AGENT("chekpointFile: /x"),
		    { "1:1: chekpointFile: no such setting; did you mean "
		      "`checkpointFile`?" } },
		{ IN_AGENT("kinesis: {endpiont: x}"),
		    { "1:11: kinesis.endpiont: no such setting; did you mean "
		      "`kinesis.endpoint`?" } },
		{ IN_AGENT("maxBufferAgeMilis: 1"),
		    { "1:1: maxBufferAgeMilis: no such setting; did you mean "
		      "a flow's `maxBufferAgeMillis`?" } },
		{ IN_AGENT("somethingElseEntirely: 1"),
		    { "1:1: somethingElseEntirely: no such setting" } },
		{ IN_AGENT("maxInFlight: 1"),
		    { "1:1: maxInFlight: a flow's setting; move it into the "
		      "flows" } },
		{ IN_FLOW("memoryBudgetBytes: 1"),
		    { "5:3: memoryBudgetBytes: the agent's setting; move it "
		      "out of the flow" } },
		{ IN_AGENT("kinesis: x"),
		    { "1:1: kinesis: has settings inside: write kinesis: and "
		      "below it, indented, one a line" } },
		{ IN_AGENT("\"\": x"), { "1:1: : no such setting" } },
		{ IN_AGENT("kinesis.region: us-east-1\nkinesis: {region: "
			   "us-east-2}"),
		    { "2:11: kinesis.region: given before in line 1; keep one "
		      "of them" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_secret_is_never_repeated(void **state)
{
	static const char *const texts[] = {
		IN_AGENT("awsAccessKeyId: a\nawsSecretAccessKey: hush hush"),
		IN_AGENT("awsAccessKeyId: a\nawsSecretAccessKey: [hush]"),
		IN_AGENT("awsAccesKeyId: a\nawsSecretAccesKey: hush"),
		IN_AGENT("awsSecretAccessKey: hush"),
		IN_AGENT("awsSessionToken: hush"),
		IN_AGENT("kinesis.endpoint: https://me:hush@host"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct report r;

		assert_null(config_from(texts[i], false, &r));
		assert_true(r.error_count > 0);
		for (size_t j = 0; j < r.error_count; j++)
			assert_null(strstr(r.errors[j].text, "hush"));
		report_fini(&r);
	}
}

static void
half_a_pair_of_keys_is_refused(void **state)
{
	static const struct config_case cases[] = {
		{ IN_AGENT("awsAccessKeyId: a"),
		    { "1:1: awsAccessKeyId: no use without "
		      "awsSecretAccessKey" } },
		{ IN_AGENT("awsSecretAccessKey: a"),
		    { "1:1: awsSecretAccessKey: no use without "
		      "awsAccessKeyId" } },
		{ IN_AGENT("awsSessionToken: a"),
		    { "1:1: awsSessionToken: no use without "
		      "awsAccessKeyId" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
what_would_be_somebody_else_refuses_to_start(void **state)
{
	static const struct config_case cases[] = {
		{ IN_AGENT("userDefinedCredentialsProvider.location: /x.jar"),
		    { "1:1: userDefinedCredentialsProvider.location: a Java "
		      "class cannot be loaded here, and without it the agent "
		      "would send as somebody else; have a profile in "
		      "~/.aws/config get the keys (credential_process), or "
		      "assumeRoleARN, and take both "
		      "userDefinedCredentialsProvider keys out" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
what_is_not_built_may_be_said_to_be_off(void **state)
{
	(void)state;
	draft_free(config_ok(A_FLOW "  dataProcessingOptions: []\n"
				    "  aggregatedRecordSizeBytes: 0\n",
	    false));
}

static void
the_java_agents_other_keys_are_explained(void **state)
{
	static const struct config_case cases[] = {
		{ IN_AGENT("maxSendingThreads: 3"),
		    { "1:1: maxSendingThreads: the Java agent's, without "
		      "meaning here: one thread sends; see maxInFlight and "
		      "maxConnections" } },
		{ IN_FLOW("publishQueueCapacity: 3"),
		    { "5:3: publishQueueCapacity: the Java agent's, without "
		      "meaning here: memoryBudgetBytes bounds what waits" } },
		{ IN_AGENT("connectionTTLMillis: 60000"),
		    { "warn 1:1: connectionTTLMillis: this version does not "
		      "act upon it yet: connections live as long as they "
		      "work" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
twenty_mistakes_are_told_and_the_rest_is_counted(void **state)
{
	char text[2048] = A_FLOW;
	struct report r;

	(void)state;
	for (int i = 0; i < 30; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "  unheardOfSetting%d: 1\n", i);
	assert_null(config_from(text, false, &r));
	assert_int_equal(r.error_count, 30);
	assert_string_equal(r.errors[REPORT_ERRORS - 1].text,
	    "a.yaml:24:3: unheardOfSetting19: no such setting");
	report_fini(&r);
}

static void
every_row_of_the_table_makes_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);
		int64_t fallback = settings_fallback(s, false);
		int64_t java = settings_fallback(s, true);

		assert_ptr_equal(settings_find(s->scope, s->key), s);
		assert_ptr_equal(settings_nearest(s->scope, s->key), s);
		assert_non_null(s->help);
		if (s->state != SETTING_BUILT)
			continue;
		if (s->kind <= KIND_COUNT) {
			assert_true(s->min <= fallback && fallback <= s->max);
			assert_true(s->min <= java && java <= s->max);
			assert_true(s->width == 4 || s->width == 8);
			if (s->width == 4)
				assert_true(s->max <= UINT32_MAX);
		} else if (s->kind == KIND_ENUM) {
			assert_non_null(s->choices);
			assert_int_equal(s->width, 4);
		} else if (s->kind == KIND_BOOL) {
			assert_int_equal(s->width, sizeof(bool));
		} else if (s->kind != KIND_LIST) {
			assert_int_equal(s->width, sizeof(char *));
			assert_true(
			    (s->text_fallback == NULL) != (s->sample == NULL));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_file_is_enough),
		cmocka_unit_test(every_setting_is_heard),
		cmocka_unit_test(dotted_and_nested_keys_are_the_same),
		cmocka_unit_test(
		    a_wrong_value_is_told_with_its_place_and_what_is_allowed),
		cmocka_unit_test(what_yaml_readers_disagree_about_is_refused),
		cmocka_unit_test(
		    an_unknown_key_is_told_with_the_nearest_known_one),
		cmocka_unit_test(a_secret_is_never_repeated),
		cmocka_unit_test(half_a_pair_of_keys_is_refused),
		cmocka_unit_test(what_would_be_somebody_else_refuses_to_start),
		cmocka_unit_test(what_is_not_built_may_be_said_to_be_off),
		cmocka_unit_test(the_java_agents_other_keys_are_explained),
		cmocka_unit_test(
		    twenty_mistakes_are_told_and_the_rest_is_counted),
		cmocka_unit_test(every_row_of_the_table_makes_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
