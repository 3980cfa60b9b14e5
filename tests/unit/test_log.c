/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of log and readers of its lines rely on. Standard error is a
 * packet pipe while a line is said: one read(2) is one write(2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

static int ear, mouth, kept_stderr;
static char heard[8192];

static int
setup(void **state)
{
	int ends[2];

	(void)state;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK | O_DIRECT) != 0)
		return -1;
	ear = ends[0];
	mouth = ends[1];
	kept_stderr = dup(STDERR_FILENO);
	log_setup(LOG_LEVEL_INFO, LOG_STYLE_JOURNAL);
	log_settle(CLOCK_NEVER);
	return dup2(mouth, STDERR_FILENO) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	close(ear);
	close(mouth);
	return 0;
}

/* The next write(2) to standard error as text; "" if there was none. */
static const char *
hear(void)
{
	ssize_t got = read(ear, heard, sizeof heard - 1);

	heard[got < 0 ? 0 : got] = '\0';
	return heard;
}

static void
a_line_for_journald_begins_with_its_priority(void **state)
{
	(void)state;
	log_error("no %s", "bread");
	assert_string_equal(hear(), "<3>no bread\n");
	log_warn("a");
	assert_string_equal(hear(), "<4>a\n");
	log_info("b");
	assert_string_equal(hear(), "<6>b\n");
}

static void
a_line_for_people_begins_with_time_and_word(void **state)
{
	int year, month, day, hour, minute, second, ms, end = 0;

	(void)state;
	log_setup(LOG_LEVEL_INFO, LOG_STYLE_TEXT);
	log_warn("hello");
	assert_int_equal(
	    7, sscanf(hear(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month,
		   &day, &hour, &minute, &second, &ms, &end));
	assert_int_equal(end, 24);
	assert_string_equal(heard + end, " warn  hello\n");
}

static void
what_is_quieter_than_the_level_is_not_said(void **state)
{
	(void)state;
	log_debug("psst");
	assert_string_equal(hear(), "");
	assert_false(log_on(LOG_LEVEL_DEBUG));
	log_setup(LOG_LEVEL_DEBUG, LOG_STYLE_JOURNAL);
	log_debug("psst");
	assert_string_equal(hear(), "<7>psst\n");
	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_JOURNAL);
	log_warn("a");
	assert_string_equal(hear(), "");
}

static void
a_file_name_cannot_forge_a_line(void **state)
{
	(void)state;
	log_info("%s", "a\n<3>fire\r\t\x1b[2J\x7f");
	assert_string_equal(
	    hear(), "<6>a\\x0a<3>fire\\x0d\\x09\\x1b[2J\\x7f\n");
	log_info("%s", "\xc2\x9b"
		       "2J");
	assert_string_equal(hear(), "<6>\xc2\\x9b2J\n");
}

static void
names_in_any_script_stay_readable(void **state)
{
	(void)state;
	log_info("%s", "Zo\xc3\xab \xc3\x80 \xe6\x97\xa5 \xf0\x9f\x98\x80");
	assert_string_equal(
	    hear(), "<6>Zo\xc3\xab \xc3\x80 \xe6\x97\xa5 \xf0\x9f\x98\x80\n");
}

static void
a_long_line_is_cut_and_written_at_once(void **state)
{
	char text[10000];

	(void)state;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	log_info("%s", text);
	assert_in_range(strlen(hear()), 1900, 2048);
	assert_non_null(strstr(heard, "x...x"));

	memset(text, '\1', 3000);
	log_info("%s", text);
	assert_true(strlen(hear()) <= 2048);
	assert_string_equal(heard + strlen(heard) - 8, "\\x01...\n");
}

static void
a_long_path_does_not_hide_whose_it_is_nor_the_cause(void **state)
{
	char path[4096];

	(void)state;
	memset(path, 'd', sizeof path);
	path[sizeof path - 1] = '\0';
	log_warn("flow app: %s: cannot be read: %s", path, strerror(EACCES));
	assert_true(strlen(hear()) <= 2048);
	assert_ptr_equal(strstr(heard, "<4>flow app: dd"), heard);
	assert_non_null(
	    strstr(heard, "d: cannot be read: Permission denied\n"));
}

/* It would stop for ever: the reader of a log may be gone for a walk. */
static void
a_full_pipe_does_not_stop_who_speaks(void **state)
{
	int said = 0;

	(void)state;
	assert_int_equal(fcntl(mouth, F_SETFL, O_DIRECT), 0); /* may block */
	for (; said < 100000; said++)
		log_info("%d", said);
	assert_string_equal(hear(), "<6>0\n");
	for (said = 1; hear()[0] != '\0'; said++) {
	}
	log_info("again");
	char text[128];

	snprintf(text, sizeof text,
	    "<4>log: %d lines before this were dropped: standard error was "
	    "full\n",
	    100000 - said);
	assert_string_equal(hear(), text);
	assert_string_equal(hear(), "<6>again\n");
	log_info("calm");
	assert_string_equal(hear(), "<6>calm\n");
}

