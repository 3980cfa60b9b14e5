/* SPDX-License-Identifier: Apache-2.0
 *
 * What the Java agent makes of records, byte for byte where it is right. The
 * cases marked "right" are those where it is not: it skips or mangles them.
 */
#include "parser_case.h"

#define CSV(more)                                                              \
	"{\"optionName\":\"CSVTOJSON\",\"customFieldNames\":[" more "}"
#define LOG(more) "{\"optionName\":\"LOGTOJSON\"," more "}"
#define FOUR      "\"column1\",\"column2\",\"column3\",\"column4\"]"
#define THREE     "\"c1\",\"c2\",\"c3\"]"

static void
singleline_joins_trimmed_lines(void **state)
{
	(void)state;
	becomes("{\"optionName\":\"SINGLELINE\"}",
	    "{\n   \"a\": 1,\n   \"b\": 2  \n}\n", "{\"a\": 1,\"b\": 2}\n");
	becomes("{\"optionName\":\"SINGLELINE\",\"parseOptions\":[]}",
	    "{\r\n\t\"a\": 1\r\n}\r\n", "{\"a\": 1}\n");
	becomes("{\"optionName\":\"SINGLELINE\"}", "\n", "\n");
	becomes("{\"optionName\":\"SINGLELINE\"}", "a", "a\n");
}

static void
singleline_writes_two_backslashes_and_an_n(void **state)
{
	(void)state;
	becomes("{\"optionName\":\"SINGLELINE\","
		"\"parseOptions\":[\"ESCAPE_NEW_LINE\"]}",
	    "{\n   \"a\": {\n  \"b\": 1,\n \"c\": 2\n}\n}\n",
	    "{\\\\n\"a\": {\\\\n\"b\": 1,\\\\n\"c\": 2\\\\n}\\\\n}\n");
	becomes("{\"optionName\":\"SINGLELINE\","
		"\"parseOptions\":[\"ESCAPE_NEW_LINE\",\"NO_TRIM\"]}",
	    "{\n  \"a\": 1 \n}\n", "{\\\\n  \"a\": 1 \\\\n}\n");
}

static void
csv_columns_are_neither_trimmed_nor_typed(void **state)
{
	(void)state;
	becomes(CSV(FOUR), "value1, value2,valu\ne3,    value4\n",
	    "{\"column1\":\"value1\",\"column2\":\" value2\","
	    "\"column3\":\"valu\\ne3\",\"column4\":\"    value4\"}\n");
	becomes(CSV(THREE), "1,true,null\n",
	    "{\"c1\":\"1\",\"c2\":\"true\",\"c3\":\"null\"}\n");
}

static void
csv_columns_that_lack_are_null_and_others_are_dropped(void **state)
{
	(void)state;
	becomes(CSV(FOUR), "value1, value2,value3\n",
	    "{\"column1\":\"value1\",\"column2\":\" value2\","
	    "\"column3\":\"value3\",\"column4\":null}\n");
	becomes(CSV(FOUR), "value1, value2,value3,value4,value5\n",
	    "{\"column1\":\"value1\",\"column2\":\" value2\","
	    "\"column3\":\"value3\",\"column4\":\"value4\"}\n");
	becomes(
	    CSV(THREE), "a,,\n", "{\"c1\":\"a\",\"c2\":null,\"c3\":null}\n");
	becomes(
	    CSV(THREE), "a,,b\n", "{\"c1\":\"a\",\"c2\":\"\",\"c3\":\"b\"}\n");
	becomes(
	    CSV(THREE), "a,,,b\n", "{\"c1\":\"a\",\"c2\":\"\",\"c3\":\"\"}\n");
	becomes(CSV(THREE), "\n", "{\"c1\":\"\",\"c2\":null,\"c3\":null}\n");
	becomes(CSV(THREE), ",\n", "{\"c1\":null,\"c2\":null,\"c3\":null}\n");
}

