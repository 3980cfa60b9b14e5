/* SPDX-License-Identifier: Apache-2.0
 *
 * A flow's rules: pattern, destination, name, endpoint and region.
 */
#include "config_case.h"

#include "config/endpoint.h"

static int
forget_environment(void **state)
{
	(void)state;
	unsetenv("AWS_REGION");
	unsetenv("AWS_DEFAULT_REGION");
	return 0;
}

#define FLOW(lines) "flows:\n- region: eu-west-1\n" lines
#define STREAM      "  kinesisStream: s\n"
#define PATTERN     "  filePattern: /l/x\n"

static void
a_pattern_is_an_absolute_path_with_a_name(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(STREAM "  filePattern: x.log\n"),
		    { "4:3: filePattern: not an absolute path (got `x.log`); "
		      "allowed: paths from the root (/...)" } },
		{ FLOW(STREAM "  filePattern: /var/log/\n"),
		    { "4:3: filePattern: no file name behind the last slash "
		      "(got `/var/log/`); for all files in it write "
		      "/var/log/*" } },
		{ FLOW(STREAM "  filePattern: /var/{a,b/}\n"),
		    { "4:3: filePattern: no file name behind the last slash "
		      "(got `/var/{a,b/}`); for all files in it write "
		      "/var/{a,b/}*" } },
		{ FLOW(STREAM "  filePattern: /var/../x\n"),
		    { "4:3: filePattern: . and .. are not understood (got "
		      "`/var/../x`); write the path without them" } },
		{ FLOW(STREAM "  filePattern: /var/{a,{b,c}}/x\n"),
		    { "4:3: filePattern: braces inside braces (got "
		      "`/var/{a,{b,c}}/x`); a backslash before a character "
		      "takes it as it is" } },
		{ FLOW(STREAM "  filePattern: /var/[a/b]x\n"),
		    { "4:3: filePattern: '[' without ']' (got `/var/[a/b]x`); "
		      "a backslash before a character takes it as it is" } },
		{ FLOW(STREAM "  filePattern: {a: b}\n"),
		    { "4:3: filePattern: a map is not allowed here; one value "
		      "is" } },
		{ FLOW(STREAM "  filePattern: ''\n"),
		    { "4:3: filePattern: empty; leave the key away for the "
		      "default" } },
		{ FLOW(STREAM),
		    { "2:3: filePattern: missing; say which files to follow, "
		      "like /var/log/app/*.log" } },
	};
	struct config *c =
	    config_ok(FLOW(STREAM "  filePattern: /x[a-z].log\n"), false);

	(void)state;
	assert_string_equal(c->flows[0].patterns[0], "/x[a-z].log");
	assert_null(c->flows[0].patterns[1]);
	assert_null(c->flows[0].excludes);
	draft_free(c);
	CHECK_ALL(cases, false);
}

static void
several_patterns_are_a_list_named_by_the_first(void **state)
{
	struct config *c = config_ok(FLOW(STREAM "  filePattern:\n"
						 "  - /var//log/*/x\n"
						 "  - /srv/**/{a,b/c}.log\n"
						 "  excludePattern: '*.tmp'\n"),
	    false);
	const struct flow_config *f = &c->flows[0];

	(void)state;
	assert_string_equal(f->patterns[0], "/var/log/*/x");
	assert_string_equal(f->patterns[1], "/srv/**/{a,b/c}.log");
	assert_null(f->patterns[2]);
	assert_string_equal(f->excludes[0], "*.tmp");
	assert_null(f->excludes[1]);
	assert_string_equal(f->name, "kinesis:s:/var/log/*/x");
	draft_free(c);
}

