/* SPDX-License-Identifier: Apache-2.0
 *
 * The Java agent's agent.json: its comments, its defaults, its conversions,
 * and what it passes over in silence.
 */
#include "config_case.h"

#define HEAD                                                                   \
	"{\"kinesis.region\":\"eu-west-1\",\n"                                 \
	" \"flows\":[{\"filePattern\":\"/l/*\",\n"
#define IN_FLOW(more) HEAD "  \"kinesisStream\":\"s\",\n  " more "}]}"
#define IN_AGENT(more)                                                         \
	"{\"kinesis.region\":\"eu-west-1\",\n " more ",\n"                     \
	" \"flows\":[" A_JSON_FLOW "]}"

static void
comments_tabs_and_odd_spacing_are_fine(void **state)
{
	struct config *c = config_ok("// the agent's\n"
				     "\t{ /* region */ \"kinesis.region\"\n"
				     "\t:\"eu-west-1\", // here: {\n"
				     "/**/\t\"flows\": [ { /* * / ** */\n"
				     "\t\"filePattern\": \"/t//x\\u00e9*\",\n"
				     "\t\"kinesisStream\" : \"s\"//\n"
				     "} ] }\n// end",
	    true);

	(void)state;
	assert_true(c->java);
	assert_string_equal(c->flows[0].patterns[0], "/t/x\xC3\xA9*");
	assert_string_equal(c->flows[0].region, "eu-west-1");
	draft_free(c);
}

static void
the_java_agents_defaults_apply(void **state)
{
	struct config *c = config_ok(
	    "{\"kinesis.region\": \"eu-west-1\", \"flows\": [" A_JSON_FLOW "]}",
	    true);
	const struct flow_config *f = &c->flows[0];

	(void)state;
	assert_int_equal(f->age_ms, 60000);
	assert_int_equal(f->max_records, 500);
	assert_int_equal(f->max_bytes, 5 << 20);
	assert_int_equal(f->position, POSITION_END_OF_FILE);
	assert_string_equal(
	    c->checkpoint_file, "/var/lib/kinesis-agent/checkpoints.sqlite");
	assert_string_equal(
	    c->import_file, "/var/run/aws-kinesis-agent/checkpoints");
	assert_string_equal(f->java_id, f->name);
	draft_free(c);
}

static void
a_named_checkpoint_file_is_the_only_one_looked_at(void **state)
{
	struct config *c = config_ok(IN_AGENT("\"checkpointFile\": \"/x/y\","
					      " \"stateDirectory\": \"/s\""),
	    true);

	(void)state;
	assert_string_equal(c->checkpoint_file, "/x/y");
	assert_string_equal(c->own_checkpoint_file, "/s/checkpoints.sqlite");
	assert_null(c->import_file);
	draft_free(c);
}

static void
strings_escapes_and_surrogate_pairs_are_read(void **state)
{
	struct config *c = config_ok(
	    IN_FLOW("\"truncatedRecordTerminator\":\"\\\"\\\\\\/\\b\\f\\n\\r"
		    "\\t\\u20AC\\ud83d\\uDE00\xC3\xA9 // no /* comment\""),
	    true);

	(void)state;
	assert_string_equal(c->flows[0].terminator,
	    "\"\\/\b\f\n\r\t\xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xA9 // no /* "
	    "comment");
	draft_free(c);
}

static void
numbers_and_booleans_may_be_strings(void **state)
{
	static const struct {
		const char *text;
		int64_t age_ms;
	} numbers[] = {
		{ IN_FLOW("\"maxBufferAgeMillis\": 5000"), 5000 },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"5000\""), 5000 },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"0x10\""), 16 },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"0XfF\""), 255 },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"#10\""), 16 },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"010000\""), 4096 },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"+1000\""), 1000 },
	};
	static const char *const yes[] = { "true", "\"true\"", "\"YES\"",
		"\"y\"", "\"T\"", "1", "\"1\"" };
	static const char *const no[] = { "false", "\"False\"", "\"no\"",
		"\"N\"", "\"f\"", "0", "\"0\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct config *c = config_ok(numbers[i].text, true);

		assert_int_equal(c->flows[0].age_ms, numbers[i].age_ms);
		draft_free(c);
	}
	for (size_t i = 0; i < 14; i++) {
		char text[512];
		struct config *c;

		snprintf(text, sizeof(text),
		    "{\"kinesis.region\":\"eu-west-1\",\"flows\":[{"
		    "\"filePattern\":"
		    "\"/l\",\"kinesisStream\":\"s\",\"keepNewline\":%s}]}",
		    i < 7 ? yes[i] : no[i - 7]);
		c = config_ok(text, true);
		assert_int_equal(c->flows[0].keep_newline, i < 7);
		draft_free(c);
	}
}