static void
csv_delimiters_are_literal_or_the_old_regex(void **state)
{
	const char *tabs = "{\"column1\":\"value1\",\"column2\":\" value2\","
			   "\"column3\":\"value3\","
			   "\"column4\":\"    value4\"}\n";
	const char *abc = "{\"c1\":\"ab\",\"c2\":\"cd\",\"c3\":\"ef\"}\n";

	(void)state;
	becomes(CSV(FOUR ",\"delimiter\":\"\\\\t\""),
	    "value1\t value2\tvalue3\t    value4\n", tabs);
	becomes(CSV(FOUR ",\"delimiter\":\"\\t\""),
	    "value1\t value2\tvalue3\t    value4\n", tabs);
	becomes(CSV(THREE ",\"delimiter\":\"\\\\|\""), "ab|cd|ef\n", abc);
	/* right: | was an alternation of nothing and nothing */
	becomes(CSV(THREE ",\"delimiter\":\"|\""), "ab|cd|ef\n", abc);
	becomes(CSV(THREE ",\"delimiter\":\"||\""), "ab||cd||ef\n", abc);
	becomes(CSV(THREE ",\"delimiter\":\".\""), "ab.cd.ef\n", abc);
	becomes(CSV(THREE ",\"delimiter\":\";;\""), "ab;;cd;;ef\n", abc);
	becomes(CSV(THREE ",\"delimiter\":\"\\\\s*[,;]\\\\s*\""),
	    "ab , cd;ef\n", abc);
	becomes(CSV(THREE ",\"delimiter\":\"\\\\s*[,;]\\\\s*\""),
	    "\"a;b\" , cd;\"e\"\"f\"\n",
	    "{\"c1\":\"a;b\",\"c2\":\"cd\",\"c3\":\"e\\\"f\"}\n");
}

static void
right_csv_understands_quotes(void **state)
{
	(void)state;
	becomes(CSV(THREE), "v1, v2,\"q,x\"\n",
	    "{\"c1\":\"v1\",\"c2\":\" v2\",\"c3\":\"q,x\"}\n");
	becomes(CSV(THREE), "\"a\"\"b\",\"\",\"x\ny\"\n",
	    "{\"c1\":\"a\\\"b\",\"c2\":\"\",\"c3\":\"x\\ny\"}\n");
	/* What breaks the rules is taken as it stands. */
	becomes(CSV(THREE), "\"a,b,c\n",
	    "{\"c1\":\"\\\"a\",\"c2\":\"b\",\"c3\":\"c\"}\n");
	becomes(CSV(THREE), "\"a\"x,b \"c\",\"\n",
	    "{\"c1\":\"\\\"a\\\"x\",\"c2\":\"b \\\"c\\\"\","
	    "\"c3\":\"\\\"\"}\n");
	becomes(
	    CSV(THREE), "a,\"\"\n", "{\"c1\":\"a\",\"c2\":\"\",\"c3\":null}\n");
}

static void
right_a_carriage_return_ends_the_row(void **state)
{
	(void)state;
	becomes(CSV(THREE), "x,y,z\r\n",
	    "{\"c1\":\"x\",\"c2\":\"y\",\"c3\":\"z\"}\n");
	becomes(CSV(THREE), "x,y,\"z\"\r\n",
	    "{\"c1\":\"x\",\"c2\":\"y\",\"c3\":\"z\"}\n");
}

static void
json_is_pretty_where_it_is_asked_to_be(void **state)
{
	(void)state;
	becomes(CSV(THREE ",\"jsonFormat\":\"PRETTYPRINT\""), "ab,cd\n",
	    "{\n  \"c1\" : \"ab\",\n  \"c2\" : \"cd\",\n  \"c3\" : "
	    "null\n}\n");
	becomes("{\"optionName\":\"ADDMETADATA\",\"metadata\":"
		"{\"k\":\"v\",\"n\":{\"x\":[1, 2],\"e\":{},\"l\":[]}},"
		"\"jsonFormat\":\"PRETTYPRINT\"}",
	    "a\n",
	    "{\n  \"metadata\" : {\n    \"k\" : \"v\",\n    \"n\" : {\n"
	    "      \"x\" : [ 1, 2 ],\n      \"e\" : { },\n"
	    "      \"l\" : [ ]\n    }\n  },\n  \"data\" : \"a\"\n}\n");
}

#define COMMON   LOG("\"logFormat\":\"COMMONAPACHELOG\"")
#define COMBINED LOG("\"logFormat\":\"COMBINEDAPACHELOG\"")

static void
combined_apache_lines_become_nine_fields(void **state)
{
	(void)state;
	becomes(COMBINED,
	    "123.45.67.89 - - [27/Oct/2000:09:27:09 -0400] \"GET "
	    "/java/javaResources.html HTTP/1.0\" 200 10450 \"-\" \"Mozilla/4.6 "
	    "[en] (X11; U; OpenBSD 2.8 i386; Nav)\" \"ANY_RANDOM_DATA\"\n",
	    "{\"host\":\"123.45.67.89\",\"ident\":null,\"authuser\":null,"
	    "\"datetime\":\"27/Oct/2000:09:27:09 -0400\",\"request\":\"GET "
	    "/java/javaResources.html HTTP/1.0\",\"response\":\"200\","
	    "\"bytes\":\"10450\",\"referer\":null,\"agent\":\"Mozilla/4.6 "
	    "[en] (X11; U; OpenBSD 2.8 i386; Nav)\"}\n");
}