static void
a_bad_pattern_in_a_list_is_named_by_its_own_line(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(STREAM "  filePattern:\n  - /a\n  - b\n  - /c/\n"),
		    { "6:5: filePattern: not an absolute path (got `b`); "
		      "allowed: paths from the root (/...)",
			"7:5: filePattern: no file name behind the last slash "
			"(got `/c/`); for all files in it write /c/*" } },
		{ FLOW(STREAM "  filePattern: [/a, [/b]]\n"),
		    { "4:21: filePattern: a text is expected; like "
		      "/var/log/app/*.log" } },
		{ FLOW(STREAM "  filePattern: []\n"),
		    { "4:3: filePattern: a list of 0; allowed: 1 to 1000" } },
		{ FLOW(PATTERN STREAM "  excludePattern: ['*.a', b/c, '']\n"),
		    { "5:27: excludePattern: neither an absolute path nor a "
		      "name (got `b/c`); allowed: paths from the root (/...), "
		      "or names",
			"5:32: excludePattern: empty; leave the key away for "
			"the default" } },
		{ FLOW(PATTERN STREAM "  excludePattern: '[x'\n"),
		    { "5:3: excludePattern: '[' without ']' (got `[x`); a "
		      "backslash before a character takes it as it is" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
what_is_left_out_of_a_file_is_said_per_flow(void **state)
{
#define LEFT_OUT(key, why)                                                     \
	FLOW(STREAM PATTERN "  " key "\n"),                                    \
	{                                                                      \
		"5:3: " why                                                    \
	}
	static const struct config_case cases[] = {
		{ LEFT_OUT("skipHeaderLines: 1000001",
		    "skipHeaderLines: out of range (got `1000001`); allowed: "
		    "0 to 1000000") },
		{ LEFT_OUT("partialLineTimeoutMillis: 25h",
		    "partialLineTimeoutMillis: out of range (got `25h`); "
		    "allowed: 0 to 86400000 (24 h)") },
		{ LEFT_OUT("fileFooterPattern: ab(c",
		    "fileFooterPattern: missing closing parenthesis, behind "
		    "byte 4 of the pattern (got `ab(c`); allowed: a regular "
		    "expression as PCRE2 takes it") },
		{ LEFT_OUT("fileFooterPattern: ''",
		    "fileFooterPattern: empty; leave the key away for the "
		    "default") },
		{ LEFT_OUT("fileFooterPattern: [a, b]",
		    "fileFooterPattern: a list is not allowed here; one value "
		    "is") },
	};
	struct config *c =
	    config_ok(FLOW(STREAM PATTERN "  skipHeaderLines: 3\n"
					  "  partialLineTimeoutMillis: 5s\n"
					  "  fileFooterPattern: '#END.*'\n"),
		false);

	(void)state;
	assert_int_equal(c->flows[0].skip_headers, 3);
	assert_int_equal(c->flows[0].partial_ms, 5000);
	assert_string_equal(c->flows[0].footer, "#END.*");
	draft_free(c);
	CHECK_ALL(cases, false);
}

static void
the_java_agents_file_has_one_pattern_a_flow(void **state)
{
	static const struct config_case cases[] = {
		{ "{\"flows\":[{\"region\":\"eu-west-1\",\"kinesisStream\":"
		  "\"s\",\n"
		  "\"filePattern\":[\"/a\"]}]}",
		    { "2:1: filePattern: a list is not allowed here; one value "
		      "is" } },
		{ "{\"flows\":[{\"region\":\"eu-west-1\",\"kinesisStream\":"
		  "\"s\",\n"
		  "\"filePattern\":\"\"}]}",
		    { "2:1: filePattern: empty; leave the key away for the "
		      "default" } },
		{ "{\"flows\":[{\"region\":\"eu-west-1\",\"kinesisStream\":"
		  "\"s\",\n"
		  "\"filePattern\":\"/a/[x\"}]}",
		    { "2:1: filePattern: '[' without ']' (got `/a/[x`); a "
		      "backslash before a character takes it as it is" } },
	};
	struct config *c = config_ok(
	    "{\"flows\":[{\"region\":\"eu-west-1\",\"kinesisStream\":\"s\","
	    "\"filePattern\":\"/a/../b\",\"excludePattern\":[\"x\"]}]}",
	    true);

	(void)state;
	assert_string_equal(c->flows[0].patterns[0], "/a/../b");
	assert_string_equal(c->flows[0].excludes[0], "x");
	draft_free(c);
	CHECK_ALL(cases, true);
}

static void
a_flow_has_exactly_one_destination(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(PATTERN),
		    { "2:3: kinesisStream: missing; say where records go, by "
		      "kinesisStream or deliveryStream" } },
		{ FLOW(PATTERN STREAM "  deliveryStream: d\n"),
		    { "4:3: kinesisStream: deliveryStream is given too; keep "
		      "one, or make two flows" } },
		{ FLOW(PATTERN "  kinesisStream: a/b\n"),
		    { "4:3: kinesisStream: not a stream's name or ARN (got "
		      "`a/b`); allowed: 1 to 128 of a-z A-Z 0-9 _ . -, or an "
		      "ARN" } },
		{ FLOW(PATTERN "  deliveryStream: "
			       "0123456789012345678901234567890123456789"
			       "0123456789012345678901234\n"),
		    { "4:3: deliveryStream: not a delivery stream's name (got "
		      "`012345678901234567890123456789012345678901234567890123"
		      "456789...`); allowed: 1 to 64 of a-z A-Z 0-9 _ . -" } },
		{ FLOW(PATTERN "  kinesisStream: "
			       "arn:aws:kinesis:r:12345678901:stream/s\n"),
		    { "4:3: kinesisStream: not a stream's name or ARN (got "
		      "`arn:aws:kinesis:r:12345678901:stream/s`); allowed: 1 "
		      "to 128 of a-z A-Z 0-9 _ . -, or an ARN" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
in_the_java_agents_file_delivery_stream_wins(void **state)
{
	static const struct config_case both = {
		"{\"flows\":[{\"filePattern\":\"/a/"
		"x\",\"region\":\"eu-west-1\",\n"
		"\"kinesisStream\":\"s\",\"deliveryStream\":\"d\"}]}",
		{ "warn 2:1: kinesisStream: deliveryStream is given too, and "
		  "wins" }
	};
	struct report r;
	struct config *c = config_from(both.text, true, &r);

	(void)state;
	assert_string_equal(c->flows[0].target, "d");
	assert_int_equal(c->flows[0].destination, DESTINATION_FIREHOSE);
	draft_free(c);
	report_fini(&r);
	config_check(&both, true);
}

static void
a_java_pattern_with_a_starred_directory_is_warned_of(void **state)
{
	static const struct config_case starred = {
		"{\"flows\":[{\"region\":\"eu-west-1\",\"kinesisStream\":\"s\","
		"\n"
		"\"filePattern\":\"/a/*/x\"}]}",
		{ "warn 2:1: filePattern: *, ?, [ and { are taken literally "
		  "before the last slash, so this may match nothing (got "
		  "`/a/*/x`)" }
	};

	(void)state;
	config_check(&starred, true);
}

static void
firehose_has_its_own_limits(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(PATTERN "  deliveryStream: d\n"
			       "  maxBufferSizeBytes: 5MiB\n"),
		    { "5:3: maxBufferSizeBytes: out of range (got `5MiB`); "
		      "allowed: 1 to 4194304 (4 MiB) with deliveryStream" } },
		{ FLOW(PATTERN "  deliveryStream: d\n  wireFormat: cbor\n"),
		    { "5:3: wireFormat: Firehose speaks json only; leave the "
		      "key away" } },
		{ FLOW(PATTERN
		      "  deliveryStream: d\n  partitionKeyOption: RANDOM\n"),
		    { "5:3: partitionKeyOption: Firehose has no partition "
		      "keys; leave the key away" } },
	};
	struct config *c =
	    config_ok(FLOW(PATTERN "  deliveryStream: d\n"), false);

	(void)state;
	assert_int_equal(c->flows[0].max_bytes, 4 << 20);
	assert_int_equal(c->flows[0].wire, CONFIG_WIRE_JSON);
	assert_string_equal(c->flows[0].name, "fh:d:/l/x");
	draft_free(c);
	CHECK_ALL(cases, false);
}

static void
no_two_flows_have_one_name(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(PATTERN STREAM) "- region: eu-west-1\n" PATTERN STREAM,
		    { "5:3: name: the flow in line 2 is called "
		      "`kinesis:s:/l/x` too; give one of them another "
		      "name" } },
		{ FLOW(PATTERN STREAM
		      "  name: a\n") "- region: eu-west-1\n" PATTERN STREAM
				     "  name: a\n",
		    { "9:3: name: the flow in line 5 is called `a` too; give "
		      "one of them another name" } },
		{ FLOW(PATTERN STREAM) "- region: eu-west-1\n" PATTERN
				       "  deliveryStream: s\n",
		    { NULL } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_first_backoff_beyond_the_last_is_refused(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(PATTERN STREAM "  retryInitialBackoffMillis: 11s\n"),
		    { "5:3: retryInitialBackoffMillis: longer than "
		      "retryMaxBackoffMillis, which bounds it" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

#define ARN       "arn:aws:kinesis:eu-north-1:123456789012:stream/s"
#define ARN_FLOW  "flows:\n- filePattern: /l/x\n  kinesisStream: " ARN "\n"
#define BARE_FLOW "flows:\n- filePattern: /l/x\n  kinesisStream: s\n"
#define AWS_HOST  "kinesis.us-west-2.amazonaws.com"

#define E "sa-east-1"

static void
the_region_comes_from_the_nearest_that_says_it(void **state)
{
	static const struct {
		const char *text, *environment, *region;
	} cases[] = {
		{ BARE_FLOW "  region: us-east-1\nkinesis.region: us-east-2\n",
		    E, "us-east-1" },
		{ BARE_FLOW "kinesis.region: us-east-2\nregion: eu-west-2\n", E,
		    "us-east-2" },
		{ BARE_FLOW "kinesis.endpoint: " AWS_HOST "\n", E,
		    "us-west-2" },
		{ BARE_FLOW "  endpoint: " AWS_HOST "\n", E, "us-west-2" },
		{ BARE_FLOW "  endpoint: " AWS_HOST
			    "\nkinesis.region: us-east-1\n",
		    E, "us-west-2" },
		{ ARN_FLOW "kinesis.region: us-east-1\n", E, "eu-north-1" },
		{ ARN_FLOW, E, "eu-north-1" },
		{ BARE_FLOW "region: eu-west-2\n", E, "eu-west-2" },
		{ BARE_FLOW, E, E },
		{ BARE_FLOW "  endpoint: localhost:4567\n", E, E },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *c;

		setenv("AWS_REGION", cases[i].environment, 1);
		setenv("AWS_DEFAULT_REGION", "eu-west-3", 1);
		c = config_ok(cases[i].text, false);
		assert_string_equal(c->flows[0].region, cases[i].region);
		draft_free(c);
	}
	unsetenv("AWS_REGION");
	draft_free(config_ok(BARE_FLOW, false));
}

static void
an_arn_is_kept_and_its_name_names_the_flow(void **state)
{
	struct config *c = config_ok(ARN_FLOW, false);

	(void)state;
	assert_string_equal(c->flows[0].target, ARN);
	assert_string_equal(c->flows[0].name, "kinesis:s:/l/x");
	draft_free(c);
}

static void
regions_that_contradict_each_other_are_refused(void **state)
{
	static const struct config_case cases[] = {
		{ ARN_FLOW "  region: us-east-1\n",
		    { "4:3: region: `us-east-1`, but the ARN of the stream "
		      "says "
		      "`eu-north-1`; leave one away" } },
		{ BARE_FLOW "  region: us-east-1\n  endpoint: " AWS_HOST "\n",
		    { "3:3: region: requests for `us-east-1` would go to "
		      "https://" AWS_HOST
		      ", which refuses them; give the flow an endpoint in its "
		      "region" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_region_that_cannot_be_one_is_refused_with_the_nearest(void **state)
{
	static const struct config_case cases[] = {
		{ BARE_FLOW "  region: europe\n",
		    { "4:3: region: not a region's name (got `europe`); "
		      "allowed: a region like eu-north-1" } },
		{ "region: us-east1\n" ARN_FLOW,
		    { "1:1: region: not a region's name (got `us-east1`); "
		      "allowed: a region like us-east-1" } },
		{ "region: US-EAST-2\n" ARN_FLOW,
		    { "1:1: region: not a region's name (got `US-EAST-2`); "
		      "allowed: a region like us-east-2" } },
		{ BARE_FLOW "  region: us-esat-1\n",
		    { "warn 4:3: region: no region that this version knows "
		      "(got `us-esat-1`); did you mean us-east-1?" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
	/* AWS adds to those it has. */
	draft_free(config_ok(BARE_FLOW "  region: ap-southeast-9\n", false));
}

static void
a_region_that_nothing_tells_is_settled_later(void **state)
{
	static const char *const texts[] = { BARE_FLOW,
		"flows:\n- filePattern: /l/x\n  deliveryStream: d\n",
		BARE_FLOW "  endpoint: kinesis.amazonaws.com\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config *c = config_ok(texts[i], false);

		assert_null(c->flows[0].region);
		assert_true(config_lacks_region(c));
		c->path = strdup("a.yaml");
		assert_int_equal(config_settle_region(c, NULL, ""), -1);
		assert_int_equal(config_settle_region(c, "europe", ""), -1);
		assert_int_equal(config_settle_region(c, "eu-west-3", ""), 0);
		assert_string_equal(c->flows[0].region, "eu-west-3");
		assert_false(config_lacks_region(c));
		draft_free(c);
	}
}

static void
a_nonsense_region_in_the_environment_is_told(void **state)
{
	struct report r;
	struct config *c;

	(void)state;
	setenv("AWS_REGION", "Not A Region", 1);
	c = config_from(BARE_FLOW, false, &r);
	assert_null(c->flows[0].region);
	assert_int_equal(r.warning_count, 1);
	assert_string_equal(r.warnings[0].text,
	    "a.yaml: the environment's AWS_REGION is no region's name (got "
	    "`Not A Region`); passed over");
	draft_free(c);
	report_fini(&r);
}

#define ROLE_1 "arn:aws:iam::123456789012:role/one"
#define ROLE_2 "arn:aws-us-gov:iam::123456789012:role/a/b/two"

static void
a_flows_role_replaces_the_agents_with_its_external_id(void **state)
{
	struct config *c = config_ok(
	    "assumeRoleARN: " ROLE_1 "\nassumeRoleExternalId: id-1\n" ARN_FLOW
	    "- filePattern: /l/y\n  kinesisStream: " ARN
	    "\n  assumeRoleARN: " ROLE_2 "\n",
	    false);

	(void)state;
	assert_string_equal(c->flows[0].role_arn, ROLE_1);
	assert_string_equal(c->flows[0].role_external_id, "id-1");
	assert_string_equal(c->flows[1].role_arn, ROLE_2);
	assert_null(c->flows[1].role_external_id);
	draft_free(c);
}

static void
a_role_is_an_arn_and_an_external_id_belongs_to_one(void **state)
{
	static const struct config_case cases[] = {
		{ "assumeRoleARN: writer\n" ARN_FLOW,
		    { "1:1: assumeRoleARN: not a role's ARN (got `writer`); "
		      "allowed: arn:aws:iam::ACCOUNT:role/NAME" } },
		{ "assumeRoleARN: arn:aws:iam::1:role/x\n" ARN_FLOW,
		    { "1:1: assumeRoleARN: not a role's ARN (got "
		      "`arn:aws:iam::1:role/x`); allowed: "
		      "arn:aws:iam::ACCOUNT:role/NAME" } },
		{ "assumeRoleExternalId: id\n" ARN_FLOW,
		    { "1:1: assumeRoleExternalId: no use without "
		      "assumeRoleARN" } },
		{ "assumeRoleARN: " ROLE_1 "\n" ARN_FLOW
		  "  assumeRoleExternalId: id\n",
		    { "5:3: assumeRoleExternalId: no use without the flow's "
		      "assumeRoleARN" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_foreign_endpoint_signs_for_us_east_1_with_one_warning(void **state)
{
	static const struct config_case two = {
		"kinesis.endpoint: https://localhost:4567\n" BARE_FLOW
		"- filePattern: /l/y\n  kinesisStream: s\n",
		{ "warn 3:3: kinesis.region: not given, and "
		  "https://localhost:4567 tells none; requests are signed for "
		  "us-east-1" }
	};
	struct report r;
	struct config *c = config_from(two.text, false, &r);

	(void)state;
	assert_string_equal(c->flows[1].region, "us-east-1");
	draft_free(c);
	report_fini(&r);
	config_check(&two, false);
}

static void
a_java_firehose_flow_stays_in_us_east_1_with_one_warning(void **state)
{
	static const struct config_case two = {
		"{\"flows\":[\n"
		"{\"filePattern\":\"/a/x\",\"deliveryStream\":\"d\"},\n"
		"{\"filePattern\":\"/a/y\",\"deliveryStream\":\"d\"}]}",
		{ "warn 2:1: firehose.region: not given; taken as us-east-1, "
		  "as the Java agent does" }
	};
	struct report r;
	struct config *c;

	(void)state;
	setenv("AWS_REGION", "eu-west-1", 1);
	c = config_from(two.text, true, &r);
	assert_string_equal(c->flows[0].region, "us-east-1");
	assert_string_equal(c->flows[1].region, "us-east-1");
	draft_free(c);
	report_fini(&r);
	config_check(&two, true);
}

static void
endpoints_are_brought_into_one_form(void **state)
{
	static const struct {
		const char *text, *normal;
	} cases[] = {
		{ "Host", "https://host" },
		{ "HTTPS://h/", "https://h" },
		{ "https://h:443", "https://h" },
		{ "http://h:80/", "http://h" },
		{ "http://h:443", "http://h:443" },
		{ "h:8443", "https://h:8443" },
		{ "http://127.0.0.1:4567", "http://127.0.0.1:4567" },
		{ "https://[::1]:4567/", "https://[::1]:4567" },
		{ "[FE80::1]", "https://[fe80::1]" },
		{ "", NULL },
		{ "https://", NULL },
		{ "h:0", NULL },
		{ "h:65536", NULL },
		{ "h:", NULL },
		{ "h:x", NULL },
		{ "h/path", NULL },
		{ "h?q", NULL },
		{ "h#f", NULL },
		{ "a..b", NULL },
		{ ".a", NULL },
		{ "-a", NULL },
		{ "a b", NULL },
		{ "u@h", NULL },
		{ "ftp://h", NULL },
		{ "[::1", NULL },
		{ "[]", NULL },
		{ "[::1]x", NULL },
		{ "[x]", NULL },
		{ "\xC3\xA4", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *cause = NULL;
		char *normal = endpoint_normal(cases[i].text, &cause);

		if (cases[i].normal == NULL) {
			assert_null(normal);
			assert_non_null(cause);
			continue;
		}
		assert_non_null(normal);
		assert_string_equal(normal, cases[i].normal);
		free(normal);
	}
}

static void
the_region_is_found_in_an_aws_hosts_name(void **state)
{
	static const struct {
		const char *normal, *region;
	} cases[] = {
		{ "https://kinesis.us-east-1.amazonaws.com", "us-east-1" },
		{ "https://kinesis-fips.us-gov-west-1.amazonaws.com",
		    "us-gov-west-1" },
		{ "https://kinesis.cn-north-1.amazonaws.com.cn", "cn-north-1" },
		{ "https://kinesis.cn-north-1.api.amazonwebservices.com.cn",
		    "cn-north-1" },
		{ "https://vpce-0a1-b2c.kinesis.cn-north-1.vpce.amazonaws.com."
		  "cn",
		    "cn-north-1" },
		{ "https://vpce-0a1-b2c.kinesis-fips.us-east-2.vpce."
		  "amazonaws.com",
		    "us-east-2" },
		{ "https://firehose-fips.ca-central-1.api.aws",
		    "ca-central-1" },
		{ "https://111122223333.data-kinesis.us-east-1.amazonaws.com",
		    "us-east-1" },
		{ "https://kinesis.eusc-de-east-1.amazonaws.eu",
		    "eusc-de-east-1" },
		{ "https://kinesis.us-iso-east-1.c2s.ic.gov", "us-iso-east-1" },
		{ "https://kinesis.us-isob-east-1.sc2s.sgov.gov",
		    "us-isob-east-1" },
		{ "https://kinesis.ap-southeast-12.api.aws:444",
		    "ap-southeast-12" },
		{ "https://vpce-0a1-b2c-us-east-1a.kinesis.eu-west-3.vpce."
		  "amazonaws.com",
		    "eu-west-3" },
		{ "https://123456789012.data-kinesis.eusc-de-east-1."
		  "amazonaws.com",
		    "eusc-de-east-1" },
		{ "https://kinesis.amazonaws.com", NULL },
		{ "https://us-east-1.example.com", NULL },
		{ "https://us-east-1.notamazonaws.com", NULL },
		{ "https://amazonaws.com", NULL },
		{ "https://[::1]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char region[ENDPOINT_REGION];
		bool found = endpoint_region(cases[i].normal, region);

		assert_int_equal(found, cases[i].region != NULL);
		if (found)
			assert_string_equal(region, cases[i].region);
	}
}

static void
plain_http_is_warned_of_only_when_it_leaves_the_machine(void **state)
{
	static const struct config_case cases[] = {
		{ FLOW(PATTERN STREAM "  endpoint: http://h\n"),
		    { "warn 5:3: endpoint: records leave this machine "
		      "unencrypted; write https:// if http://h can" } },
		{ FLOW(PATTERN STREAM "  endpoint: http://127.0.0.1.evil\n"),
		    { "warn 5:3: endpoint: records leave this machine "
		      "unencrypted; write https:// if http://127.0.0.1.evil "
		      "can" } },
		{ FLOW(PATTERN STREAM "  endpoint: http://localhost:1\n"),
		    { NULL } },
		{ FLOW(PATTERN STREAM "  endpoint: http://127.1.2.3:1\n"),
		    { NULL } },
		{ FLOW(PATTERN STREAM "  endpoint: 'http://[::1]:1'\n"),
		    { NULL } },
		{ FLOW(PATTERN STREAM "  endpoint: h\n"), { NULL } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, forget_environment, NULL)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_pattern_is_an_absolute_path_with_a_name),
		CASE(several_patterns_are_a_list_named_by_the_first),
		CASE(a_bad_pattern_in_a_list_is_named_by_its_own_line),
		CASE(the_java_agents_file_has_one_pattern_a_flow),
		CASE(what_is_left_out_of_a_file_is_said_per_flow),
		CASE(a_flow_has_exactly_one_destination),
		CASE(in_the_java_agents_file_delivery_stream_wins),
		CASE(a_java_pattern_with_a_starred_directory_is_warned_of),
		CASE(firehose_has_its_own_limits),
		CASE(no_two_flows_have_one_name),
		CASE(a_first_backoff_beyond_the_last_is_refused),
		CASE(the_region_comes_from_the_nearest_that_says_it),
		CASE(an_arn_is_kept_and_its_name_names_the_flow),
		CASE(regions_that_contradict_each_other_are_refused),
		CASE(a_region_that_cannot_be_one_is_refused_with_the_nearest),
		CASE(a_region_that_nothing_tells_is_settled_later),
		CASE(a_flows_role_replaces_the_agents_with_its_external_id),
		CASE(a_role_is_an_arn_and_an_external_id_belongs_to_one),
		CASE(a_nonsense_region_in_the_environment_is_told),
		CASE(a_foreign_endpoint_signs_for_us_east_1_with_one_warning),
		CASE(a_java_firehose_flow_stays_in_us_east_1_with_one_warning),
		CASE(endpoints_are_brought_into_one_form),
		CASE(the_region_is_found_in_an_aws_hosts_name),
		CASE(plain_http_is_warned_of_only_when_it_leaves_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