static void
null_and_the_empty_string_are_not_given(void **state)
{
	struct config *c = config_ok(
	    IN_AGENT("\"awsAccessKeyId\": \"\", \"awsSecretAccessKey\": \"\", "
		     "\"kinesis.endpoint\": null, \"checkpointFile\": null"),
	    true);

	(void)state;
	assert_null(c->access_key);
	assert_null(c->kinesis_endpoint);
	assert_non_null(c->checkpoint_file);
	draft_free(c);
}

static void
wrong_values_are_told_with_their_place(void **state)
{
	static const struct config_case cases[] = {
		{ IN_FLOW("\"maxBufferAgeMillis\": 1.5"),
		    { "4:3: maxBufferAgeMillis: not a whole number (got "
		      "`1.5`); "
		      "allowed: 10 to 900000 (15 m), in decimal digits" } },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"10s\""),
		    { "4:3: maxBufferAgeMillis: not a whole number (got "
		      "`10s`); "
		      "allowed: 10 to 900000 (15 m), in decimal digits" } },
		{ IN_FLOW("\"maxBufferAgeMillis\": \"09\""),
		    { "4:3: maxBufferAgeMillis: not a whole number (got `09`); "
		      "allowed: 10 to 900000 (15 m), in decimal digits" } },
		{ IN_FLOW("\"maxBufferAgeMillis\": null"),
		    { "4:3: maxBufferAgeMillis: no value; leave the key away "
		      "for the default" } },
		{ IN_FLOW("\"maxBufferSizeRecords\": 501"),
		    { "4:3: maxBufferSizeRecords: out of range (got `501`); "
		      "allowed: 1 to 500" } },
		{ IN_FLOW("\"partitionKeyOption\": \"random\""),
		    { "4:3: partitionKeyOption: not a known word (got "
		      "`random`); allowed: RANDOM, DETERMINISTIC" } },
		{ IN_FLOW("\"partitionKeyOption\": \"\""),
		    { "4:3: partitionKeyOption: not a known word (got ``); "
		      "allowed: RANDOM, DETERMINISTIC" } },
		{ IN_FLOW("\"keepNewline\": \"on\""),
		    { "4:3: keepNewline: neither true nor false (got `on`); "
		      "allowed: true, false, yes, no" } },
		{ "{\"flows\": {}}", { "1:2: flows: not a list; each flow "
				       "begins with a dash, or "
				       "in JSON stands in [ ]" } },
		{ "[]", { "1:1: settings are expected here, as KEY: VALUE" } },
		{ "\"x\"",
		    { "1:1: settings are expected here, as KEY: VALUE" } },
		{ "{}",
		    { "1:1: flows: missing; say what to follow and where it "
		      "goes" } },
	};

	(void)state;
	CHECK_ALL(cases, true);
}

static void
what_the_java_agent_passes_over_is_only_warned_of(void **state)
{
	static const struct config_case cases[] = {
		{ IN_AGENT("\"maxSendingThreads\": 5"),
		    { "warn 2:2: maxSendingThreads: the Java agent's, without "
		      "meaning here: one thread sends; see maxInFlight and "
		      "maxConnections" } },
		{ IN_AGENT("\"connectionTTLMillis\": 60000"),
		    { "warn 2:2: connectionTTLMillis: this version does not "
		      "act upon it yet: connections live as long as they "
		      "work" } },
		{ IN_AGENT("\"checkpointfile\": 1"),
		    { "warn 2:2: checkpointfile: no such setting; did you mean "
		      "`checkpointFile`?" } },
		{ IN_AGENT("\"maxBufferAgeMillis\": 1"),
		    { "warn 2:2: maxBufferAgeMillis: a flow's setting; move it "
		      "into the flows" } },
		{ IN_FLOW("\"maxInFlight\": 0,\n\"maxInFlight\": 3"),
		    { "warn 5:1: maxInFlight: given before in line 4; this one "
		      "counts" } },
		{ IN_FLOW("\"maxTimeBetweenFileTrackerRefreshMillis\": 0"),
		    { "warn 4:3: maxTimeBetweenFileTrackerRefreshMillis: out "
		      "of "
		      "range (got `0`); taken as 100" } },
		{ IN_AGENT("\"awsAccessKeyId\": \"a\""),
		    { "warn 2:2: awsAccessKeyId: no use without "
		      "awsSecretAccessKey" } },
		{ IN_AGENT("\"log.level\": \"WARN\""), { NULL } },
		{ IN_FLOW("\"log.emitInternalMetrics\": true"),
		    { "warn 4:3: log.emitInternalMetrics: the Java agent's, "
		      "without meaning here: there is no such log" } },
	};

	(void)state;
	CHECK_ALL(cases, true);
}