static void
common_apache_lines_become_seven_fields(void **state)
{
	(void)state;
	becomes(COMMON,
	    "proxy.example.org - frank [10/Oct/2000:13:55:36 -0700] \"GET "
	    "/a.gif HTTP/1.0\" 200 2326 \"more\" of it\n",
	    "{\"host\":\"proxy.example.org\",\"ident\":null,\"authuser\":"
	    "\"frank\",\"datetime\":\"10/Oct/2000:13:55:36 -0700\","
	    "\"request\":\"GET /a.gif HTTP/1.0\",\"response\":\"200\","
	    "\"bytes\":\"2326\"}\n");
	/* Without the bytes it is none. */
	is_judged(COMMON,
	    "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" "
	    "200\n",
	    PARSER_NO_MATCH);
	is_judged(COMMON, "no such line\n", PARSER_NO_MATCH);
	is_judged(COMMON, "\n", PARSER_NO_MATCH);
}

static void
right_apache_lines_that_upstream_skips(void **state)
{
	(void)state;
	becomes(COMMON,
	    "2001:db8::1 - a@b c [10/Oct/2000:13:55:36 -0700] \"GET "
	    "/\\\"x\\\" HTTP/1.0\" 200 -\r\n",
	    "{\"host\":\"2001:db8::1\",\"ident\":null,\"authuser\":\"a@b c\","
	    "\"datetime\":\"10/Oct/2000:13:55:36 -0700\",\"request\":\"GET "
	    "/\\\\\\\"x\\\\\\\" HTTP/1.0\",\"response\":\"200\","
	    "\"bytes\":null}\n");
	becomes(COMMON, "::1 - - [10/Oct/2000:13:55:36 -0700] \"\" 400 0\n",
	    "{\"host\":\"::1\",\"ident\":null,\"authuser\":null,"
	    "\"datetime\":\"10/Oct/2000:13:55:36 -0700\",\"request\":\"\","
	    "\"response\":\"400\",\"bytes\":\"0\"}\n");
	becomes(COMBINED,
	    "::1 - - [10/Oct/2000:13:55:36 -0700] \"-\" 408 - \"\" \"\"\r\n",
	    "{\"host\":\"::1\",\"ident\":null,\"authuser\":null,"
	    "\"datetime\":\"10/Oct/2000:13:55:36 -0700\",\"request\":null,"
	    "\"response\":\"408\",\"bytes\":null,\"referer\":\"\","
	    "\"agent\":\"\"}\n");
}

#define ERROR_LOG LOG("\"logFormat\":\"APACHEERRORLOG\"")

static void
apache_errors_may_lack_module_and_thread(void **state)
{
	(void)state;
	becomes(ERROR_LOG,
	    "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid "
	    "4328636416] [client 72.15.99.187] File does not exist: "
	    "/usr/local/apache2/htdocs/favicon.ico\n",
	    "{\"timestamp\":\"Fri Sep 09 10:42:29.902022 2011\",\"module\":"
	    "\"core\",\"severity\":\"error\",\"processid\":\"35708\","
	    "\"threadid\":\"4328636416\",\"client\":\"72.15.99.187\","
	    "\"message\":\"File does not exist: "
	    "/usr/local/apache2/htdocs/favicon.ico\"}\n");
	becomes(ERROR_LOG,
	    "[Fri Sep 09 10:42:29 2011] [core:error] [pid 35708] [client "
	    "72.15.99.187] no\n",
	    "{\"timestamp\":\"Fri Sep 09 10:42:29 2011\",\"module\":\"core\","
	    "\"severity\":\"error\",\"processid\":\"35708\",\"threadid\":null,"
	    "\"client\":\"72.15.99.187\",\"message\":\"no\"}\n");
	becomes(ERROR_LOG,
	    "[Fri Sep 09 10:42:29.902022 2011] [error] [pid 35708:tid "
	    "4328636416] [client 72.15.99.187:61000] no\n",
	    "{\"timestamp\":\"Fri Sep 09 10:42:29.902022 2011\",\"module\":"
	    "null,\"severity\":\"error\",\"processid\":\"35708\","
	    "\"threadid\":\"4328636416\",\"client\":\"72.15.99.187:61000\","
	    "\"message\":\"no\"}\n");
	/* right: the server itself has no client */
	becomes(ERROR_LOG,
	    "[Fri Sep 09 10:42:29 2011] [mpm_event:notice] [pid 0:tid 1] "
	    "AH00489: configured\r\n",
	    "{\"timestamp\":\"Fri Sep 09 10:42:29 2011\",\"module\":"
	    "\"mpm_event\",\"severity\":\"notice\",\"processid\":\"0\","
	    "\"threadid\":\"1\",\"client\":null,\"message\":\"AH00489: "
	    "configured\"}\n");
	is_judged(ERROR_LOG, "[Fri Sep 09] [error] x\n", PARSER_NO_MATCH);
}

