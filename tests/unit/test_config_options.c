/* SPDX-License-Identifier: Apache-2.0
 *
 * dataProcessingOptions as they are configured: both formats say the same to
 * the parsers, and a mistake is told where it stands.
 */
#include "config_case.h"

#define IN_FLOW(line) A_FLOW "  " line "\n"
#define OPTIONS       "dataProcessingOptions: ["

static void
options_are_kept_in_order_as_json(void **state)
{
	struct config *c = config_ok(A_FLOW
	    "  dataProcessingOptions:\n"
	    "  - optionName: CSVTOJSON\n"
	    "    customFieldNames: [a, 'b\"', 12]\n"
	    "    delimiter: '\\t'\n"
	    "  - optionName: ADDMETADATA\n"
	    "    metadata: {n: 1.5, t: true, s: 010, z: ~, l: [], m: "
	    "{}, y: yes}\n"
	    "  onMismatch: raw\n",
	    false);

	(void)state;
	assert_string_equal(c->flows[0].options[0],
	    "{\"optionName\":\"CSVTOJSON\",\"customFieldNames\":[\"a\","
	    "\"b\\\"\",12],\"delimiter\":\"\\\\t\"}");
	assert_string_equal(c->flows[0].options[1],
	    "{\"optionName\":\"ADDMETADATA\",\"metadata\":{\"n\":1.5,\"t\":"
	    "true,\"s\":\"010\",\"z\":null,\"l\":[],\"m\":{},\"y\":"
	    "\"yes\"}}");
	assert_null(c->flows[0].options[2]);
	assert_int_equal(c->flows[0].mismatch, MISMATCH_RAW);
	draft_free(c);
}

static void
the_java_agents_options_are_understood(void **state)
{
	struct config *c = config_ok(
	    "{\"kinesis.region\": \"eu-west-1\", \"flows\": [{"
	    "\"filePattern\": \"/var/log/a\", \"kinesisStream\": \"s\","
	    "\"dataProcessingOptions\": [{\"optionName\": \"LOGTOJSON\", "
	    "\"logFormat\": \"COMMONAPACHELOG\", \"matchPattern\": "
	    "\"^(\\\\d+) \\\"(.*)\\\"\", \"customFieldNames\": [\"a\", "
	    "\"b\"]}]}]}",
	    true);

	(void)state;
	assert_string_equal(c->flows[0].options[0],
	    "{\"optionName\":\"LOGTOJSON\",\"logFormat\":\"COMMONAPACHELOG\","
	    "\"matchPattern\":\"^(\\\\d+) \\\"(.*)\\\"\",\"customFieldNames\":"
	    "[\"a\",\"b\"]}");
	assert_int_equal(c->flows[0].mismatch, MISMATCH_BY_OPTION);
	draft_free(c);
}

static void
records_of_several_lines_are_configured(void **state)
{
	static const struct config_case cases[] = {
		{ IN_FLOW("multiLineStartPattern: '(x'"),
		    { "5:3: multiLineStartPattern: missing closing "
		      "parenthesis, behind byte 2 of the pattern (got `(x`); "
		      "allowed: a regular expression as PCRE2 takes it" } },
		{ IN_FLOW("multiLine: ruby"),
		    { "5:3: multiLine: not a known word (got `ruby`); "
		      "allowed: none, java, python, go, cri, docker-json" } },
		{ IN_FLOW("multiLineStartPattern: x\n  multiLine: go"),
		    { "6:3: multiLine: multiLineStartPattern is given too; "
		      "keep one of them" } },
	};
	struct config *c =
	    config_ok(A_FLOW "  multiLine: cri\n"
			     "  dataProcessingOptions: [{optionName: "
			     "ADDBRACKETS}]\n",
		false);

	(void)state;
	assert_int_equal(c->flows[0].multiline, MULTILINE_CRI);
	assert_int_equal(c->flows[0].hold_ms, 1000);
	assert_string_equal(c->flows[0].options[0],
	    "{\"optionName\":\"MERGEPARTS\",\"of\":\"cri\"}");
	assert_string_equal(
	    c->flows[0].options[1], "{\"optionName\":\"ADDBRACKETS\"}");
	assert_null(c->flows[0].options[2]);
	draft_free(c);
	c = config_ok(A_FLOW "  multiLineStartPattern: ^x\n", false);
	assert_int_equal(c->flows[0].multiline, MULTILINE_PATTERN);
	assert_string_equal(c->flows[0].start_pattern, "^x");
	draft_free(c);
	CHECK_ALL(cases, false);
}

static void
no_options_are_none(void **state)
{
	struct config *c =
	    config_ok(A_FLOW "  dataProcessingOptions: []\n", false);

	(void)state;
	assert_null(c->flows[0].options);
	draft_free(c);
}

static void
a_mistake_is_told_where_it_stands(void **state)
{
	static const struct config_case cases[] = {
		{ IN_FLOW("dataProcessingOptions: {optionName: SINGLELINE}"),
		    { "5:3: dataProcessingOptions: not a list; each option "
		      "begins with a dash, or in JSON stands in [ ]" } },
		{ IN_FLOW(OPTIONS "SINGLELINE]"),
		    { "5:27: dataProcessingOptions: an option is a map with "
		      "an optionName" } },
		{ IN_FLOW(OPTIONS "{optionName: SINGLLINE}]"),
		    { "5:28: dataProcessingOptions: SINGLLINE: optionName: no "
		      "such option (got `SINGLLINE`); did you mean "
		      "`SINGLELINE`?" } },
		{ IN_FLOW(OPTIONS "{optionName: ADDBRACKETS}, {logFormat: "
				  "SYSLOG}]"),
		    { "5:54: dataProcessingOptions: : optionName: missing" } },
		{ IN_FLOW(OPTIONS "{optionName: CSVTOJSON, customFieldNames: "
				  "[a], delimeter: ';'}]"),
		    { "5:74: dataProcessingOptions: delimeter: no such key of "
		      "CSVTOJSON; did you mean `delimiter`?" } },
		{ IN_FLOW(OPTIONS "{optionName: LOGTOJSON, matchPattern: "
				  "'(a)(b', customFieldNames: [x, y]}]"),
		    { "5:51: dataProcessingOptions: LOGTOJSON: matchPattern: "
		      "missing closing parenthesis, behind byte 5 of the "
		      "pattern (got `(a)(b`); allowed: a regular expression "
		      "as PCRE2 takes it" } },
		{ IN_FLOW(OPTIONS "{optionName: LOGTOJSON, matchPattern: "
				  "'(a)(b)', customFieldNames: [x]}]"),
		    { "5:75: dataProcessingOptions: LOGTOJSON: "
		      "customFieldNames: 1 names for the 2 groups of "
		      "matchPattern; they must be as many" } },
		{ IN_FLOW("onMismatch: drop"),
		    { "5:3: onMismatch: not a known word (got `drop`); "
		      "allowed: byOption, skip, raw, deadLetter" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_kept_in_order_as_json),
		cmocka_unit_test(the_java_agents_options_are_understood),
		cmocka_unit_test(records_of_several_lines_are_configured),
		cmocka_unit_test(no_options_are_none),
		cmocka_unit_test(a_mistake_is_told_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