static void
what_would_ship_wrong_data_is_refused_here_too(void **state)
{
#define PROVIDER "userDefinedCredentialsProvider"
#define NO_CLASS                                                               \
	": a Java class cannot be loaded here, and without it the agent would" \
	" send as somebody else; have a profile in ~/.aws/config get the keys" \
	" (credential_process), or assumeRoleARN, and take both " PROVIDER     \
	" keys out"
	static const struct config_case cases[] = {
		{ IN_FLOW("\"multiLineStartPattern\": null, "
			  "\"dataProcessingOptions\": []"),
		    { NULL } },
		{ IN_AGENT("\"" PROVIDER ".classname\": \"\", \"" PROVIDER
			   ".location\": null"),
		    { NULL } },
		{ IN_AGENT("\"" PROVIDER ".classname\": \"a.B\",\n"
			   "\"" PROVIDER ".location\": \"/x.jar\""),
		    { "2:2: " PROVIDER ".classname" NO_CLASS,
			"3:1: " PROVIDER ".location" NO_CLASS } },
		{ IN_FLOW("\"dataProcessingOptions\": [{\"optionName\":\n"
			  "\"USINGPLUGGIN\", \"className\": \"a.B\"}]"),
		    { "4:30: dataProcessingOptions: USINGPLUGGIN: optionName: "
		      "a Java class cannot be loaded here, and without it "
		      "records would be sent as they came; say what it does "
		      "with other options and take this one out" } },
	};

	(void)state;
	CHECK_ALL(cases, true);
}

/* They compile here, and mean something else. */
static void
patterns_of_java_alone_are_refused(void **state)
{
#define CLASSES                                                                \
	"a class in a class is known to Java only; write them as one, or "     \
	"\\[ for the bracket"
	static const struct config_case cases[] = {
		{ IN_FLOW("\"multiLineStartPattern\": \"[a-z&&[^b]]\""),
		    { "4:3: multiLineStartPattern: && in a class is known to "
		      "Java only; write the class out, as [ac-z] for "
		      "[a-z&&[^b]] (got `[a-z&&[^b]]`)" } },
		{ IN_FLOW("\"fileFooterPattern\": \"x[a[bc]]\""),
		    { "4:3: fileFooterPattern: " CLASSES
		      " (got `x[a[bc]]`)" } },
		{ IN_FLOW("\"dataProcessingOptions\": [{\"optionName\": "
			  "\"CSVTOJSON\", \"customFieldNames\": [\"a\"],\n"
			  "\"delimiter\": \"[;[,]]\"}]"),
		    { "5:1: dataProcessingOptions: CSVTOJSON: "
		      "delimiter: " CLASSES } },
		{ IN_FLOW(
		      "\"multiLineStartPattern\": "
		      "\"^[]&[^\\\\[\\\\]]&&\\\\Q[[\\\\E[^]&]\\\\[[\\\\w-]+\""),
		    { "4:3: multiLineStartPattern: " CLASSES
		      " (got `^[]&[^\\[\\]]&&\\Q[[\\E[^]&]\\[[\\w-]+`)" } },
		{ IN_FLOW(
		      "\"multiLineStartPattern\": "
		      "\"^[]&\\\\[\\\\]]&&\\\\Q[[\\\\E[^]&]\\\\[[\\\\w-]+\""),
		    { NULL } },
	};

	(void)state;
	CHECK_ALL(cases, true);
}

static void
headers_and_footers_mean_what_they_meant(void **state)
{
	static const struct config_case cases[] = {
		{ IN_FLOW("\"skipHeaderLines\": -1"),
		    { "warn 4:3: skipHeaderLines: out of range (got `-1`); "
		      "taken as 0" } },
		{ IN_FLOW("\"fileFooterPattern\": \"\""), { NULL } },
		{ IN_FLOW("\"fileFooterPattern\": null"), { NULL } },
		{ IN_FLOW("\"fileFooterPattern\": \"[a\""),
		    { "4:3: fileFooterPattern: missing terminating ] for "
		      "character class, behind byte 2 of the pattern (got "
		      "`[a`); allowed: a regular expression as PCRE2 takes "
		      "it" } },
	};
	struct config *c =
	    config_ok(IN_FLOW("\"skipHeaderLines\": \"2\", "
			      "\"fileFooterPattern\": \"^#\\\\d+$\""),
		true);

	(void)state;
	assert_int_equal(c->flows[0].skip_headers, 2);
	assert_string_equal(c->flows[0].footer, "^#\\d+$");
	draft_free(c);
	CHECK_ALL(cases, true);
}

