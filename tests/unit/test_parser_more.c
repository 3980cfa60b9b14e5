/* SPDX-License-Identifier: Apache-2.0
 *
 * The options and formats that the Java agent has not, and what holds for
 * every chain: any bytes, any size, any pattern.
 */
#include "parser_case.h"

#include <stdlib.h>

#include "digest.h"
#include "record.h"

#define LOG(more)    "{\"optionName\":\"LOGTOJSON\"," more "}"
#define FORMAT(name) LOG("\"logFormat\":\"" name "\"")
#define FILTER(more) "{\"optionName\":\"FILTER\"," more "}"
#define REDACT(more) "{\"optionName\":\"REDACT\"," more "}"
#define TYPES(more)  "{\"optionName\":\"TYPES\"," more "}"
#define STAMP(more)  "{\"optionName\":\"TIMESTAMP\",\"field\":\"t\"," more "}"

/* What was captured as `name` is `text`; NULL: nothing was. */
static void
captured(struct parser *p, const char *name, const char *text)
{
	struct record record = record_of(span_of(NULL, 0));
	const struct field *f;

	parser_capture(p, &record);
	f = record_field(&record, span_str(name));
	if (text == NULL) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	assert_true(span_eq(f->value, span_str(text)));
}

static void
rfc5424_lines_have_nine_fields(void **state)
{
	(void)state;
	becomes(FORMAT("RFC5424SYSLOG"),
	    "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - "
	    "ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"App\\]\"][x] "
	    "\xEF\xBB\xBF"
	    "An application event log entry...\n",
	    "{\"priority\":\"165\",\"version\":\"1\",\"timestamp\":"
	    "\"2003-10-11T22:14:15.003Z\",\"hostname\":"
	    "\"mymachine.example.com\",\"program\":\"evntslog\","
	    "\"processid\":null,\"messageid\":\"ID47\",\"structureddata\":"
	    "\"[exampleSDID@32473 iut=\\\"3\\\" eventSource=\\\"App\\\\]\\\"]"
	    "[x]\",\"message\":\"An application event log entry...\"}\n");
	becomes(FORMAT("RFC5424SYSLOG"), "<0>1 - - - - - -\n",
	    "{\"priority\":\"0\",\"version\":\"1\",\"timestamp\":null,"
	    "\"hostname\":null,\"program\":null,\"processid\":null,"
	    "\"messageid\":null,\"structureddata\":null,\"message\":null}\n");
	is_judged(
	    FORMAT("RFC5424SYSLOG"), "<0>1 - - - - - [x\n", PARSER_NO_MATCH);
}

#define NGINX "2023/01/02 03:04:05 [error] 12#0: "

static void
nginx_errors_end_in_parts_that_may_be_missing(void **state)
{
	(void)state;
	becomes(FORMAT("NGINXERRORLOG"),
	    NGINX "*7 open() \"/a, client: x\" failed (2: No such file), "
		  "client: 10.0.0.1, server: a.b, request: \"GET /a, client: "
		  "x HTTP/1.1\", host: \"h\", referrer: \"http://r/\"\n",
	    "{\"timestamp\":\"2023/01/02 03:04:05\",\"severity\":\"error\","
	    "\"processid\":\"12\",\"threadid\":\"0\",\"connection\":\"7\","
	    "\"message\":\"open() \\\"/a, client: x\\\" failed (2: No such "
	    "file)\",\"client\":\"10.0.0.1\",\"server\":\"a.b\",\"request\":"
	    "\"GET /a, client: x HTTP/1.1\",\"subrequest\":null,\"upstream\":"
	    "null,\"host\":\"h\",\"referrer\":\"http://r/\"}\n");
	becomes(FORMAT("NGINXERRORLOG"), NGINX "signal process started\n",
	    "{\"timestamp\":\"2023/01/02 03:04:05\",\"severity\":\"error\","
	    "\"processid\":\"12\",\"threadid\":\"0\",\"connection\":null,"
	    "\"message\":\"signal process started\",\"client\":null,"
	    "\"server\":null,\"request\":null,\"subrequest\":null,"
	    "\"upstream\":null,\"host\":null,\"referrer\":null}\n");
	is_judged(
	    FORMAT("NGINXERRORLOG"), "2023/01/02 [error] x\n", PARSER_NO_MATCH);
}