#define SYSLOG     LOG("\"logFormat\":\"SYSLOG\"")
#define NEW_SYSLOG LOG("\"logFormat\":\"RFC3339SYSLOG\"")

static void
syslog_lines_may_lack_the_process(void **state)
{
	(void)state;
	becomes(SYSLOG,
	    "Mar 12 12:00:08 server2 rcd[308]: Loaded 12 packages in "
	    "'ximian-red-carpet|351' (0.01878 seconds) \n",
	    "{\"timestamp\":\"Mar 12 12:00:08\",\"hostname\":\"server2\","
	    "\"program\":\"rcd\",\"processid\":\"308\",\"message\":\"Loaded 12 "
	    "packages in 'ximian-red-carpet|351' (0.01878 seconds) \"}\n");
	becomes(SYSLOG, "Mar 12 12:00:08 server2 rcd: Loaded\n",
	    "{\"timestamp\":\"Mar 12 12:00:08\",\"hostname\":\"server2\","
	    "\"program\":\"rcd\",\"processid\":null,\"message\":\"Loaded\"}\n");
	becomes(SYSLOG, "Mar  2 12:00:08 <0.6> h kernel: a: b\n",
	    "{\"timestamp\":\"Mar  2 12:00:08\",\"hostname\":\"h\","
	    "\"program\":\"kernel\",\"processid\":null,\"message\":\"a: "
	    "b\"}\n");
	is_judged(SYSLOG, "Mar 12 12:00:08 h last message repeated 2 times\n",
	    PARSER_NO_MATCH);
	is_judged(SYSLOG, "Foo 12 12:00:08 h p: m\n", PARSER_NO_MATCH);
}

static void
right_syslog_lines_that_upstream_skips(void **state)
{
	(void)state;
	becomes(SYSLOG, "Mar 12 12:00:08 h init[0]: -\r\n",
	    "{\"timestamp\":\"Mar 12 12:00:08\",\"hostname\":\"h\","
	    "\"program\":\"init\",\"processid\":\"0\",\"message\":\"-\"}\n");
	becomes(SYSLOG, "<34>Mar 12 12:00:08 h su: failed\n",
	    "{\"timestamp\":\"Mar 12 12:00:08\",\"hostname\":\"h\","
	    "\"program\":\"su\",\"processid\":null,"
	    "\"message\":\"failed\"}\n");
}

static void
rfc3339_syslog_differs_in_its_time(void **state)
{
	(void)state;
	becomes(NEW_SYSLOG,
	    "2016-04-21T10:11:12.123456+01:00 h postfix/smtpd[9]: x\n",
	    "{\"timestamp\":\"2016-04-21T10:11:12.123456+01:00\","
	    "\"hostname\":\"h\",\"program\":\"postfix/smtpd\","
	    "\"processid\":\"9\",\"message\":\"x\"}\n");
	becomes(NEW_SYSLOG, "2016-04-21T10:11:12Z h p: x\n",
	    "{\"timestamp\":\"2016-04-21T10:11:12Z\",\"hostname\":\"h\","
	    "\"program\":\"p\",\"processid\":null,\"message\":\"x\"}\n");
	is_judged(NEW_SYSLOG, "Mar 12 12:00:08 h p: x\n", PARSER_NO_MATCH);
}

static void
custom_names_rename_fields(void **state)
{
	(void)state;
	becomes(LOG("\"logFormat\":\"SYSLOG\",\"customFieldNames\":[\"t\","
		    "\"h\",\"p\",\"i\",\"m\"]"),
	    "Mar 12 12:00:08 server2 rcd[308]: Loaded\n",
	    "{\"t\":\"Mar 12 12:00:08\",\"h\":\"server2\",\"p\":\"rcd\","
	    "\"i\":\"308\",\"m\":\"Loaded\"}\n");
}

