/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a character and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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

static void
what_could_have_begun_a_character_is_replaced_as_one(void **state)
{
	static const struct {
		const char *text, *clean;
	} cases[] = {
		{ "", "" },
		{ "a\x80z", "a\xEF\xBF\xBDz" },
		{ "\xE2\x82", "\xEF\xBF\xBD" },
		{ "\xF0\x9F\x98(", "\xEF\xBF\xBD(" },
		{ "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xED\xA0", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xE2\x82\xAC", "\xE2\x82\xAC" },
	};
	unsigned char to[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = utf8_clean(span_str(cases[i].text), to);

		assert_int_equal(len, strlen(cases[i].clean));
		assert_memory_equal(to, cases[i].clean, len);
	}
}

static void
every_character_is_written_as_it_is_read(void **state)
{
	unsigned char to[4];

	(void)state;
	for (uint32_t point = 0; point <= 0x110000; point++) {
		size_t len = utf8_encode(point, to);

		assert_int_equal(utf8_length(span_of(to, len)), len);
	}
	assert_int_equal(utf8_encode(0x20AC, to), 3);
	assert_memory_equal(to, "\xE2\x82\xAC", 3);
	assert_int_equal(utf8_encode(0xD800, to), 3);
	assert_memory_equal(to, UTF8_REPLACEMENT, 3);
	assert_int_equal(utf8_encode(0x1F600, to), 4);
	assert_memory_equal(to, "\xF0\x9F\x98\x80", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_have_the_lengths_of_the_standard),
		cmocka_unit_test(what_the_standard_forbids_is_no_character),
		cmocka_unit_test(
		    what_could_have_begun_a_character_is_replaced_as_one),
		cmocka_unit_test(every_character_is_written_as_it_is_read),
		cmocka_unit_test(one_wrong_byte_anywhere_makes_it_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
