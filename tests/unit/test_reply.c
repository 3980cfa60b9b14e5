/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of reply rely on. Every answer is read three times: whole,
 * byte by byte, and cut in two at each place; the verdict may not depend on
 * how the network cuts it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ship/reply.h"

static struct reply r;

static enum reply_verdict
read_cut(struct span body, uint32_t expected, long status, size_t cut)
{
	reply_begin(&r, expected);
	reply_feed(&r, span_of(body.at, cut));
	reply_feed(&r, span_of(body.at + cut, body.len - cut));
	return reply_end(&r, status, "");
}

static enum reply_verdict
verdict(struct span body, uint32_t expected, long status)
{
	enum reply_verdict whole;

	for (size_t cut = 0; cut < body.len; cut++) {
		enum reply_verdict in_two =
		    read_cut(body, expected, status, cut);

		whole = read_cut(body, expected, status, 0);
		assert_int_equal(whole, in_two);
	}
	reply_begin(&r, expected);
	for (size_t i = 0; i < body.len; i++)
		reply_feed(&r, span_of(body.at + i, 1));
	enum reply_verdict bytewise = reply_end(&r, status, "");

	whole = read_cut(body, expected, status, 0);
	assert_int_equal(whole, bytewise);
	return whole;
}

#define BYTES(literal) span_of(literal, sizeof(literal) - 1)

static void
what_should_have_been_signed_is_not_kept(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("{\"__type\":\"InvalidSignatureException\","
			  "\"message\":\"Does not match.\\n\\nThe Canonical "
			  "String should have been 'x-amz-security-token:"
			  "secret'\"}"),
		1, 400),
	    REPLY_ERROR);
	assert_string_equal(r.message, "Does not match.");
}

static void
a_json_answer_without_failures_accepts_all(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("{\"FailedRecordCount\":0,\"Records\":["
			  "{\"SequenceNumber\":\"1\",\"ShardId\":\"s\"}]}"),
		1, 200),
	    REPLY_ACCEPTED);
	assert_int_equal(
	    verdict(BYTES(" {\"Records\" : [ {\"SequenceNumber\":\"1\"} ] ,"
			  "\n\"FailedRecordCount\" : 0 } \r\n"),
		1, 200),
	    REPLY_ACCEPTED);
	assert_int_equal(
	    verdict(BYTES("{\"Encrypted\":true,\"FailedPutCount\":0,"
			  "\"RequestResponses\":[{\"RecordId\":\"x\"}]}"),
		1, 200),
	    REPLY_ACCEPTED);
}

/* {FailedRecordCount: 0, Records: [{SequenceNumber: "1", ShardId: "s"}]} */
#define CBOR_GOOD                                                              \
	"\xa2\x71"                                                             \
	"FailedRecordCount\x00\x67Records\x81\xa2\x6eSequenceNumber\x61"       \
	"1\x67ShardId\x61s"

static void
a_cbor_answer_without_failures_accepts_all(void **state)
{
	(void)state;
	assert_int_equal(verdict(BYTES(CBOR_GOOD), 1, 200), REPLY_ACCEPTED);
	/* Indefinite lengths and chunked text, as AWS may send. */
	assert_int_equal(
	    verdict(BYTES("\xbf\x67Records\x9f\xbf\x67ShardId\x7f\x61s\x61t"
			  "\xff\xff\xff\x71"
			  "FailedRecordCount\x18\x00\xff"),
		1, 200),
	    REPLY_ACCEPTED);
}

static void
once_nothing_failed_the_rest_does_not_matter(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(
		BYTES("{\"FailedRecordCount\":0,\"Records\":[{\"Seq"), 3, 200),
	    REPLY_ACCEPTED);
	reply_begin(&r, 3);
	reply_feed(&r, BYTES("{\"FailedRecordCount\":0,"));
	assert_true(r.none_failed);
	/* But a count that may go on is no count yet. */
	reply_begin(&r, 3);
	reply_feed(&r, BYTES("{\"FailedRecordCount\":0"));
	assert_false(r.none_failed);
	assert_int_equal(reply_end(&r, 200, ""), REPLY_LOST);
}

static void
each_failed_entry_is_told_and_the_first_is_named(void **state)
{
	(void)state;
	const char body[] =
	    "{\"FailedRecordCount\":2,\"Records\":["
	    "{\"SequenceNumber\":\"1\",\"ShardId\":\"s\","
	    "\"ErrorCode\":null,\"ErrorMessage\":null},"
	    "{\"ErrorMessage\":\"Rate \\\"exceeded\\\"\","
	    "\"ErrorCode\":\"ProvisionedThroughputExceededException\"},"
	    "{\"SequenceNumber\":\"2\",\"ErrorCode\":\"\"},"
	    "{\"ErrorCode\":\"InternalFailure\"}]}";

	assert_int_equal(verdict(BYTES(body), 4, 200), REPLY_PARTIAL);
	assert_false(reply_failed(&r, 0));
	assert_true(reply_failed(&r, 1));
	assert_false(reply_failed(&r, 2));
	assert_true(reply_failed(&r, 3));
	assert_int_equal(r.failures, 2);
	assert_string_equal(r.code, "ProvisionedThroughputExceededException");
	assert_string_equal(r.message, "Rate \"exceeded\"");
}