#define PATTERN                                                                \
	"\"matchPattern\":\"^([\\\\d.]+) (\\\\S+) (\\\\S+) "                   \
	"\\\\[([\\\\w:/]+\\\\s[+\\\\-]\\\\d{4})\\\\] \\\"(.+?)\\\" "           \
	"(\\\\d{3})\","                                                        \
	"\"customFieldNames\":[\"host\",\"ident\",\"authuser\",\"datetime\","  \
	"\"request\",\"response\"]"

static void
a_pattern_must_match_the_whole_line(void **state)
{
	const char *line = "123.45.67.89 - - [27/Oct/2000:09:27:09 -0400] "
			   "\"GET /x HTTP/1.0\" 200\n";

	(void)state;
	becomes(LOG("\"logFormat\":\"COMMONAPACHELOG\"," PATTERN), line,
	    "{\"host\":\"123.45.67.89\",\"ident\":null,\"authuser\":null,"
	    "\"datetime\":\"27/Oct/2000:09:27:09 -0400\",\"request\":\"GET "
	    "/x HTTP/1.0\",\"response\":\"200\"}\n");
	/* The format says only whether - is null. */
	becomes(LOG("\"logFormat\":\"SYSLOG\"," PATTERN), line,
	    "{\"host\":\"123.45.67.89\",\"ident\":\"-\",\"authuser\":\"-\","
	    "\"datetime\":\"27/Oct/2000:09:27:09 -0400\",\"request\":\"GET "
	    "/x HTTP/1.0\",\"response\":\"200\"}\n");
	is_judged(LOG("\"logFormat\":\"SYSLOG\"," PATTERN),
	    "123.45.67.89 - - [27/Oct/2000:09:27:09 -0400] \"GET /\" 200 12\n",
	    PARSER_NO_MATCH);
}

static void
metadata_stands_beside_the_data(void **state)
{
	(void)state;
	becomes("{\"optionName\":\"ADDMETADATA\",\"metadata\":{\"foo\":"
		"{\"bar\":\"bas\"},\"key\":\"value\"}}",
	    "This is the data",
	    "{\"metadata\":{\"foo\":{\"bar\":\"bas\"},\"key\":\"value\"},"
	    "\"data\":\"This is the data\"}\n");
	becomes("{\"optionName\":\"ADDMETADATA\",\"timestamp\":\"true\","
		"\"metadata\": { \"k\" : \"v\" , \"n\" : { \"x\" : 1 } } }",
	    "hello \"w\"\t\xC3\xA9\n",
	    "{\"ts\":\"2026-11-21T20:10:47.002Z\",\"metadata\":{\"k\":\"v\","
	    "\"n\":{\"x\":1}},\"data\":\"hello \\\"w\\\"\\t\xC3\xA9\"}\n");
	becomes("{\"optionName\":\"ADDMETADATA\",\"timestamp\":true}", "a\n",
	    "{\"ts\":\"2026-11-21T20:10:47.002Z\",\"data\":\"a\"}\n");
}

static void
brackets_keep_the_newline_inside(void **state)
{
	(void)state;
	becomes("{\"optionName\":\"ADDBRACKETS\"}", "hello there!! :)",
	    "{hello there!! :)}");
	becomes("{\"optionName\":\"ADDBRACKETS\"}", "hello\n", "{hello\n}");
}

static void
facts_of_the_instance_are_added_to_objects(void **state)
{
	const char *option = "{\"optionName\":\"ADDEC2METADATA\","
			     "\"logFormat\":\"SYSLOG\","
			     "\"metadataTTL\":3600}";
	struct parser_host host = { .private_ip = span_str("10.0.0.1"),
		.region = span_str("eu-west-1"),
		.tags = span_str("{\"name\":\"x\"}") };

	(void)state;
	/* While nothing is known of it, records stay as they are. */
	becomes(option, "{ \"a\": 1 }\n", "{ \"a\": 1 }\n");
	becomes(option, "no JSON\n", "no JSON\n");
	case_facts.host = &host;
	becomes(option, "{ \"a\": 1, \"region\": 2 }\n",
	    "{\"a\":1,\"region\":\"eu-west-1\",\"privateIp\":\"10.0.0.1\","
	    "\"tags\":{\"name\":\"x\"}}\n");
	is_judged(option, "no JSON\n", PARSER_NO_MATCH);
	case_facts.host = NULL;
}