static void
lines_may_name_their_fields_themselves(void **state)
{
	(void)state;
	becomes(FORMAT("LOGFMT"),
	    "level=info  msg=\"a \\\"b\\\"\\n\" empty= flag url=a=b\n",
	    "{\"level\":\"info\",\"msg\":\"a \\\"b\\\"\\n\",\"empty\":\"\","
	    "\"flag\":true,\"url\":\"a=b\"}\n");
	is_judged(FORMAT("LOGFMT"), "just some words\n", PARSER_NO_MATCH);
	is_judged(FORMAT("LOGFMT"), "a=\"b\n", PARSER_NO_MATCH);
	is_judged(FORMAT("LOGFMT"), "a=\"b\"c\n", PARSER_NO_MATCH);
	becomes(FORMAT("JSON"),
	    " { \"b\" : 1.50 , \"a\" : [ 1, {\"c\" : \"d e\"} ], \"n\" : null "
	    "}\r\n",
	    "{\"b\":1.50,\"a\":[1,{\"c\":\"d e\"}],\"n\":null}\n");
	is_judged(FORMAT("JSON"), "[1]\n", PARSER_NO_MATCH);
	is_judged(FORMAT("JSON"), "{\"a\":1} x\n", PARSER_NO_MATCH);
	is_judged(FORMAT("JSON"), "{\"a\":01}\n", PARSER_NO_MATCH);
}

static void
container_lines_have_their_stream_and_tag(void **state)
{
	(void)state;
	becomes(FORMAT("CRI"),
	    "2016-10-06T00:17:09.669794202Z stdout F a message \n",
	    "{\"timestamp\":\"2016-10-06T00:17:09.669794202Z\",\"stream\":"
	    "\"stdout\",\"tag\":\"F\",\"message\":\"a message \"}\n");
	is_judged(
	    FORMAT("CRI"), "2016-10-06T00:17:09Z other F x\n", PARSER_NO_MATCH);
}

static void
parts_become_the_line_that_they_are_of(void **state)
{
	const char *cri = "{\"optionName\":\"MERGEPARTS\",\"of\":\"cri\"}";
	const char *docker =
	    "{\"optionName\":\"MERGEPARTS\",\"of\":\"docker-json\"}";

	(void)state;
	becomes(cri,
	    "2016-10-06T00:17:09.1Z stdout P a \n"
	    "2016-10-06T00:17:09.2Z stdout P b\n"
	    "2016-10-06T00:17:09.3Z stdout F c\n",
	    "2016-10-06T00:17:09.1Z stdout F a bc\n");
	becomes(cri, "2016-10-06T00:17:09.1Z stdout F a\n",
	    "2016-10-06T00:17:09.1Z stdout F a\n");
	/* Of two streams: as they are. */
	becomes(cri,
	    "2016-10-06T00:17:09.1Z stdout P a\n"
	    "2016-10-06T00:17:09.2Z stderr F b\n",
	    "2016-10-06T00:17:09.1Z stdout P a\n"
	    "2016-10-06T00:17:09.2Z stderr F b\n");
	becomes(docker,
	    "{\"log\":\"a\\\"\",\"stream\":\"stdout\",\"time\":1}\n"
	    "{\"log\":\"b\\n\",\"stream\":\"stdout\",\"time\":2}\n",
	    "{\"log\":\"a\\\"b\\n\",\"stream\":\"stdout\",\"time\":1}\n");
}