static void
failed_entries_are_told_in_cbor_too(void **state)
{
	(void)state;
	/* Records first, then the count; null as a code is success. */
	const char body[] = "\xa2\x67Records\x83"
			    "\xa1\x69"
			    "ErrorCode\xf6"
			    "\xa2\x69"
			    "ErrorCode\x63"
			    "Bad\x6c"
			    "ErrorMessage\x62no"
			    "\xa1\x67ShardId\x61s"
			    "\x71"
			    "FailedRecordCount\x01";

	assert_int_equal(verdict(BYTES(body), 3, 200), REPLY_PARTIAL);
	assert_false(reply_failed(&r, 0));
	assert_true(reply_failed(&r, 1));
	assert_false(reply_failed(&r, 2));
	assert_string_equal(r.code, "Bad");
	assert_string_equal(r.message, "no");
}

static void
entries_alone_decide_where_no_count_comes(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("{\"Records\":[{\"ShardId\":\"s\"}]}"), 1, 200),
	    REPLY_ACCEPTED);
	assert_int_equal(
	    verdict(BYTES("{\"Records\":[{\"ErrorCode\":\"E\"}]}"), 1, 200),
	    REPLY_PARTIAL);
}

static void
five_hundred_entries_fit(void **state)
{
	(void)state;
	static const char head[] = "{\"FailedRecordCount\":250,\"Records\":[";
	static const char good[] = "{\"SequenceNumber\":\"1\"}";
	static const char bad[] = "{\"ErrorCode\":\"E\"}";

	reply_begin(&r, 500);
	reply_feed(&r, span_str(head));
	for (int i = 0; i < 500; i++) {
		if (i > 0)
			reply_feed(&r, span_str(","));
		reply_feed(&r, span_str(i % 2 == 0 ? good : bad));
	}
	reply_feed(&r, span_str("]}"));
	assert_int_equal(reply_end(&r, 200, ""), REPLY_PARTIAL);
	for (uint32_t i = 0; i < 500; i++)
		assert_int_equal(reply_failed(&r, i), i % 2);
}

static void
what_cannot_be_believed_is_lost(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		const char *why;
	} lost[] = {
		{ "", "the answer is empty" },
		{ "  \n", "the answer is empty" },
		{ "OK", "the answer is neither CBOR nor JSON" },
		{ "<html></html>", "the answer is neither CBOR nor JSON" },
		{ "{\"Records\":[{},{}]}x",
		    "the answer is neither CBOR nor JSON" },
		{ "{\"Records\":[{},}", "the answer is neither CBOR nor JSON" },
		{ "{\"Records\":[{},{}", "the answer breaks off" },
		{ "{\"FailedRecordCount\":1,\"Rec", "the answer breaks off" },
		{ "{}", "the answer is not for the number of records sent" },
		{ "{\"Records\":[{}]}",
		    "the answer is not for the number of records sent" },
		{ "{\"Records\":[{},{},{}]}",
		    "the answer is for more records than were sent" },
		{ "{\"FailedRecordCount\":2,\"Records\":[{},"
		  "{\"ErrorCode\":\"E\"}]}",
		    "the answer counts failures that it does not name" },
		{ "{\"Records\":[{}],\"FailedRecordCount\":0}",
		    "the answer is not for the number of records sent" },
		{ "{\"FailedRecordCount\":-1,\"Records\":[{},{}]}",
		    "the answer is not one to these records" },
		{ "{\"FailedRecordCount\":\"0\",\"Records\":[{},{}]}",
		    "the answer is not one to these records" },
		{ "{\"FailedRecordCount\":[0],\"Records\":[{},{}]}",
		    "the answer is not one to these records" },
		{ "{\"Records\":[{},7]}",
		    "the answer is not one to these records" },
		{ "{\"Records\":{}}",
		    "the answer is not one to these records" },
		{ "{\"Records\":[{},{\"ErrorCode\":7}]}",
		    "the answer is not one to these records" },
		{ "{\"Records\":[{},{}],\"Records\":[{},{}]}",
		    "the answer is not one to these records" },
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		assert_int_equal(
		    verdict(span_str(lost[i].body), 2, 200), REPLY_LOST);
		assert_string_equal(r.why, lost[i].why);
	}
}

static void
every_truncation_before_the_count_is_lost(void **state)
{
	(void)state;
	static const char body[] = "\xa2\x67Records\x81\xa1\x67ShardId\x61s\x71"
				   "FailedRecordCount\x00";

	for (size_t len = 0; len < sizeof(body) - 1; len++)
		assert_int_equal(
		    verdict(span_of(body, len), 1, 200), REPLY_LOST);
	assert_int_equal(
	    verdict(span_of(body, sizeof(body) - 1), 1, 200), REPLY_ACCEPTED);
}

