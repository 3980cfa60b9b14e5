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

#include "mem.h"
#include "tail/glob.h"

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
		const char *why;
		struct glob *g = glob_new(rows[i].pattern, &why);

		assert_non_null(g);
		if (glob_matches(g, rows[i].name) != rows[i].matches)
			fail_msg("%s and %s", rows[i].pattern, rows[i].name);
		glob_free(g);
	}
}

static void
malformed_patterns_are_refused_with_a_reason(void **state)
{
	static const char six[] =
	    "{0,1,2,3}{0,1,2,3}{0,1,2,3}{0,1,2,3}{0,1,2,3}{0,1,2,3}";
	const char *patterns[] = { "{a", "{a{b,c}}", "[a", "x{a,[b}", six };

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const char *why = NULL;

		assert_null(glob_new(patterns[i], &why));
		assert_non_null(why);
	}
}

static void
a_long_pattern_costs_neither_stack_nor_time(void **state)
{
	size_t pairs = 200000;
	char *pattern = mem_new(3 * pairs + 1);
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < pairs; i++)
		memcpy(pattern + 3 * i, "{a}", 3);
	assert_null(glob_new(pattern, &why));
	assert_non_null(why);
	free(pattern);
}

static void
stars_do_not_multiply(void **state)
{
	char name[256];
	const char *why;
	struct glob *g =
	    glob_new("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", &why);

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(glob_matches(g, name));
	glob_free(g);
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
		cmocka_unit_test(malformed_patterns_are_refused_with_a_reason),
		cmocka_unit_test(a_long_pattern_costs_neither_stack_nor_time),
		cmocka_unit_test(stars_do_not_multiply),
		cmocka_unit_test(compressed_names_are_known_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