static void
load_balancers_of_both_kinds_have_the_same_fields(void **state)
{
	(void)state;
	becomes(FORMAT("ELB"),
	    "2015-05-13T23:39:43.945958Z my-lb 192.168.131.39:2817 "
	    "10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET "
	    "http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -\n",
	    "{\"type\":null,\"time\":\"2015-05-13T23:39:43.945958Z\",\"elb\":"
	    "\"my-lb\",\"client\":\"192.168.131.39:2817\",\"target\":"
	    "\"10.0.0.1:80\",\"request_processing_time\":\"0.000073\","
	    "\"target_processing_time\":\"0.001048\","
	    "\"response_processing_time\":\"0.000057\",\"elb_status_code\":"
	    "\"200\",\"target_status_code\":\"200\",\"received_bytes\":\"0\","
	    "\"sent_bytes\":\"29\",\"request\":\"GET "
	    "http://www.example.com:80/ HTTP/1.1\",\"user_agent\":"
	    "\"curl/7.38.0\",\"ssl_cipher\":null,\"ssl_protocol\":null,"
	    "\"target_group_arn\":null,\"trace_id\":null,\"domain_name\":null,"
	    "\"chosen_cert_arn\":null,\"matched_rule_priority\":null,"
	    "\"request_creation_time\":null,\"actions_executed\":null,"
	    "\"redirect_url\":null,\"error_reason\":null,\"target_list\":null,"
	    "\"target_status_code_list\":null,\"classification\":null,"
	    "\"classification_reason\":null,\"conn_trace_id\":null}\n");
	becomes(FORMAT("ELB"),
	    "http 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 "
	    "192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "
	    "\"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.46.0\" - - "
	    "arn:x \"Root=1-58337262\" \"-\" \"-\" 0 "
	    "2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\" "
	    "\"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_1 more to come\n",
	    "{\"type\":\"http\",\"time\":\"2018-07-02T22:23:00.186641Z\","
	    "\"elb\":\"app/my-lb/50dc6c495c0c9188\",\"client\":"
	    "\"192.168.131.39:2817\",\"target\":\"10.0.0.1:80\","
	    "\"request_processing_time\":\"0.000\",\"target_processing_time\":"
	    "\"0.001\",\"response_processing_time\":\"0.000\","
	    "\"elb_status_code\":\"200\",\"target_status_code\":\"200\","
	    "\"received_bytes\":\"34\",\"sent_bytes\":\"366\",\"request\":"
	    "\"GET http://www.example.com:80/ HTTP/1.1\",\"user_agent\":"
	    "\"curl/7.46.0\",\"ssl_cipher\":null,\"ssl_protocol\":null,"
	    "\"target_group_arn\":\"arn:x\",\"trace_id\":\"Root=1-58337262\","
	    "\"domain_name\":null,\"chosen_cert_arn\":null,"
	    "\"matched_rule_priority\":\"0\",\"request_creation_time\":"
	    "\"2018-07-02T22:22:48.364000Z\",\"actions_executed\":\"forward\","
	    "\"redirect_url\":null,\"error_reason\":null,\"target_list\":"
	    "\"10.0.0.1:80\",\"target_status_code_list\":\"200\","
	    "\"classification\":null,\"classification_reason\":null,"
	    "\"conn_trace_id\":\"TID_1\"}\n");
	is_judged(FORMAT("ELB"), "http not-a-time x\n", PARSER_NO_MATCH);
}

static void
cloudfront_comments_are_no_records(void **state)
{
	static const char *const chain[] = { LOG(
	    "\"logFormat\":\"CLOUDFRONT\"") };
	struct parser *p = chain_of(chain, 1);
	struct parser_result result;
	struct span line =
	    span_str("2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\t"
		     "d1.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20"
		     "(W)\t-\t-\tHit\n");

	(void)state;
	assert_int_equal(
	    PARSER_SKIPPED, parser_run(p, span_str("#Version: 1.0\n"),
				facts_of_case(), &result));
	assert_int_equal(
	    PARSER_RECORD, parser_run(p, line, facts_of_case(), &result));
	captured(p, "cs-uri-stem", "/index.html");
	captured(p, "x-edge-result-type", "Hit");
	captured(p, "cs(Referer)", NULL);
	captured(p, "sc-range-end", NULL);
	captured(p, "none", NULL);
	parser_free(p);
}

static void
named_groups_name_fields(void **state)
{
	(void)state;
	becomes(LOG("\"matchPattern\":\"(?<user>\\\\w+)(?:@(?<host>.+))?( )?"
		    "\""),
	    "me\n", "{\"user\":\"me\",\"host\":null}\n");
	/* A dot is a character, also where the bytes are none. */
	becomes(LOG("\"matchPattern\":\"(?<a>...)-(?<b>.)\""),
	    "\xC3\xA9\xE2\x82\xAC\xFF-x\n",
	    "{\"a\":\"\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBD\",\"b\":\"x\"}\n");
}

static void
metadata_knows_where_a_record_is_from(void **state)
{
	(void)state;
	becomes("{\"optionName\":\"ADDMETADATA\",\"metadata\":{\"h\":"
		"\"{hostname}\",\"p\":\"{path}:{offset}\",\"{file}\":"
		"\"at {time} {other}\"}}",
	    "x\n",
	    "{\"metadata\":{\"h\":\"web-1\",\"p\":\"/var/log/app/a "
	    "\\\"b\\\".log:12345678901\",\"a \\\"b\\\".log\":\"at "
	    "2026-11-21T20:10:47.002Z {other}\"},\"data\":\"x\"}\n");
}

