/* SPDX-License-Identifier: Apache-2.0
 *
 * What patterns match is what the operator wrote into filePattern.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "mem.h"

/* Does any way to spell `pattern` match? */
static bool
any_way_matches(const char *pattern, const char *name, bool hidden)
{
	struct glob_ways ways;
	const char *why;
	bool matches = false;

	assert_true(glob_spell(pattern, &ways, &why));
	for (size_t i = 0; i < ways.count; i++)
		matches = matches || glob_matches(ways.at[i], name, hidden);
	glob_forget(&ways);
	return matches;
}

static void
each_row_matches_as_it_says(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} rows[] = {
		{ "app.log", "app.log", true },
		{ "app.log", "app.log1", false },
		{ "app.log", "App.log", false },
		{ "*", "", true },
		{ "*", ".hidden", true },
		{ "*.log", ".log", true },
		{ "*.log", "a.log.1", false },
		{ "*.log*", "a.log.1", true },
		{ "a*b*c", "abxbc", true },
		{ "a*b*c", "abxb", false },
		{ "?.log", "ab.log", false },
		{ "?.log", "\xff.log", true },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[!a-c]x", "dx", true },
		{ "[]]x", "]x", true },
		{ "[a-]x", "-x", true },
		{ "\\*x", "*x", true },
		{ "\\*x", "ax", false },
		{ "{a,b}.log", "a.log", true },
		{ "{a,b}.log", "b.log", true },
		{ "{a,b}.log", "c.log", false },
		{ "{a,}x", "x", true },
		{ "{a,b}{1,2}", "b2", true },
		{ "{[a,b],c}x", ",x", true },
		{ "{[a,b],c}x", "cx", true },
		{ "{a\\,b,c}", "a,b", true },
		{ "[{]x", "{x", true },
		{ "**", "anything", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (any_way_matches(rows[i].pattern, rows[i].name, true) !=
		    rows[i].matches)
			fail_msg("%s and %s", rows[i].pattern, rows[i].name);
	}
}

static void
a_leading_dot_may_have_to_be_written(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} rows[] = {
		{ "*", ".hidden", false },
		{ "?hidden", ".hidden", false },
		{ "[.]hidden", ".hidden", false },
		{ "[!a]hidden", ".hidden", false },
		{ ".*", ".hidden", true },
		{ "\\.*", ".hidden", true },
		{ ".hidden", ".hidden", true },
		{ "*.log", "a.log", true },
		{ "*", "a.hidden", true },
		{ "{.,}a", ".a", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (any_way_matches(rows[i].pattern, rows[i].name, false) !=
		    rows[i].matches)
			fail_msg("%s and %s", rows[i].pattern, rows[i].name);
	}
}

static void
plain_names_are_known_and_unquoted(void **state)
{
	char quoted[] = "a\\*b\\\\c\\";

	(void)state;
	assert_true(glob_is_plain("app.log"));
	assert_true(glob_is_plain("a\\*b"));
	assert_false(glob_is_plain("a*b"));
	assert_false(glob_is_plain("a?b"));
	assert_false(glob_is_plain("a[b]"));
	glob_unquote(quoted);
	assert_string_equal(quoted, "a*b\\c\\");
}

static void
malformed_patterns_are_refused_with_a_reason(void **state)
{
	static const char six[] =
	    "{0,1,2,3}{0,1,2,3}{0,1,2,3}{0,1,2,3}{0,1,2,3}{0,1,2,3}";
	const char *patterns[] = { "{a", "{a{b,c}}", "[a", "x{a,[b}", "[a/b]",
		six };

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const char *why = NULL;

		struct glob_ways ways;

		assert_false(glob_spell(patterns[i], &ways, &why));
		assert_int_equal(ways.count, 0);
		assert_non_null(why);
	}
}

static void
a_long_pattern_costs_neither_stack_nor_time(void **state)
{
	size_t pairs = 200000;
	char *pattern = mem_new(3 * pairs + 1);
	struct glob_ways ways;
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < pairs; i++)
		memcpy(pattern + 3 * i, "{a}", 3);
	assert_false(glob_spell(pattern, &ways, &why));
	assert_non_null(why);
	free(pattern);
}

static void
stars_do_not_multiply(void **state)
{
	char name[256];
	static const char stars[] =
	    "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(glob_matches(stars, name, true));
}

static void
compressed_names_are_known_in_any_case(void **state)
{
	(void)state;
	assert_true(glob_is_compressed("a.log.gz"));
	assert_true(glob_is_compressed("a.ZST"));
	assert_true(glob_is_compressed("a.Lz4"));
	assert_false(glob_is_compressed("gz"));
	assert_false(glob_is_compressed(".gz"));
	assert_false(glob_is_compressed("a.gz.log"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_matches_as_it_says),
		cmocka_unit_test(a_leading_dot_may_have_to_be_written),
		cmocka_unit_test(plain_names_are_known_and_unquoted),
		cmocka_unit_test(malformed_patterns_are_refused_with_a_reason),
		cmocka_unit_test(a_long_pattern_costs_neither_stack_nor_time),
		cmocka_unit_test(stars_do_not_multiply),
		cmocka_unit_test(compressed_names_are_known_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