static void
a_cut_leaves_no_half_character(void **state)
{
	char text[6001];

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', shift);
		for (size_t at = shift; at + 3 < sizeof text; at += 3)
			memcpy(text + at, "\xe6\x97\xa5", 4);
		log_info("%s", text);
		hear();
		const char *cut = strstr(heard, "...");

		assert_non_null(cut);
		assert_int_equal(((size_t)(cut - heard) - 3 - shift) % 3, 0);
		assert_int_equal((strlen(cut) - 4) % 3, 0);
	}
	memset(text, 0x80, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_info("%s", text);
	assert_true(strlen(hear()) > 1900);
}

static void
saying_something_preserves_errno(void **state)
{
	(void)state;
	errno = ENOSPC;
	log_info("x");
	assert_int_equal(errno, ENOSPC);
	dup2(ear, STDERR_FILENO); /* cannot be written to */
	log_info("y");
	assert_int_equal(errno, ENOSPC);
}

static void
a_gate_opens_once_a_minute_and_counts_the_rest(void **state)
{
	struct log_gate gate = { 0 };
	uint64_t held = 99;

	(void)state;
	assert_true(log_gate_open(&gate, 5, &held));
	assert_int_equal(held, 0);
	log_warn("gate %d", 1);
	assert_false(log_gate_open(&gate, 6, &held));
	assert_false(log_gate_open(&gate, 60004, &held));
	assert_true(log_gate_open(&gate, 60005, &held));
	assert_int_equal(held, 2);
	log_warn("gate %d", 2);
	assert_false(log_gate_open(&gate, 60006, &held));
	assert_true(log_gate_open(&gate, 200000, &held));
	assert_int_equal(held, 1);
	log_warn("gate %d", 3);
}

static void
what_a_gate_held_back_last_is_said_when_it_stays_quiet(void **state)
{
	struct log_gate gate = { 0 };
	int64_t now = clock_ms();
	uint64_t held;

	(void)state;
	assert_true(log_gate_open(&gate, now, &held));
	log_info("bread is %s", "out");
	assert_string_equal(hear(), "<6>bread is out\n");
	for (int i = 1; i <= 3; i++)
		assert_false(log_gate_open(&gate, now + i, &held));
	log_settle(now + 60000);
	assert_string_equal(hear(), "");
	log_settle(now + 70000);
	assert_string_equal(
	    hear(), "<6>again 3 times within a minute: bread is out\n");
	/* It was said: not once more. */
	assert_true(log_gate_open(&gate, now + 71000, &held));
	assert_int_equal(held, 0);
	log_info("bread is there");
}

static void
a_warning_said_again_within_a_minute_is_counted(void **state)
{
	int64_t now = clock_ms();

	(void)state;
	for (int i = 0; i < 5; i++)
		log_warn("no more %s", "wine");
	log_error("no more %s", "wine");
	assert_string_equal(hear(), "<4>no more wine\n");
	assert_string_equal(hear(), "<3>no more wine\n");
	assert_string_equal(hear(), "");
	log_settle(now + 59000);
	assert_string_equal(hear(), "");
	log_settle(clock_ms() + 60000);
	assert_string_equal(
	    hear(), "<4>again 4 times within a minute: no more wine\n");
	log_warn("no more %s", "wine");
	assert_string_equal(hear(), "");
	log_settle(CLOCK_NEVER);
	assert_string_equal(
	    hear(), "<4>again 1 time within a minute: no more wine\n");
	log_warn("no more %s", "wine");
	assert_string_equal(hear(), "<4>no more wine\n");
}

static void
what_is_merely_told_is_not_counted(void **state)
{
	(void)state;
	log_info("first records");
	log_info("first records");
	assert_string_equal(hear(), "<6>first records\n");
	assert_string_equal(hear(), "<6>first records\n");
}

static void
no_count_is_lost_to_other_lines(void **state)
{
	int counts = 0;
	const char *line;

	(void)state;
	log_warn("the one");
	log_warn("the one");
	assert_string_equal(hear(), "<4>the one\n");
	for (int i = 0; i < 100; i++) {
		log_warn("another %d", i);
		while ((line = hear())[0] != '\0')
			counts +=
			    strcmp(line, "<4>again 1 time within a minute: the "
					 "one\n") == 0;
	}
	assert_int_equal(counts, 1);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(a_line_for_journald_begins_with_its_priority),
		PROMISE(a_line_for_people_begins_with_time_and_word),
		PROMISE(what_is_quieter_than_the_level_is_not_said),
		PROMISE(a_file_name_cannot_forge_a_line),
		PROMISE(names_in_any_script_stay_readable),
		PROMISE(a_long_line_is_cut_and_written_at_once),
		PROMISE(a_long_path_does_not_hide_whose_it_is_nor_the_cause),
		PROMISE(a_full_pipe_does_not_stop_who_speaks),
		PROMISE(a_cut_leaves_no_half_character),
		PROMISE(saying_something_preserves_errno),
		PROMISE(a_gate_opens_once_a_minute_and_counts_the_rest),
		PROMISE(what_a_gate_held_back_last_is_said_when_it_stays_quiet),
		PROMISE(a_warning_said_again_within_a_minute_is_counted),
		PROMISE(what_is_merely_told_is_not_counted),
		PROMISE(no_count_is_lost_to_other_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