static void
filters_keep_or_drop(void **state)
{
	(void)state;
	becomes(FILTER("\"pattern\":\"ERR|WARN\""), "an ERROR\n", "an ERROR\n");
	is_judged(FILTER("\"pattern\":\"ERR|WARN\""), "fine\n", PARSER_SKIPPED);
	is_judged(FILTER("\"pattern\":\"health\",\"action\":\"drop\""),
	    "GET /health\n", PARSER_SKIPPED);
	becomes(FILTER("\"pattern\":\"^\\\\S+$\",\"action\":\"drop\""),
	    "two words\n", "two words\n");
	/* A record that is not looked into keeps its bytes. */
	becomes(FILTER("\"pattern\":\"^5\",\"field\":\"status\""),
	    "{ \"status\": 500, \"x\":\"\xFF\" }\n",
	    "{ \"status\": 500, \"x\":\"\xFF\" }\n");
	is_judged(FILTER("\"pattern\":\"^5\",\"field\":\"status\""),
	    "{\"other\": 500}\n", PARSER_SKIPPED);
	is_judged(FILTER("\"pattern\":\"^5\",\"field\":\"status\""),
	    "no JSON\n", PARSER_NO_MATCH);
}

static void
what_is_redacted_is_nowhere_in_the_record(void **state)
{
	(void)state;
	becomes(REDACT("\"pattern\":\"\\\\d{4}-\\\\d{4}\""),
	    "card 1234-5678, 1111-2222\n", "card [REDACTED], [REDACTED]\n");
	becomes(REDACT("\"pattern\":\"(user=)\\\\w+\",\"replacement\":"
		       "\"$1***$$\""),
	    "user=me x user=you", "user=***$ x user=***$");
	becomes(REDACT("\"pattern\":\"x*\",\"replacement\":\"-\""),
	    "\xC3\xA9x\n", "-\xC3\xA9--\n");
	becomes(REDACT("\"pattern\":\"none\""), "as it \xFF came\r\n",
	    "as it \xFF came\r\n");
	becomes(REDACT("\"pattern\":\".+\",\"field\":\"a\","
		       "\"replacement\":\"\\\"\""),
	    "{\"b\": 1, \"a\": \"s\\u00e9cret\", \"c\": \"x\"}\n",
	    "{\"b\":1,\"a\":\"\\\"\",\"c\":\"x\"}\n");
	/* HMAC-SHA-256 of RFC 4231's second case, its first 16 bytes */
	becomes(REDACT("\"pattern\":\"what.*\",\"hashKey\":\"Jefe\""),
	    "say what do ya want for nothing?",
	    "say 5bdcc146bf60754e6a042426089575c7");
}

static void
types_are_given_to_what_looks_like_them(void **state)
{
	const char *option = TYPES("\"number\":[\"n\",\"m\",\"z\"],"
				   "\"boolean\":[\"b\",\"c\"],"
				   "\"null\":[\"z\",\"y\"]");

	(void)state;
	becomes(option,
	    "{\"n\":\"12\",\"m\":\"007\",\"z\":\"-\",\"b\":\"Yes\","
	    "\"c\":\"perhaps\",\"y\":\"x\"}\n",
	    "{\"n\":12,\"m\":\"007\",\"z\":null,\"b\":true,"
	    "\"c\":\"perhaps\",\"y\":\"x\"}\n");
	becomes(option, "{\"n\":\"-1.5e3\",\"z\":\"0\"}",
	    "{\"n\":-1.5e3,\"z\":0}\n");
	is_judged(option, "no JSON\n", PARSER_NO_MATCH);
	is_refused("{\"optionName\":\"TYPES\"}", "", "names no field");
}

