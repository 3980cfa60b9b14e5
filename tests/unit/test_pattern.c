/* SPDX-License-Identifier: Apache-2.0
 *
 * Which paths a pattern names, where the search for them begins, and what
 * directories it leads through: with interests that find by going from
 * directory to directory exactly what matching the whole path finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "tail/flow.h"
#include "tail/interest.h"
#include "tail/pattern.h"
#include "tail/roster.h"

#define JAVA (PATTERN_PLAIN_FOLDER | PATTERN_HIDDEN)

static void
roots_are_the_plain_parts_before_the_first_wildcard(void **state)
{
	static const struct {
		const char *text, *root;
		size_t parts;
	} rows[] = {
		{ "/var/log/app.log", "/var/log", 1 },
		{ "/app.log", "/", 1 },
		{ "/*.log", "/", 1 },
		{ "/var/*/app.log", "/var", 2 },
		{ "/var/**/app.log", "/var", 2 },
		{ "/**", "/", 2 },
		{ "/var/log/**", "/var/log", 2 },
		{ "/a/**/**/b", "/a", 2 },
		{ "/a/\\*/b*", "/a/*", 1 },
		{ "/a/b**/c", "/a", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct patterns all = { NULL, 0 };
		const char *why;

		assert_true(pattern_add(&all, rows[i].text, 0, &why));
		assert_int_equal(all.count, 1);
		assert_string_equal(all.at[0].root, rows[i].root);
		assert_int_equal(all.at[0].count, rows[i].parts);
		pattern_forget(&all);
	}
}

static void
braces_are_spelled_out_over_slashes(void **state)
{
	struct patterns all = { NULL, 0 };
	const char *why;

	(void)state;
	assert_true(pattern_add(&all, "/srv/{a,b/c,}/{x,*}.log", 0, &why));
	assert_int_equal(all.count, 6);
	assert_string_equal(all.at[0].root, "/srv/a");
	assert_string_equal(all.at[2].root, "/srv/b/c");
	assert_string_equal(all.at[4].root, "/srv");
	assert_false(pattern_add(&all, "/srv/[a", 0, &why));
	assert_int_equal(all.count, 6);
	pattern_forget(&all);
}

static void
in_a_java_file_only_the_name_has_wildcards(void **state)
{
	struct patterns all = { NULL, 0 };
	const char *why;

	(void)state;
	assert_true(pattern_add(&all, "/srv/*/{a,b}**", JAVA, &why));
	assert_int_equal(all.count, 2);
	assert_string_equal(all.at[0].root, "/srv/*");
	assert_true(pattern_takes(&all.at[0], 0, "abc"));
	assert_true(pattern_matches(&all.at[1], "/srv/*/b.log"));
	assert_false(pattern_matches(&all.at[1], "/srv/x/b.log"));
	pattern_forget(&all);
	assert_true(pattern_add(&all, "/**", JAVA, &why));
	assert_int_equal(all.at[0].count, 1);
	assert_true(pattern_takes(&all.at[0], 0, ".hidden"));
	assert_false(pattern_matches(&all.at[0], "/x/y"));
	pattern_forget(&all);
	assert_true(
	    pattern_add(&all, "/srv/[a]/{x,**}/?[!0-9]*.log", JAVA, &why));
	assert_int_equal(all.count, 1);
	assert_string_equal(all.at[0].root, "/srv/[a]/{x,**}");
	assert_true(pattern_takes(&all.at[0], 0, ".a.log"));
	assert_true(pattern_takes(&all.at[0], 0, "xy.log"));
	assert_false(pattern_takes(&all.at[0], 0, "x1.log"));
	assert_false(pattern_takes(&all.at[0], 0, "x.LOG"));
	pattern_forget(&all);
	assert_false(pattern_add(&all, "/srv/{a,{b,c}}", JAVA, &why));
	assert_false(pattern_add(&all, "/srv/[a", JAVA, &why));
}

