/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a character and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "utf8.h"

static size_t
length(const char *text)
{
	return utf8_length(span_str(text));
}

static void
characters_have_the_lengths_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(length("a"), 1);
	assert_int_equal(length("\xC2\x80"), 2);
	assert_int_equal(length("\xE0\xA0\x80"), 3);
	assert_int_equal(length("\xED\x9F\xBF"), 3);
	assert_int_equal(length("\xF0\x90\x80\x80"), 4);
	assert_int_equal(length("\xF4\x8F\xBF\xBF"), 4);
	assert_int_equal(utf8_length(span_of("\0", 1)), 1);
}

static void
what_the_standard_forbids_is_no_character(void **state)
{
	static const char *const wrong[] = { "", "\x80", "\xC0\x80", "\xC1\xBF",
		"\xC3", "\xC3(", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
		"\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80", "\xFF" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(length(wrong[i]), 0);
}

static void
one_wrong_byte_anywhere_makes_it_no_text(void **state)
{
	char text[] = "gr\xC3\xBC\xC3\x9F dich, alte Welt \xF0\x9F\x98\x80 ok";
	size_t len = sizeof(text) - 1;

	(void)state;
	assert_true(utf8_is_text(span_of(text, len)));
	assert_true(utf8_is_text(span_of(NULL, 0)));
	for (size_t i = 0; i < len; i++) {
		char kept = text[i];

		text[i] = (char)0xFF;
		assert_false(utf8_is_text(span_of(text, len)));
		text[i] = kept;
	}
	assert_false(utf8_is_text(span_of(text, len - 5)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_have_the_lengths_of_the_standard),
		cmocka_unit_test(what_the_standard_forbids_is_no_character),
		cmocka_unit_test(one_wrong_byte_anywhere_makes_it_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
