/* SPDX-License-Identifier: Apache-2.0
 *
 * What whoever looks at status relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "cli/amount.h"
#include "cli/view.h"

#define WELL                                                                   \
	"\"waits_for\":\"news\",\"trouble\":null,\"last_error\":null,"         \
	"\"behind\":{\"bytes\":0,\"seconds\":0.0}"
#define STUCK                                                                  \
	"\"waits_for\":\"backoff\",\"trouble\":\"sending\","                   \
	"\"failing_since\":\"2026-11-22T01:02:03.000Z\","                      \
	"\"waits_until\":\"2026-11-22T01:02:09.000Z\","                        \
	"\"last_error\":{\"time\":\"2026-11-22T01:02:04.000Z\","               \
	"\"text\":\"there \\u001b[2J it fails, and this is said at length "    \
	"so that it takes more than one line\"},"                              \
	"\"behind\":{\"bytes\":1234567,\"seconds\":61.0}"

static char shown[65536];

static void
show(const char *flows, size_t columns, size_t rows)
{
	struct view v = { .columns = columns, .rows = rows };
	char text[8192];
	json_error_t error;
	json_t *answer;
	struct buf out;

	(void)snprintf(
	    text, sizeof(text), "{\"agent\":{},\"flows\":[%s]}", flows);
	answer = json_loads(text, 0, &error);
	assert_non_null(answer);
	buf_init(&out, sizeof(shown) - 1);
	view_status(&v, answer, &out);
	(void)snprintf(shown, sizeof(shown), "%s", buf_text(&out));
	buf_fini(&out);
	json_decref(answer);
}

static size_t
longest_line(void)
{
	size_t longest = 0;

	for (const char *at = shown; *at != '\0';) {
		size_t len = strcspn(at, "\n");

		longest = len > longest ? len : longest;
		at += len + (at[len] == '\n');
	}
	return longest;
}

static void
amounts_are_for_people(void **state)
{
	static const struct {
		int64_t n;
		const char *count, *bytes, *time;
	} cases[] = {
		{ 0, "0", "0 B", "0 s" },
		{ 59, "59", "59 B", "59 s" },
		{ 999, "999", "999 B", "16 min" },
		{ 1234, "1,234", "1.2 kB", "20 min" },
		{ 999600, "999,600", "1.0 MB", "11 d" },
		{ 123456789, "123,456,789", "123 MB", "1428 d" },
		{ -1234, "-1,234", "-1234 B", "-1234 s" },
		{ INT64_MAX, "9,223,372,036,854,775,807", "9223 PB", NULL },
	};
	char text[AMOUNT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		amount_count(cases[i].n, text);
		assert_string_equal(text, cases[i].count);
		amount_bytes(cases[i].n, text);
		assert_string_equal(text, cases[i].bytes);
		amount_time(cases[i].n, text);
		if (cases[i].time != NULL)
			assert_string_equal(text, cases[i].time);
	}
}

static void
what_is_in_trouble_comes_first_with_what_helps(void **state)
{
	const char *bad, *good;

	(void)state;
	show("{\"name\":\"good\"," WELL "},{\"name\":\"bad\"," STUCK "}", 100,
	    0);
	bad = strstr(shown, "\nbad ");
	good = strstr(shown, "\ngood ");
	assert_true(bad != NULL && good != NULL && bad < good);
	assert_non_null(strstr(shown, "2 flows, 1 in trouble"));
	assert_non_null(strstr(shown, "1.2 MB"));
	assert_non_null(strstr(shown, "1 min"));
	assert_non_null(strstr(shown, "fails since 2026-11-22T01:02:03Z"));
	assert_non_null(strstr(shown, "\n    -> nothing is lost"));
}

static void
no_line_is_longer_than_the_terminal(void **state)
{
	(void)state;
	for (size_t columns = 10; columns < 200; columns += 7) {
		show("{\"name\":\"kinesis:a-stream:/var/log/a/very/long/name/"
		     "of/a/file/*.log\"," STUCK "}",
		    columns, 0);
		assert_true(longest_line() <= columns);
	}
}

static void
what_does_not_fit_is_counted(void **state)
{
	size_t lines = 0;

	(void)state;
	show("{\"name\":\"a\"," WELL "},{\"name\":\"b\"," WELL
	     "},{\"name\":\"c\"," WELL "},{\"name\":\"d\"," WELL "}",
	    80, 7);
	for (const char *at = shown; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 7);
	assert_non_null(strstr(shown, "\nand 2 more\n"));
}

static void
no_control_character_reaches_the_terminal(void **state)
{
	(void)state;
	show(
	    "{\"name\":\"a\\u001b]0;title\\u0007b\\u009b\"," STUCK "}", 100, 0);
	assert_null(strchr(shown, '\033'));
	assert_null(strchr(shown, '\a'));
	assert_null(strstr(shown, "\xC2\x9B"));
}

static void
an_answer_of_another_version_does_no_harm(void **state)
{
	(void)state;
	show("{},{\"name\":3,\"bytes\":[],\"behind\":\"x\"},"
	     "{\"name\":\"a\",\"waits_for\":\"something new\"}",
	    80, 0);
	assert_non_null(strstr(shown, "something new"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts_are_for_people),
		cmocka_unit_test(
		    what_is_in_trouble_comes_first_with_what_helps),
		cmocka_unit_test(no_line_is_longer_than_the_terminal),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(no_control_character_reaches_the_terminal),
		cmocka_unit_test(an_answer_of_another_version_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