static void
options_apply_in_order(void **state)
{
	static const char *const chain[] = {
		"{\"optionName\":\"SINGLELINE\"}",
		CSV("\"a\",\"b\"]"),
		"{\"optionName\":\"ADDMETADATA\",\"metadata\":{\"k\":\"v\"}}",
		"{\"optionName\":\"ADDBRACKETS\"}",
	};

	(void)state;
	check_chain(chain, 4, span_str("x,\n  y\n"), PARSER_RECORD,
	    span_str("{{\"metadata\":{\"k\":\"v\"},\"data\":"
		     "\"{\\\"a\\\":\\\"x\\\",\\\"b\\\":\\\"y\\\"}\"}\n}"));
}

static void
mistakes_are_refused_with_their_key(void **state)
{
	(void)state;
	is_refused("{\"optionName\":\"CSVTOJSN\"}", "optionName",
	    "did you mean `CSVTOJSON`");
	is_refused("{}", "optionName", "missing");
	is_refused("{\"optionName\":\"USINGPLUGGIN\",\"className\":\"x\"}",
	    "optionName", "Java class");
	is_refused(
	    "{\"optionName\":\"CSVTOJSON\"}", "customFieldNames", "missing");
	is_refused(CSV(THREE ",\"delimiter\":\"(a\""), "delimiter",
	    "missing closing parenthesis, behind byte 2");
	is_refused(CSV(THREE ",\"jsonFormat\":\"PRETTY\""), "jsonFormat",
	    "COMPACT, PRETTYPRINT");
	is_refused(
	    LOG("\"logFormat\":\"APACHE\""), "logFormat", "COMBINEDAPACHELOG");
	is_refused(LOG("\"jsonFormat\":\"COMPACT\""), "logFormat", "missing");
	is_refused(LOG("\"logFormat\":\"SYSLOG\",\"customFieldNames\":["
		       "\"a\"]"),
	    "customFieldNames", "1 names for the 5 fields");
	is_refused(LOG("\"matchPattern\":\"(a)(b)\",\"customFieldNames\":["
		       "\"a\"]"),
	    "customFieldNames", "1 names for the 2 groups");
	is_refused(LOG("\"matchPattern\":\"(a)(b\",\"customFieldNames\":["
		       "\"a\"]"),
	    "matchPattern", "behind byte 5");
	is_refused(
	    LOG("\"matchPattern\":\"(a)(b)\""), "matchPattern", "no names");
	is_refused("{\"optionName\":\"SINGLELINE\",\"parseOptions\":[\"X\"]}",
	    "parseOptions", "NO_TRIM, ESCAPE_NEW_LINE");
	is_refused("{\"optionName\":\"ADDMETADATA\"}", "metadata", "missing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(singleline_joins_trimmed_lines),
		cmocka_unit_test(singleline_writes_two_backslashes_and_an_n),
		cmocka_unit_test(csv_columns_are_neither_trimmed_nor_typed),
		cmocka_unit_test(
		    csv_columns_that_lack_are_null_and_others_are_dropped),
		cmocka_unit_test(csv_delimiters_are_literal_or_the_old_regex),
		cmocka_unit_test(right_csv_understands_quotes),
		cmocka_unit_test(right_a_carriage_return_ends_the_row),
		cmocka_unit_test(json_is_pretty_where_it_is_asked_to_be),
		cmocka_unit_test(combined_apache_lines_become_nine_fields),
		cmocka_unit_test(common_apache_lines_become_seven_fields),
		cmocka_unit_test(right_apache_lines_that_upstream_skips),
		cmocka_unit_test(apache_errors_may_lack_module_and_thread),
		cmocka_unit_test(syslog_lines_may_lack_the_process),
		cmocka_unit_test(right_syslog_lines_that_upstream_skips),
		cmocka_unit_test(rfc3339_syslog_differs_in_its_time),
		cmocka_unit_test(custom_names_rename_fields),
		cmocka_unit_test(a_pattern_must_match_the_whole_line),
		cmocka_unit_test(metadata_stands_beside_the_data),
		cmocka_unit_test(brackets_keep_the_newline_inside),
		cmocka_unit_test(facts_of_the_instance_are_added_to_objects),
		cmocka_unit_test(options_apply_in_order),
		cmocka_unit_test(mistakes_are_refused_with_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