static void
hidden_names_are_a_wildcards_where_that_is_asked_for(void **state)
{
	struct patterns all = { NULL, 0 };
	const char *why;

	(void)state;
	assert_true(pattern_add(&all, "/srv/*/x*", PATTERN_HIDDEN, &why));
	assert_true(pattern_matches(&all.at[0], "/srv/.a/x"));
	pattern_forget(&all);
	assert_true(pattern_add(&all, "/srv/*", PATTERN_PLAIN_FOLDER, &why));
	assert_false(pattern_takes(&all.at[0], 0, ".a"));
	pattern_forget(&all);
}

static const struct path_case {
	const char *pattern, *path;
	bool matches;
} path_cases[] = {
	{ "/a/b.log", "/a/b.log", true },
	{ "/a/b.log", "/a/b.log/c", false },
	{ "/a/b.log", "/ab.log", false },
	{ "/a/*.log", "/a/x.log", true },
	{ "/a/*.log", "/a/b/x.log", false },
	{ "/a/*.log", "/a/.x.log", false },
	{ "/a/.*.log", "/a/.x.log", true },
	{ "/*/x.log", "/a/x.log", true },
	{ "/*/x.log", "/.a/x.log", false },
	{ "/*/*/x", "/a/b/x", true },
	{ "/*/*/x", "/a/x", false },
	{ "/**/x", "/x", true },
	{ "/**/x", "/a/x", true },
	{ "/**/x", "/a/b/c/x", true },
	{ "/**/x", "/a/b/c/y", false },
	{ "/**/x", "/a/.b/c/x", false },
	{ "/**", "/x", true },
	{ "/**", "/a/b/c", true },
	{ "/**", "/a/b/.c", false },
	{ "/a/**", "/a/b/c", true },
	{ "/a/**", "/a", false },
	{ "/a/**", "/b/c", false },
	{ "/a/**/b/**/c", "/a/b/c", true },
	{ "/a/**/b/**/c", "/a/x/b/y/z/c", true },
	{ "/a/**/b/**/c", "/a/b/b/c/c", true },
	{ "/a/**/b/**/c", "/a/x/c", false },
	{ "/a/**/b/c", "/a/b/b/c", true },
	{ "/a/**/b/c", "/a/b/c/b/c", true },
	{ "/a/**/b/c", "/a/b/x/c", false },
	{ "/a/**/b*/c", "/a/b1/b2/c", true },
	{ "/a/**/*/c", "/a/c", false },
	{ "/a/**/*/c", "/a/b/c", true },
	{ "/a/**/*/c", "/a/.b/x/c", false },
	{ "/a/**/.b/c", "/a/x/.b/c", true },
	{ "/a/{b,c/d}/x", "/a/c/d/x", true },
	{ "/a/{b,c/d}/x", "/a/c/x", false },
	{ "/{a,b}/**/{c,d}", "/b/x/d", true },
	{ "/a/[bc]/x", "/a/c/x", true },
	{ "/a/[!bc]/x", "/a/c/x", false },
	{ "/a/\\*/x", "/a/*/x", true },
	{ "/a/\\*/x", "/a/b/x", false },
	{ "/a**/x", "/abc/x", true },
	{ "/a**/x", "/abc/d/x", false },
};

static bool
any_matches(const char *pattern, const char *path)
{
	struct patterns all = { NULL, 0 };
	const char *why;
	bool matches = false;

	assert_true(pattern_add(&all, pattern, 0, &why));
	for (size_t i = 0; i < all.count; i++)
		matches = matches || pattern_matches(&all.at[i], path);
	pattern_forget(&all);
	return matches;
}

static void
each_row_matches_as_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(path_cases) / sizeof(path_cases[0]); i++)
		if (any_matches(path_cases[i].pattern, path_cases[i].path) !=
		    path_cases[i].matches)
			fail_msg("%s and %s", path_cases[i].pattern,
			    path_cases[i].path);
}