static void
what_is_no_json_is_told_with_its_place(void **state)
{
#define BAD(at, what)                                                          \
	{                                                                      \
		at ": not valid JSON: " what                                   \
	}
#define NO_WORD                                                                \
	"neither a number nor true, false or null; a string needs quotes "     \
	"(\")"
#define HALF "half a surrogate pair"
	static const struct config_case cases[] = {
		{ " ", BAD("1:2", "the file ends too early") },
		{ "{\n\n", BAD("3:1", "the file ends too early") },
		{ "{\"a\": 1,}", BAD("1:9", "a comma before the closing }") },
		{ "[1,]", BAD("1:4", "a comma before the closing ]") },
		{ "[1 2]", BAD("1:4", "a comma or ] is missing here") },
		{ "{\"a\":1 \"b\":2}",
		    BAD("1:8", "a comma or } is missing here") },
		{ "{a: 1}",
		    BAD("1:2", "a key in quotes (\") is missing here") },
		{ "{,}", BAD("1:2", "a key in quotes (\") is missing here") },
		{ "{\"a\" 1}",
		    BAD("1:6", "a colon is missing behind the key") },
		{ "{\"a\": }", BAD("1:7", "a value is missing here") },
		{ "[1}", BAD("1:3", "a comma or ] is missing here") },
		{ "{} x",
		    BAD("1:4", "nothing may follow the closing bracket") },
		{ "/* x", BAD("1:1", "this comment has no end (*/)") },
		{ "/", BAD("1:1", "a value is missing here") },
		{ "['a']", BAD("1:2", "a value is missing here") },
		{ "[True]", BAD("1:2", NO_WORD) },
		{ "[01]", BAD("1:2", NO_WORD) },
		{ "[1.]", BAD("1:2", NO_WORD) },
		{ "[.5]", BAD("1:2", NO_WORD) },
		{ "[+1]", BAD("1:2", NO_WORD) },
		{ "[-]", BAD("1:2", NO_WORD) },
		{ "[1e]", BAD("1:2", NO_WORD) },
		{ "[nulll]", BAD("1:2", NO_WORD) },
		{ "[\"a]", BAD("1:2", "this string has no closing \"") },
		{ "[\"a\n\"]", BAD("1:2", "this string has no closing \"") },
		{ "[\"a\t\"]",
		    BAD("1:4", "a control character in a string; write it as "
			       "an escape (a tab: \\t)") },
		{ "[\"\xC3\xA4\\x\"]",
		    BAD("1:4", "no such escape; a backslash itself is written "
			       "\\\\") },
		{ "[\"\\",
		    BAD("1:3", "no such escape; a backslash itself is written "
			       "\\\\") },
		{ "[\"\\u12g4\"]",
		    BAD("1:7", "\\u needs four hexadecimal digits") },
		{ "[\"\\u0000\"]",
		    BAD("1:5", "a NUL in a string is not allowed") },
		{ "[\"\\ud800\"]", BAD("1:5", HALF) },
		{ "[\"\\ud800\\u0041\"]", BAD("1:5", HALF) },
		{ "[\"\\udc00\"]", BAD("1:5", HALF) },
	};

	(void)state;
	CHECK_ALL(cases, true);
}

static void
nested_groups_are_understood(void **state)
{
	struct config *c =
	    config_ok("{\"kinesis\": {\"region\": \"us-east-1\"}, "
		      "\"flows\": [" A_JSON_FLOW "]}",
		true);

	(void)state;
	assert_string_equal(c->flows[0].region, "us-east-1");
	draft_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_tabs_and_odd_spacing_are_fine),
		cmocka_unit_test(the_java_agents_defaults_apply),
		cmocka_unit_test(
		    a_named_checkpoint_file_is_the_only_one_looked_at),
		cmocka_unit_test(strings_escapes_and_surrogate_pairs_are_read),
		cmocka_unit_test(numbers_and_booleans_may_be_strings),
		cmocka_unit_test(null_and_the_empty_string_are_not_given),
		cmocka_unit_test(wrong_values_are_told_with_their_place),
		cmocka_unit_test(
		    what_the_java_agent_passes_over_is_only_warned_of),
		cmocka_unit_test(
		    what_would_ship_wrong_data_is_refused_here_too),
		cmocka_unit_test(patterns_of_java_alone_are_refused),
		cmocka_unit_test(headers_and_footers_mean_what_they_meant),
		cmocka_unit_test(what_is_no_json_is_told_with_its_place),
		cmocka_unit_test(nested_groups_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