static void
nested_keys_of_the_same_name_mean_nothing(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("{\"Meta\":{\"FailedRecordCount\":0,\"Records\":[]},"
			  "\"Records\":[{\"More\":{\"ErrorCode\":\"E\"}}]}"),
		1, 200),
	    REPLY_ACCEPTED);
}

static void
an_error_document_is_named_without_its_namespace(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{\"__type\":\"ResourceNotFoundException\","
		"\"message\":\"Stream x not found.\"}",
		"{\"__type\":\"com.amazonaws.kinesis.v20131202#"
		"ResourceNotFoundException\",\"Message\":"
		"\"Stream x not found.\"}",
		"{\"message\":\"Stream x not found.\",\"__type\":"
		"\"com.amazonaws#ResourceNotFoundException:http://x/\"}",
		"\xa2\x66__type\x78\x19ResourceNotFoundException"
		"\x67message\x73Stream x not found.",
		"<ErrorResponse><Error><Code>ResourceNotFoundException</Code>"
		"<Message>Stream x not found.</Message></Error>",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(
		    verdict(span_str(bodies[i]), 5, 400), REPLY_ERROR);
		assert_string_equal(r.code, "ResourceNotFoundException");
		assert_string_equal(r.message, "Stream x not found.");
	}
}

static void
the_error_header_names_the_error_too(void **state)
{
	(void)state;
	reply_begin(&r, 5);
	assert_int_equal(
	    reply_end(&r, 403, "AccessDeniedException:http://internal/"),
	    REPLY_ERROR);
	assert_string_equal(r.code, "AccessDeniedException");
}

static void
a_web_page_is_shown_by_its_title(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("<html><head><title>503 Service Unavailable"
			  "</title></head><body>Sorry"),
		5, 503),
	    REPLY_ERROR);
	assert_string_equal(r.code, "");
	assert_string_equal(r.message, "503 Service Unavailable");
}

static void
a_success_told_with_an_error_status_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("{\"FailedRecordCount\":0,"), 1, 500), REPLY_ERROR);
}

static void
long_names_and_messages_are_cut(void **state)
{
	(void)state;
	static char body[3000];
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	snprintf(body, sizeof(body), "{\"__type\":\"%s\",\"message\":\"%s\"}",
	    text, text);
	assert_int_equal(verdict(span_str(body), 1, 400), REPLY_ERROR);
	assert_int_equal(strlen(r.code), REPLY_CODE);
	assert_int_equal(strlen(r.message), REPLY_MESSAGE);
	snprintf(body, sizeof(body), "%s", text);
	assert_int_equal(verdict(span_str(body), 1, 400), REPLY_ERROR);
	assert_int_equal(strlen(r.message), REPLY_MESSAGE);
}

static void
depth_has_a_ceiling(void **state)
{
	(void)state;
	char body[64] = "{\"a\":";

	memset(body + 5, '[', 40);
	assert_int_equal(verdict(span_str(body), 1, 200), REPLY_LOST);
	memset(body, 0xa1, sizeof(body));
	assert_int_equal(
	    verdict(span_of(body, sizeof(body)), 1, 200), REPLY_LOST);
	/* A map that claims 2^64 - 1 pairs. */
	assert_int_equal(
	    verdict(BYTES("\xbb\xff\xff\xff\xff\xff\xff\xff\xff"), 1, 200),
	    REPLY_LOST);
}

static void
escapes_in_messages_are_undone(void **state)
{
	(void)state;
	assert_int_equal(
	    verdict(BYTES("{\"message\":\"a\\t\\u0041\\u00e9\\\\\"}"), 1, 400),
	    REPLY_ERROR);
	assert_string_equal(r.message, "a\tA?\\");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_should_have_been_signed_is_not_kept),
		cmocka_unit_test(a_json_answer_without_failures_accepts_all),
		cmocka_unit_test(a_cbor_answer_without_failures_accepts_all),
		cmocka_unit_test(once_nothing_failed_the_rest_does_not_matter),
		cmocka_unit_test(
		    each_failed_entry_is_told_and_the_first_is_named),
		cmocka_unit_test(failed_entries_are_told_in_cbor_too),
		cmocka_unit_test(entries_alone_decide_where_no_count_comes),
		cmocka_unit_test(five_hundred_entries_fit),
		cmocka_unit_test(what_cannot_be_believed_is_lost),
		cmocka_unit_test(every_truncation_before_the_count_is_lost),
		cmocka_unit_test(nested_keys_of_the_same_name_mean_nothing),
		cmocka_unit_test(
		    an_error_document_is_named_without_its_namespace),
		cmocka_unit_test(the_error_header_names_the_error_too),
		cmocka_unit_test(a_web_page_is_shown_by_its_title),
		cmocka_unit_test(
		    a_success_told_with_an_error_status_is_an_error),
		cmocka_unit_test(long_names_and_messages_are_cut),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(escapes_in_messages_are_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
