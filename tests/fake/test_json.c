/* SPDX-License-Identifier: Apache-2.0
 *
 * What json promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <openssl/evp.h>

#include "json.h"

/* A body of exactly these bytes, so that reading past it is seen. */
static struct json
body(const char *text)
{
	size_t length = strlen(text);
	uint8_t *at = malloc(length + (length == 0));

	assert_non_null(at);
	memcpy(at, text, length);
	return (struct json){ at, at + length };
}

static void
escapes_are_undone_in_place(void **state)
{
	struct json j = body(" \"plain text, \\\"\\\\\\/\\b\\f\\n\\r\\t "
			     "\\u0041\\u00e9\\u20ac\\uD83D\\uDE00 more\" ");
	uint8_t *from = j.at;
	struct span s;

	(void)state;
	assert_true(json_string(&j, &s));
	assert_true(
	    span_is(s, "plain text, \"\\/\b\f\n\r\t A\xc3\xa9\xe2\x82\xac"
		       "\xf0\x9f\x98\x80 more"));
	assert_true(json_ended(&j));
	free(from);
}

static void
what_is_no_string_is_refused(void **state)
{
	static const char *const wrong[] = { "", "\"", "\"open", "'x'",
		"\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"",
		"\"\\ud800\\u0041\"", "\"\\udc00\"", "\"tab\there\"",
		"\"long enough for words \n\"", "\"\xff\"", "\"\xc0\x80\"",
		"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct json j = body(wrong[i]);
		uint8_t *from = j.at;
		struct span s;

		assert_false(json_string(&j, &s));
		free(from);
	}
}

static void
values_are_passed_only_if_they_are_json(void **state)
{
	static const char *const right[] = { "0", "-0.5e+10", "12", "true",
		"[]", "{}", "[1, \"a\", null]", "{\"a\" : {\"b\":[ ]} }" };
	static const char *const wrong[] = { "", "01", "1.", ".5", "+1", "1e",
		"tru", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "[",
		"{", "]", "nan", "-" };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		struct json j = body(right[i]);
		uint8_t *from = j.at;

		assert_true(json_skip(&j));
		assert_true(json_ended(&j));
		free(from);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct json j = body(wrong[i]);
		uint8_t *from = j.at;

		assert_false(json_skip(&j) && json_ended(&j));
		free(from);
	}
}

static void
nesting_has_an_end(void **state)
{
	char deep[100001];
	struct json j;
	uint8_t *from;

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	j = body(deep);
	from = j.at;
	assert_false(json_skip(&j));
	free(from);
}

static void
base64_of_every_length_comes_back(void **state)
{
	uint8_t data[100], text[200];

	(void)state;
	for (int length = 0; length < 100; length++) {
		struct span s = { text, 0 };

		for (int i = 0; i < length; i++)
			data[i] = (uint8_t)(i * 37 + length);
		s.length = (size_t)EVP_EncodeBlock(text, data, length);
		assert_true(json_base64(&s));
		assert_true(span_equals(s, data, (size_t)length));
	}
}

static void
characters_are_counted_not_bytes(void **state)
{
	uint8_t text[] = "12345678 \xc3\xa9\xf0\x9f\x98\x80";
	struct span s = { text, sizeof(text) - 1 };
	size_t count;

	(void)state;
	assert_true(json_utf8(s, &count));
	assert_int_equal(count, 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_undone_in_place),
		cmocka_unit_test(what_is_no_string_is_refused),
		cmocka_unit_test(values_are_passed_only_if_they_are_json),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(base64_of_every_length_comes_back),
		cmocka_unit_test(characters_are_counted_not_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