static void
timestamps_become_iso_8601_in_utc(void **state)
{
	(void)state;
	becomes(STAMP("\"format\":\"apache\""),
	    "{\"t\":\"27/Oct/2000:09:27:09 -0400\"}",
	    "{\"t\":\"2000-10-27T13:27:09Z\"}\n");
	becomes(STAMP("\"format\":\"apacheError\",\"target\":\"at\""),
	    "{\"t\":\"Fri Sep 09 10:42:29.902022 2011\"}",
	    "{\"t\":\"Fri Sep 09 10:42:29.902022 2011\","
	    "\"at\":\"2011-09-09T10:42:29.902022Z\"}\n");
	becomes(STAMP("\"format\":\"syslog\",\"timezone\":\"+01:00\""),
	    "{\"t\":\"Nov  2 00:00:08\"}",
	    "{\"t\":\"2026-11-01T23:00:08Z\"}\n");
	/* A date that is yet to come was last year's. */
	becomes(STAMP("\"format\":\"syslog\""), "{\"t\":\"Dec 31 23:59:59\"}",
	    "{\"t\":\"2025-12-31T23:59:59Z\"}\n");
	becomes(STAMP("\"format\":\"syslog\""), "{\"t\":\"Feb 29 00:00:00\"}",
	    "{\"t\":\"2024-02-29T00:00:00Z\"}\n");
	becomes(STAMP("\"format\":\"rfc3339\""),
	    "{\"t\":\"2016-04-21T10:11:12.5+01:00\"}",
	    "{\"t\":\"2016-04-21T09:11:12.5Z\"}\n");
	becomes(STAMP("\"format\":\"epochMillis\""), "{\"t\":1795291847002}",
	    "{\"t\":\"2026-11-21T20:10:47.002Z\"}\n");
	becomes(STAMP("\"format\":\"epoch\""), "{\"t\":\"1795291847.25\"}",
	    "{\"t\":\"2026-11-21T20:10:47.25Z\"}\n");
	becomes(STAMP("\"format\":\"%m/%d/%y %I:%M %p\""),
	    "{\"t\":\"02/28/70 12:05 am\"}",
	    "{\"t\":\"1970-02-28T00:05:00Z\"}\n");
	becomes(STAMP("\"format\":\"apache\""), "{\"x\":1}\n", "{\"x\":1}\n");
	is_judged(STAMP("\"format\":\"%F\""), "{\"t\":\"2023-02-29\"}",
	    PARSER_NO_MATCH);
	is_refused(STAMP("\"format\":\"%d %Q\""), "format", "`%Q`");
	is_refused(STAMP("\"format\":\"nothing\""), "format", "apache");
	is_refused(STAMP("\"format\":\"epoch\",\"timezone\":\"CET\""),
	    "timezone", "+01:00");
}

static void
any_bytes_make_json(void **state)
{
	(void)state;
	becomes("{\"optionName\":\"CSVTOJSON\",\"customFieldNames\":"
		"[\"q\\\"\xC3\xA9\"]}",
	    "\x01\x1f\x7f\"\\/\b\f\t\xC3\xA9\xED\xA0\x80\xF0\x9F\x98\x80"
	    "\xF0\x9F\x98\xE2\x82\xC0\xAF\xF4\x90\x80\x80\n",
	    "{\"q\\\"\xC3\xA9\":\"\\u0001\\u001F\x7f\\\"\\\\/\\b\\f\\t\xC3\xA9"
	    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xF0\x9F\x98\x80"
	    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
	    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}\n");
	becomes("{\"optionName\":\"ADDMETADATA\",\"timestamp\":\"false\","
		"\"metadata\":1}",
	    "", "{\"metadata\":1,\"data\":\"\"}\n");
}

static void
a_nul_is_a_byte(void **state)
{
	static const char *const chain[] = {
		"{\"optionName\":\"ADDMETADATA\",\"metadata\":{}}"
	};

	(void)state;
	check_chain(chain, 1, span_of("a\0b\n", 4), PARSER_RECORD,
	    span_str("{\"metadata\":{},\"data\":\"a\\u0000b\"}\n"));
}

static void
a_pathological_pattern_gives_up(void **state)
{
	char line[64];

	(void)state;
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 2] = 'b';
	line[sizeof(line) - 1] = '\0';
	is_judged(LOG("\"matchPattern\":\"((?:a+)+)\",\"customFieldNames\":["
		      "\"x\"]"),
	    line, PARSER_TOO_HARD);
	is_judged(REDACT("\"pattern\":\"(a+)+$\""), line, PARSER_TOO_HARD);
}

