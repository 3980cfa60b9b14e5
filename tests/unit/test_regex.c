/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of regex rely on. Each promise holds for machine code and for
 * the interpreter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "mem.h"
#include "regex.h"

static enum regex_answer
ask_of(const char *pattern, struct span text)
{
	struct regex_fault fault;
	struct regex *re = regex_new(pattern, &fault);
	enum regex_answer answer;

	assert_non_null(re);
	answer = regex_is(re, text);
	assert_int_equal(regex_is(re, text), answer);
	regex_free(re);
	return answer;
}

static enum regex_answer
ask(const char *pattern, struct span text)
{
	char *slow = mem_format("(*NO_JIT)%s", pattern);
	enum regex_answer answer = ask_of(pattern, text);

	assert_int_equal(ask_of(slow, text), answer);
	free(slow);
	return answer;
}

#define IS(pattern, text)     assert_int_equal(ask(pattern, text), REGEX_YES)
#define IS_NOT(pattern, text) assert_int_equal(ask(pattern, text), REGEX_NO)
#define IS_TOO_HARD(pattern, text)                                             \
	assert_int_equal(ask(pattern, text), REGEX_TOO_HARD)

static void
the_whole_text_must_match(void **state)
{
	(void)state;
	IS("#END.*", span_str("#END of it"));
	IS("a|ab", span_str("ab"));
	IS_NOT("#END", span_str("#END of it"));
	IS_NOT("END", span_str("#END"));
	IS_NOT("a*", span_str("aab"));
	IS_NOT("^a$", span_str("a\nb"));
}

static void
nothing_is_a_text_too(void **state)
{
	(void)state;
	IS("", span_of(NULL, 0));
	IS(".*", span_of(NULL, 0));
	IS("^$", span_of(NULL, 0));
	IS_NOT("a", span_of(NULL, 0));
}

static void
every_byte_is_a_character(void **state)
{
	(void)state;
	IS("..", span_str("\xc3\xa4"));
	IS("\\xff.", span_of("\xff\0", 2));
	IS("\xc3\xa4", span_str("\xc3\xa4"));
	IS("[^a]{3}", span_str("\x80\xfe\xff"));
}

static void
a_carriage_return_ends_a_line(void **state)
{
	(void)state;
	IS("(?s)a$.*", span_str("a\r\nb"));
	IS_NOT("a.b", span_str("a\rb"));
}

static void
what_is_wrong_is_told_with_its_place(void **state)
{
	struct regex_fault fault;

	(void)state;
	assert_null(regex_new("ab(c", &fault));
	assert_int_equal(fault.at, 4);
	assert_string_equal(fault.why, "missing closing parenthesis");
	assert_null(regex_new("x[z-a]", &fault));
	assert_int_equal(fault.at, 4);
	assert_null(regex_new("*", &fault));
	assert_int_equal(fault.at, 0);
	/* Text that is no UTF-8 could not be asked. */
	assert_null(regex_new("(*UTF)a", &fault));
}

static void
a_costly_match_is_given_up(void **state)
{
	char text[64];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 'b';
	IS_TOO_HARD("(?:a|a|aa)+[cd]", span_of(text, sizeof(text)));
	IS_TOO_HARD("(a+)+[cd]", span_of(text, sizeof(text)));
}

static void
a_long_text_takes_bounded_memory(void **state)
{
	size_t len = (size_t)1 << 20;
	char *text = mem_new(len);

	(void)state;
	memset(text, 'a', len);
	IS(".*", span_of(text, len));
	IS_TOO_HARD("(?:(a)|(b))*", span_of(text, len));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text_must_match),
		cmocka_unit_test(nothing_is_a_text_too),
		cmocka_unit_test(every_byte_is_a_character),
		cmocka_unit_test(a_carriage_return_ends_a_line),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(a_costly_match_is_given_up),
		cmocka_unit_test(a_long_text_takes_bounded_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