/* Go to the file `path` as a survey does, from directory to directory, none
 * of them a link. Would `flow` follow it? */
static bool
is_reached(struct roster *r, struct flow *flow, const char *path)
{
	struct directory *d = roster_directory(r, "/");
	char *copy = mem_dup(path), *rest = copy, *name;
	bool reached;

	while ((name = strsep(&rest, "/")) != NULL && rest != NULL) {
		char *here = mem_format(
		    "%s/%s", strcmp(d->path, "/") == 0 ? "" : d->path, name);
		struct directory *next;

		if (name[0] == '\0') {
			free(here);
			continue;
		}
		next = roster_directory(r, here);
		interest_pass_on(d, name, false, &next->interests);
		d = next;
		free(here);
	}
	reached = interest_in_file(d, flow, name);
	free(copy);
	return reached;
}

static bool
survey_finds(const char *pattern, const char *path)
{
	struct roster r;
	struct flow flow;
	const char *why;
	bool found;

	memset(&flow, 0, sizeof(flow));
	roster_init(&r);
	assert_true(pattern_add(&flow.patterns, pattern, 0, &why));
	for (size_t i = 0; i < flow.patterns.count; i++) {
		const struct pattern *p = &flow.patterns.at[i];
		struct interest one = {
			.flow = &flow, .pattern = p, .rooted = true
		};

		interest_add(&roster_directory(&r, p->root)->interests, &one);
	}
	found = is_reached(&r, &flow, path);
	pattern_forget(&flow.patterns);
	roster_fini(&r);
	return found;
}

static void
going_from_directory_to_directory_finds_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(path_cases) / sizeof(path_cases[0]); i++)
		if (survey_finds(path_cases[i].pattern, path_cases[i].path) !=
		    path_cases[i].matches)
			fail_msg("%s and %s", path_cases[i].pattern,
			    path_cases[i].path);
}

/* xorshift64* (Marsaglia 2003, Vigna 2014). */
static unsigned
roll(uint64_t *dice)
{
	*dice ^= *dice >> 12;
	*dice ^= *dice << 25;
	*dice ^= *dice >> 27;
	return (unsigned)(*dice * UINT64_C(0x2545f4914f6cdd1d) >> 40);
}

/* A text of `count` parts, each one of a few that mean much. */
static void
random_path(char *out, size_t size, uint64_t *dice, bool wild)
{
	static const char *const parts[] = { "a", "b", "ab", "**", "*", "?b",
		".a", "{a,b/a}", "[ab]", "a*" };
	static const char *const names[] = { "a", "b", "ab", ".a", "ba" };
	size_t len = 0;
	unsigned count = 1 + roll(dice) % 5;

	out[0] = '\0';
	while (count-- > 0)
		len += (size_t)snprintf(out + len, size - len, "/%s",
		    wild ? parts[roll(dice) % 10] : names[roll(dice) % 5]);
}

static void
both_ways_agree_on_whatever_there_is(void **state)
{
	uint64_t dice = 1;
	size_t matches = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char pattern[256], path[256];

		random_path(pattern, sizeof(pattern), &dice, true);
		random_path(path, sizeof(path), &dice, false);
		if (any_matches(pattern, path) != survey_finds(pattern, path))
			fail_msg("%s and %s", pattern, path);
		matches += any_matches(pattern, path);
	}
	assert_true(matches > 500);
}