static void
what_grows_without_end_gives_up(void **state)
{
	const char *option = "{\"optionName\":\"ADDMETADATA\",\"metadata\":{}}";
	const char *chain[16];
	char *line = malloc(RECORD_MAX + 1);

	(void)state;
	assert_non_null(line);
	memset(line, '"', RECORD_MAX);
	line[RECORD_MAX] = '\0';
	for (size_t i = 0; i < 16; i++)
		chain[i] = option;
	check_chain(chain, 16, span_str(line), PARSER_TOO_HARD, span_str(line));
	free(line);
}

static void
fields_outlive_their_text(void **state)
{
	static const char *const chain[] = {
		"{\"optionName\":\"SINGLELINE\"}",
		LOG("\"logFormat\":\"LOGFMT\""),
		"{\"optionName\":\"ADDMETADATA\",\"metadata\":{}}",
		"{\"optionName\":\"ADDBRACKETS\"}",
		"{\"optionName\":\"ADDBRACKETS\"}",
	};
	struct parser *p = chain_of(chain, 5);
	struct parser_result result;

	(void)state;
	assert_int_equal(PARSER_RECORD,
	    parser_run(p, span_str("user=me id=\"4\\\"2\" a\\b=x\n"),
		facts_of_case(), &result));
	captured(p, "user", "me");
	captured(p, "a\\b", "x");
	captured(p, "id", "4\"2");
	parser_free(p);
}

static void
a_verdict_names_its_option_and_default(void **state)
{
	static const char *const chain[] = {
		"{\"optionName\":\"ADDBRACKETS\"}",
		LOG("\"logFormat\":\"SYSLOG\""),
	};
	static const char *const types[] = { TYPES("\"number\":[\"a\"]") };
	struct parser *p = chain_of(chain, 2);
	struct parser_result result;

	(void)state;
	assert_int_equal(PARSER_NO_MATCH,
	    parser_run(p, span_str("x\n"), facts_of_case(), &result));
	assert_int_equal(result.option, 1);
	assert_true(result.skips);
	assert_string_equal(parser_option(p, 1), "LOGTOJSON");
	parser_free(p);
	p = chain_of(types, 1);
	assert_int_equal(PARSER_NO_MATCH,
	    parser_run(p, span_str("x\n"), facts_of_case(), &result));
	assert_false(result.skips);
	parser_free(p);
}

static void
unknown_keys_are_told_the_nearest(void **state)
{
	char why[128] = "";

	(void)state;
	assert_true(parser_knows("CSVTOJSON", "delimiter", why, sizeof(why)));
	assert_true(parser_knows("CSVTOJSON", "optionName", why, sizeof(why)));
	assert_true(parser_knows("NONE", "x", why, sizeof(why)));
	assert_false(parser_knows("CSVTOJSON", "delimeter", why, sizeof(why)));
	assert_string_equal(
	    why, "no such key of CSVTOJSON; did you mean `delimiter`?");
	assert_false(parser_knows("ADDBRACKETS", "a", why, sizeof(why)));
	assert_string_equal(
	    why, "no such key of ADDBRACKETS; it knows: no others");
}

static int
set_up(void **state)
{
	(void)state;
	return digest_setup();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc5424_lines_have_nine_fields),
		cmocka_unit_test(nginx_errors_end_in_parts_that_may_be_missing),
		cmocka_unit_test(lines_may_name_their_fields_themselves),
		cmocka_unit_test(container_lines_have_their_stream_and_tag),
		cmocka_unit_test(parts_become_the_line_that_they_are_of),
		cmocka_unit_test(
		    load_balancers_of_both_kinds_have_the_same_fields),
		cmocka_unit_test(cloudfront_comments_are_no_records),
		cmocka_unit_test(named_groups_name_fields),
		cmocka_unit_test(metadata_knows_where_a_record_is_from),
		cmocka_unit_test(filters_keep_or_drop),
		cmocka_unit_test(what_is_redacted_is_nowhere_in_the_record),
		cmocka_unit_test(types_are_given_to_what_looks_like_them),
		cmocka_unit_test(timestamps_become_iso_8601_in_utc),
		cmocka_unit_test(any_bytes_make_json),
		cmocka_unit_test(a_nul_is_a_byte),
		cmocka_unit_test(a_pathological_pattern_gives_up),
		cmocka_unit_test(what_grows_without_end_gives_up),
		cmocka_unit_test(fields_outlive_their_text),
		cmocka_unit_test(a_verdict_names_its_option_and_default),
		cmocka_unit_test(unknown_keys_are_told_the_nearest),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