static void
excludes_are_paths_and_names(void **state)
{
	static const struct {
		const char *directory, *name;
		bool excluded;
	} rows[] = {
		{ "/a", "x.tmp", true },
		{ "/a/b/c", ".x.tmp", true },
		{ "/a", "x.log", false },
		{ "/a", "private", true },
		{ "/a/private", "x.log", false },
		{ "/", "private", false },
		{ "/b", "x.log", true },
		{ "/b/c/.d", "x.log", true },
		{ "/", "one", true },
		{ "/d", "one", true },
		{ "/d", "three", false },
	};
	static const char *const texts[] = { "*.tmp", "/a/private", "/b/**",
		"{one,two}" };
	struct excludes all = { .names = NULL };
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_true(pattern_exclude(&all, texts[i], &why));
	assert_false(pattern_exclude(&all, "{a", &why));
	assert_false(pattern_exclude(&all, "/{a", &why));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (pattern_excludes(&all, rows[i].directory, rows[i].name) !=
		    rows[i].excluded)
			fail_msg("%s/%s", rows[i].directory, rows[i].name);
	pattern_include_all(&all);
	assert_false(pattern_excludes(&all, "/a", "x.tmp"));
}

/* Sets up a directory whose one interest is what `pattern` begins with. */
static struct directory *
begin(struct roster *r, struct flow *flow, const char *pattern)
{
	const char *why;
	struct interest one = { .flow = flow, .rooted = true };
	struct directory *d;

	memset(flow, 0, sizeof(*flow));
	roster_init(r);
	assert_true(pattern_add(&flow->patterns, pattern, 0, &why));
	one.pattern = &flow->patterns.at[0];
	d = roster_directory(r, one.pattern->root);
	interest_add(&d->interests, &one);
	return d;
}

static void
double_stars_go_through_no_link_and_not_for_ever(void **state)
{
	struct roster r;
	struct flow flow;
	struct directory *d = begin(&r, &flow, "/a/**/l*/x");
	struct interests found = { NULL, 0 };

	(void)state;
	interest_pass_on(d, "k", true, &found);
	assert_int_equal(found.count, 0);
	interest_pass_on(d, "l", true, &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.at[0].at, 2);
	free(found.at);
	for (int i = 0; i < 32; i++) {
		char *path = mem_format("%s/k", d->path);
		struct directory *next = roster_directory(&r, path);

		assert_true(interest_goes_on(d, "k"));
		interest_pass_on(d, "k", false, &next->interests);
		free(path);
		d = next;
	}
	assert_false(interest_goes_on(d, "k"));
	assert_true(interest_goes_on(d, "l"));
	pattern_forget(&flow.patterns);
	roster_fini(&r);
}

static void
what_came_from_the_parent_goes_and_what_began_here_stays(void **state)
{
	struct roster r;
	struct flow flow;
	struct directory *d = begin(&r, &flow, "/a/*/x");
	struct directory *child = roster_directory(&r, "/a/b");
	struct interests found = { NULL, 0 };
	struct interest own = {
		.flow = &flow, .pattern = &flow.patterns.at[0], .rooted = true
	};

	(void)state;
	interest_add(&child->interests, &own);
	interest_pass_on(d, "b", false, &found);
	assert_true(interest_replace(&child->interests, &found));
	assert_int_equal(child->interests.count, 2);
	interest_pass_on(d, "b", false, &found);
	assert_false(interest_replace(&child->interests, &found));
	interest_keep_rooted(&child->interests);
	assert_int_equal(child->interests.count, 1);
	assert_true(child->interests.at[0].rooted);
	pattern_forget(&flow.patterns);
	roster_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    roots_are_the_plain_parts_before_the_first_wildcard),
		cmocka_unit_test(braces_are_spelled_out_over_slashes),
		cmocka_unit_test(in_a_java_file_only_the_name_has_wildcards),
		cmocka_unit_test(
		    hidden_names_are_a_wildcards_where_that_is_asked_for),
		cmocka_unit_test(each_row_matches_as_it_says),
		cmocka_unit_test(
		    going_from_directory_to_directory_finds_the_same),
		cmocka_unit_test(both_ways_agree_on_whatever_there_is),
		cmocka_unit_test(excludes_are_paths_and_names),
		cmocka_unit_test(
		    double_stars_go_through_no_link_and_not_for_ever),
		cmocka_unit_test(
		    what_came_from_the_parent_goes_and_what_began_here_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
