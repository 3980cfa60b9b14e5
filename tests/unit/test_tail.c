/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole tail against what a user relies on, the clock moved by hand.
 */
#include "tail/place.h"
#include "tail_world.h"

static int
set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static void
what_is_written_is_delivered(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "before\n");
	world_start(w);
	world_log(w, "x.log", "one\ntwo\n");
	world_flow(w, 50);
	world_log(w, "y.log", "three\nunfinished");
	world_flow(w, 50);
	assert_string_equal(w->text, "before\none\ntwo\nthree\n");
	world_log(w, "y.log", " no more\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "unfinished no more\n"), 1);
}

/* I6: a disk may hang for hours. */
static void
a_ledger_that_takes_nothing_is_told_once(void **state)
{
	struct world *w = *state;
	struct list_node *at;
	size_t notices = 0;

	world_log(w, "x.log", "0\n");
	world_start(w);
	world_write(w);
	w->hung = true;
	for (int i = 0; i < 50; i++) {
		world_log(w, "x.log", "more\n");
		world_flow(w, 200);
	}
	list_for_each (at, &w->to_ledger.parcels)
		notices++;
	assert_int_equal(notices, 1);
	w->hung = false;
	world_flow(w, 300);
	world_write(w);
	world_kill(w);
	world_log(w, "x.log", "last\n");
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(world_times(w, "more\n"), 50);
	assert_int_equal(world_times(w, "last\n"), 1);
}

static void
a_restart_goes_on_where_it_was(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	world_stop(w);
	world_log(w, "x.log", "two\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\n");
}

/* The batch in front holds another file's bytes: the second file's delivered
 * bytes begin at its committed offset. */
static void
a_note_behind_another_files_stuck_batch_makes_sense(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "stuck\n");
	world_pass(w, 50);
	world_log(w, "y.log", "fast\n");
	world_pass(w, 50);
	assert_int_equal(w->out_count, 2);
	world_deliver(w, 1);
	world_pass(w, 200);
	world_write(w);
	world_kill(w);
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(world_times(w, "fast\n"), 1);
	assert_int_equal(world_times(w, "stuck\n"), 1);
}

/* A range of an earlier life rides in a batch that is stuck: a second death
 * must not forget that it was delivered. */
static void
two_deaths_do_not_repeat_what_one_would_not(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "first\n");
	world_pass(w, 50);
	world_log(w, "x.log", "second\n");
	world_pass(w, 50);
	assert_int_equal(w->out_count, 2);
	world_deliver(w, 1);
	world_pass(w, 200);
	world_write(w);
	world_kill(w);
	/* "first" is stuck again, and "second" rides behind it. */
	world_start(w);
	world_pass(w, 50);
	world_log(w, "x.log", "third\n");
	world_pass(w, 50);
	assert_int_equal(w->out_count, 2);
	world_deliver(w, 1);
	world_pass(w, 200);
	world_write(w);
	world_kill(w);
	world_start(w);
	world_flow(w, 100);
	assert_int_equal(world_times(w, "first\n"), 1);
	assert_int_equal(world_times(w, "second\n"), 1);
	assert_int_equal(world_times(w, "third\n"), 1);
}

/* Rotation. */

static void
a_renamed_file_is_read_to_its_end(void **state)
{
	struct world *w = *state;
	int writer;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	writer = open(world_path(w, "x.log"), O_WRONLY | O_APPEND | O_CLOEXEC);
	world_rename(w, "x.log", "x.log.1");
	world_log(w, "x.log", "new\n");
	assert_int_equal(write(writer, "late\n", 5), 5);
	world_flow(w, 50);
	assert_int_equal(write(writer, "later\n", 6), 6);
	world_flow(w, 200);
	assert_int_equal(close(writer), 0);
	assert_int_equal(world_times(w, "one\n"), 1);
	assert_int_equal(world_times(w, "late\n"), 1);
	assert_int_equal(world_times(w, "later\n"), 1);
	assert_int_equal(world_times(w, "new\n"), 1);
}

static void
a_deleted_file_is_read_to_its_end_and_its_row_goes(void **state)
{
	struct world *w = *state;
	int writer;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 500);
	world_write(w);
	assert_int_equal(w->row_count, 1);
	writer = open(world_path(w, "x.log"), O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(unlink(world_path(w, "x.log")), 0);
	assert_int_equal(write(writer, "two\n", 4), 4);
	world_flow(w, 9000);
	assert_int_equal(write(writer, "three\n", 6), 6);
	world_flow(w, 2000);
	assert_string_equal(w->text, "one\ntwo\nthree\n");
	assert_int_equal(close(writer), 0);
	world_flow(w, 15000);
	world_write(w);
	assert_int_equal(w->row_count, 0);
	assert_int_equal(stats_get(&w->stats[0].files), 0);
}

static void
the_unfinished_line_of_a_retired_file_is_sent_as_it_is(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\nhalf");
	world_flow(w, 50);
	world_rename(w, "x.log", "x.old");
	world_flow(w, 9000);
	assert_string_equal(w->text, "one\n");
	world_flow(w, 3000);
	assert_string_equal(w->text, "one\nhalf");
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 1);
}

static char *
long_line(size_t len)
{
	char *line = mem_new(len + 1);

	memset(line, 'l', len);
	return line;
}

/* Not in pieces: as a whole line would have been. */
static void
a_long_unfinished_line_of_a_retired_file_is_cut_once(void **state)
{
	struct world *w = *state;
	char *line = long_line(3 << 20);

	world_start(w);
	world_log(w, "x.log", line);
	world_flow(w, 50);
	world_rename(w, "x.log", "x.old");
	world_flow(w, 13000);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 1);
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 3 << 20);
	free(line);
}

static void
a_file_that_moved_away_comes_back_unrepeated(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir(world_path(w, "away"), 0755), 0);
	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	world_rename(w, "x.log", "away/x");
	world_flow(w, 15000);
	assert_int_equal(stats_get(&w->stats[0].files), 0);
	world_log(w, "away/x", "two\n");
	world_rename(w, "away/x", "x.log");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\n");
	world_stop(w);
	assert_int_equal(w->row_count, 1);
}

static void
a_file_is_found_by_its_other_name(void **state)
{
	struct world *w = *state;

	world_start(w);
	w->tail->files.by_handle = false;
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	assert_int_equal(
	    link(world_path(w, "x.log"), world_path(w, "y.log")), 0);
	world_flow(w, 50);
	assert_int_equal(unlink(world_path(w, "y.log")), 0);
	world_flow(w, 50);
	w->tail->files.max = 0; /* every descriptor is given up at once */
	world_log(w, "z.log", "other\n");
	world_flow(w, 50);
	world_log(w, "x.log", "two\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "two\n"), 1);
	assert_int_equal(world_times(w, "one\n"), 1);
}

static void
many_rotations_in_one_moment_lose_nothing(void **state)
{
	struct world *w = *state;
	char from[32], to[32], line[32];

	world_start(w);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(line, sizeof(line), "line %d;\n", i);
		world_log(w, "x.log", line);
		for (int n = i; n >= 0; n--) {
			(void)snprintf(from, sizeof(from), "x.log.%d", n);
			(void)snprintf(to, sizeof(to), "x.log.%d", n + 1);
			world_rename(w, n > 0 ? from : "x.log", to);
		}
		if (i % 7 == 6)
			world_flow(w, 3);
	}
	world_flow(w, 500);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(line, sizeof(line), "line %d;\n", i);
		assert_int_equal(world_times(w, line), 1);
	}
}

/* Events were lost, or there are none. */
static void
a_scan_finds_a_renamed_file_under_its_new_name(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	w->tail->listen_ms = INT64_MAX;
	world_rename(w, "x.log", "x.log.1");
	world_flow(w, 25000);
	world_log(w, "x.log.1", "late\n");
	world_flow(w, 25000);
	assert_string_equal(w->text, "one\nlate\n");
	assert_int_equal(unlink(world_path(w, "x.log.1")), 0);
	world_flow(w, 25000);
	world_write(w);
	assert_int_equal(w->row_count, 0);
}

/* Truncation. */

static void
a_truncated_file_is_read_anew(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\ntwo\n");
	world_flow(w, 50);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "new\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\nnew\n");
	assert_int_equal(stats_get(&w->stats[0].bytes_lost), 0);
}

static void
a_file_truncated_and_regrown_is_known_by_its_bytes(void **state)
{
	struct world *w = *state;

	w->flows[0].position = POSITION_END_OF_FILE;
	world_log(w, "x.log", "old and not wanted\n");
	world_start(w);
	world_flow(w, 50);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "new and longer than what was there\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "new and longer than what was there\n");
	world_stop(w);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "and now something that is longer still, too\n");
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(world_times(w, "longer still"), 1);
	/* A mark stands from the start, before anything was read. */
	world_cut(w, "x.log", 0);
	world_log(w, "x.log",
	    "and the longest line of all of them in this log file here\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "longest"), 1);
}

/* It is truncated between the look at it and the first read. */
static void
a_hole_before_the_first_read_is_passed_over(void **state)
{
	struct world *w = *state;
	int writer;

	world_log(w, "x.log", "");
	world_start(w);
	world_flow(w, 50);
	writer = open(world_path(w, "x.log"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(writer, "one\n", 4, 5000), 4);
	assert_int_equal(close(writer), 0);
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
	assert_int_equal(stats_get(&w->stats[0].bytes_filtered), 5000);
}

static void
a_first_line_that_was_cut_is_not_joined_with_others(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "no newline yet");
	world_flow(w, 50);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "a\nb\nc and d and e and f\n");
	world_flow(w, 50);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 3);
}

static void
a_long_line_that_is_cut_while_searched_is_noticed(void **state)
{
	struct world *w = *state;
	char *line = long_line(3 << 20);

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_log(w, "x.log", line);
	world_flow(w, 50);
	world_cut(w, "x.log", 2);
	world_log(w, "x.log", "w\ntwo\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "two\n"), 1);
	world_log(w, "x.log", line);
	world_flow(w, 50);
	world_cut(w, "x.log", 9); /* the unfinished line alone */
	world_log(w, "x.log", "three\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "three\n"), 1);
	free(line);
}

/* What was read went with the agent, and its copy with the truncation. */
static void
a_crash_after_a_truncation_tells_what_it_lost(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_pass(w, 50);
	world_log(w, "x.log", "two\n");
	world_pass(w, 50);
	world_deliver(w, 0);
	world_pass(w, 200);
	world_write(w);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "new\n");
	world_pass(w, 200);
	world_write(w);
	assert_int_equal(stats_get(&w->stats[0].bytes_lost), 0);
	world_kill(w);
	world_start(w);
	world_flow(w, 100);
	assert_int_equal(stats_get(&w->stats[0].bytes_lost), 4);
	assert_int_equal(world_times(w, "new\n"), 1);
}

/* Nobody has written to it since we came, so no event told how long it is. */
static void
what_a_truncation_takes_of_a_log_that_was_left_alone_is_told(void **state)
{
	static char line[1000];
	struct world *w = *state;
	struct timespec old[2] = { { .tv_sec = 1700000000 },
		{ .tv_sec = 1700000000 } };

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 2] = '\n';
	for (int i = 0; i < 8000; i++)
		world_log(w, "x.log", line);
	assert_int_equal(
	    utimensat(AT_FDCWD, world_path(w, "x.log"), old, 0), 0);
	w->config.memory_budget = 4 << 20;
	world_start(w);
	world_pass(w, 100);
	assert_true(w->tail->flows[0].starved);
	world_cut(w, "x.log", 0);
	world_pass(w, 100);
	world_flow(w, 500);
	assert_in_range(w->stats[0].bytes_delivered, 1 << 20, 4 << 20);
	assert_int_equal(w->stats[0].bytes_delivered + w->stats[0].bytes_lost,
	    8000 * (sizeof(line) - 1));
}

static void
a_truncation_is_seen_by_every_flow(void **state)
{
	struct world *w = *state;

	w->config.flow_count = 2;
	world_start(w);
	world_log(w, "a.log", "one\n");
	world_flow(w, 50);
	w->tail->flows[1].starved = true; /* its destination is dead */
	world_log(w, "a.log", "two\nthree\n");
	world_pass(w, 50);
	world_cut(w, "a.log", 0);
	world_log(w, "a.log", "one\ntwo\nnew\n");
	world_pass(w, 50);
	world_flow(w, 100);
	assert_int_equal(world_times(w, "new\n"), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_lost), 0);
	assert_int_equal(stats_get(&w->stats[1].bytes_lost), 10);
	/* all of the new content */
	assert_int_equal(stats_get(&w->stats[1].bytes_committed), 4 + 12);
}

/* The note is due after the truncation and before anybody read again. */
static void
a_row_holds_no_head_of_other_content(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "");
	world_start(w);
	world_pass(w, 50);
	world_log(w, "x.log", "one and a half\n");
	world_pass(w, 50);
	world_deliver_all(w);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "new\n");
	w->tail->listen_ms = hand.now + 1000; /* deaf for so long */
	world_pass(w, 500);
	world_write(w);
	world_kill(w);
	world_start(w);
	world_flow(w, 100);
	assert_int_equal(world_times(w, "new\n"), 1);
}

/* Directories. */

static void
a_directory_may_go_and_come(void **state)
{
	struct world *w = *state;
	char line[32];

	world_start(w);
	for (int i = 0; i < 70; i++) {
		(void)snprintf(line, sizeof(line), "line %d;\n", i);
		world_log(w, "x.log", line);
		world_flow(w, 50);
		assert_int_equal(world_times(w, line), 1);
		assert_int_equal(unlink(world_path(w, "x.log")), 0);
		assert_int_equal(rmdir(w->dir), 0);
		world_flow(w, 10);
		assert_int_equal(mkdir(w->dir, 0755), 0);
		world_flow(w, 1010);
	}
	assert_int_equal(world_times(w, "line"), 70);
}

static void
a_directory_that_is_moved_away_is_followed_where_it_was(void **state)
{
	struct world *w = *state;
	char *moved = mem_format("%s-moved", w->dir);

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	assert_int_equal(rename(w->dir, moved), 0);
	assert_int_equal(mkdir(w->dir, 0755), 0);
	world_log(w, "x.log", "two\n");
	world_flow(w, 50);
	world_log(w, "x.log", "three\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\nthree\n");
	world_remove_tree(moved);
	free(moved);
}

static void
rows_wait_for_a_directory_that_is_mounted_later(void **state)
{
	struct world *w = *state;
	char *away = mem_format("%s-away", w->dir);

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_log(w, "y.log", "two\n");
	world_flow(w, 50);
	world_stop(w);
	assert_int_equal(rename(w->dir, away), 0);
	world_start(w);
	w->tail->files.by_handle = false;
	world_flow(w, 1500);
	assert_int_equal(rename(away, w->dir), 0);
	world_rename(w, "y.log", "y.old");
	world_log(w, "x.log", "three\n");
	world_log(w, "y.old", "four\n");
	world_flow(w, 2500);
	assert_int_equal(world_times(w, "one\n"), 1);
	assert_int_equal(world_times(w, "two\n"), 1);
	assert_int_equal(world_times(w, "three\n"), 1);
	assert_int_equal(world_times(w, "four\n"), 1);
	free(away);
}

/* Lines. */

static void
a_huge_line_is_cut_with_its_end_or_split_whole(void **state)
{
	struct world *w = *state;
	size_t len = 100 << 20;
	char *line = long_line(len);

	line[len - 1] = '\n';
	world_start(w);
	world_put(w, "x.log", line, len / 2);
	world_flow(w, 50);
	world_put(w, "x.log", line + len / 2, len - len / 2);
	world_log(w, "x.log", "next\n");
	world_flow(w, 100);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 2);
	assert_int_equal(stats_get(&w->stats[0].records_truncated), 1);
	assert_int_equal(world_times(w, "next\n"), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), len + 5);
	world_stop(w);
	free(line);
}

static void
a_split_line_loses_no_byte(void **state)
{
	struct world *w = *state;
	size_t len = (5 << 20) + 1234;
	char *line = long_line(len);

	w->flows[0].oversize = OVERSIZE_SPLIT;
	w->flows[0].max_bytes = 1000;
	line[len - 1] = '\n';
	world_start(w);
	world_put(w, "x.log", line, len / 3);
	world_flow(w, 50);
	world_put(w, "x.log", line + len / 3, len - len / 3);
	world_flow(w, 100);
	assert_int_equal(w->text_len, len);
	assert_memory_equal(w->text, line, len);
	free(line);
}

static void
newlines_go_where_they_are_not_wanted(void **state)
{
	struct world *w = *state;

	w->flows[0].keep_newline = false;
	world_start(w);
	world_log(w, "x.log", "one\r\n\ntwo\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\rtwo");
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 3);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 10);
}

/* Backpressure. */

static void
a_dead_destination_stops_reading_and_nothing_else(void **state)
{
	struct world *w = *state;
	char *lines = mem_new(4 << 20);

	for (size_t i = 0; i < 4 << 20; i += 16)
		memcpy(lines + i, "fifteen letters\n", 16);
	w->config.flow_count = 2;
	w->config.memory_budget = 8 << 20;
	world_start(w);
	for (int i = 0; i < 5; i++)
		world_put(w, "x.log", lines, 4 << 20);
	world_pass(w, 100);
	assert_in_range(stats_get(&w->stats[0].bytes_read), 1 << 18, 8 << 20);
	world_log(w, "a.log", "other\n");
	world_pass(w, 100);
	assert_int_equal(stats_get(&w->stats[1].bytes_read), 6);
	world_flow(w, 100);
	for (int i = 0; i < 2000 && w->out_count + 1 > 0 &&
			stats_get(&w->stats[0].bytes_committed) < 20 << 20;
	     i++)
		world_flow(w, 10);
	assert_int_equal(
	    stats_get(&w->stats[0].bytes_committed), (20 << 20) + 6);
	free(lines);
}

static void
a_full_window_waits_for_its_eldest(void **state)
{
	struct world *w = *state;

	w->flows[0].max_records = 1;
	world_start(w);
	for (int i = 0; i < 1500; i++)
		world_log(w, "x.log", "line\n");
	world_pass(w, 100);
	while (w->out_count > 1) {
		while (w->out_count > 1)
			world_deliver(w, 1);
		world_pass(w, 10);
	}
	assert_int_equal(stats_get(&w->stats[0].records_read), 1024);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 0);
	/* What waits there for the eldest is the budget's. */
	assert_true(pool_used(w->tail->pool) >= 1023 * sizeof(struct run));
	world_deliver(w, 0);
	world_flow(w, 500);
	assert_int_equal(pool_used(w->tail->pool), 0);
	assert_int_equal(world_times(w, "line\n"), 1500);
}

/* Files that resist. Root reads everything, so be somebody else. */

static void
an_unreadable_file_is_read_once_it_may(void **state)
{
	struct world *w = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(w->dir, 0755), 0);
	world_log(w, "x.log", "one\n");
	world_log(w, "y.log", "other\n");
	assert_int_equal(chmod(world_path(w, "x.log"), 0), 0);
	assert_int_equal(seteuid(65534), 0);
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(seteuid(0), 0);
	assert_string_equal(w->text, "other\n");
	/* As root again, so that it can be read: but nobody told. */
	world_rename(w, "x.log", "x.old");
	assert_int_equal(seteuid(65534), 0);
	world_flow(w, 1000);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(world_path(w, "x.old"), 0644), 0);
	world_log(w, "x.old", "two\n");
	world_flow(w, 1000);
	assert_string_equal(w->text, "other\none\ntwo\n");
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 3);
}

static void
strangers_that_match_are_left_alone(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir(world_path(w, "d.log"), 0755), 0);
	assert_int_equal(mkfifo(world_path(w, "f.log"), 0644), 0);
	assert_int_equal(symlink("nowhere", world_path(w, "dangling.log")), 0);
	world_log(w, "x.log", "one\n");
	world_log(w, "x.log.gz", "not text\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
	assert_int_equal(unlink(world_path(w, "f.log")), 0);
	world_log(w, "f.log", "a file now\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "a file now\n"), 1);
}

static void
a_link_is_followed_to_where_it_points(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir(world_path(w, "away"), 0755), 0);
	world_log(w, "away/1", "one\n");
	assert_int_equal(symlink("away/1", world_path(w, "x.log")), 0);
	world_start(w);
	world_flow(w, 50);
	world_log(w, "away/1", "two\n");
	world_flow(w, 1100);
	assert_string_equal(w->text, "one\ntwo\n");
	world_log(w, "away/2", "three\n");
	assert_int_equal(unlink(world_path(w, "x.log")), 0);
	assert_int_equal(symlink("away/2", world_path(w, "x.log")), 0);
	world_flow(w, 1100);
	assert_string_equal(w->text, "one\ntwo\nthree\n");
}

/* At the end. */

static void
a_stop_sends_what_was_read_and_notes_it(void **state)
{
	struct world *w = *state;

	w->flows[0].age_ms = 100000;
	world_start(w);
	world_log(w, "x.log", "one\n");
	world_pass(w, 10);
	assert_int_equal(w->out_count, 0);
	world_stop(w);
	assert_string_equal(w->text, "one\n");
	assert_int_equal(w->rows[0].committed, 4);
}

static void
readers_that_ride_for_ever_are_freed_at_the_end(void **state)
{
	struct world *w = *state;

	world_start(w);
	for (int i = 0; i < 3; i++) {
		world_log(w, "x.log", "never to arrive\n");
		world_pass(w, 50);
		world_cut(w, "x.log", 0);
		world_pass(w, 50);
	}
	world_log(w, "y.log", "nor this\n");
	world_pass(w, 50);
	assert_int_equal(unlink(world_path(w, "y.log")), 0);
	world_pass(w, 15000);
	world_kill(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* I6: while the ledger hangs, rows that it never heard of may come and go
 * without end. */
static void
only_rows_that_the_ledger_has_heard_of_are_forgotten(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "before\n");
	world_flow(w, 500);
	w->hung = true;
	for (int i = 0; i < 20; i++)
		place_forget(w->tail, place_new_row(w->tail));
	assert_int_equal(w->tail->forgotten_count, 0);
	place_forget(w->tail, 1);
	assert_int_equal(w->tail->forgotten_count, 1);
	w->hung = false;
	world_flow(w, 500);
	world_write(w);
	assert_int_equal(w->row_count, 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_delivered),
		TEST(a_ledger_that_takes_nothing_is_told_once),
		TEST(a_restart_goes_on_where_it_was),
		TEST(a_note_behind_another_files_stuck_batch_makes_sense),
		TEST(two_deaths_do_not_repeat_what_one_would_not),
		TEST(a_renamed_file_is_read_to_its_end),
		TEST(a_deleted_file_is_read_to_its_end_and_its_row_goes),
		TEST(the_unfinished_line_of_a_retired_file_is_sent_as_it_is),
		TEST(a_long_unfinished_line_of_a_retired_file_is_cut_once),
		TEST(a_file_that_moved_away_comes_back_unrepeated),
		TEST(a_file_is_found_by_its_other_name),
		TEST(many_rotations_in_one_moment_lose_nothing),
		TEST(a_scan_finds_a_renamed_file_under_its_new_name),
		TEST(a_truncated_file_is_read_anew),
		TEST(a_file_truncated_and_regrown_is_known_by_its_bytes),
		TEST(a_hole_before_the_first_read_is_passed_over),
		TEST(a_first_line_that_was_cut_is_not_joined_with_others),
		TEST(a_long_line_that_is_cut_while_searched_is_noticed),
		TEST(a_crash_after_a_truncation_tells_what_it_lost),
		TEST(
		    what_a_truncation_takes_of_a_log_that_was_left_alone_is_told),
		TEST(a_truncation_is_seen_by_every_flow),
		TEST(a_row_holds_no_head_of_other_content),
		TEST(a_directory_may_go_and_come),
		TEST(a_directory_that_is_moved_away_is_followed_where_it_was),
		TEST(rows_wait_for_a_directory_that_is_mounted_later),
		TEST(a_huge_line_is_cut_with_its_end_or_split_whole),
		TEST(a_split_line_loses_no_byte),
		TEST(newlines_go_where_they_are_not_wanted),
		TEST(a_dead_destination_stops_reading_and_nothing_else),
		TEST(a_full_window_waits_for_its_eldest),
		TEST(an_unreadable_file_is_read_once_it_may),
		TEST(strangers_that_match_are_left_alone),
		TEST(a_link_is_followed_to_where_it_points),
		TEST(a_stop_sends_what_was_read_and_notes_it),
		TEST(readers_that_ride_for_ever_are_freed_at_the_end),
		TEST(only_rows_that_the_ledger_has_heard_of_are_forgotten),
	};

	log_setup(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR,
	    LOG_STYLE_TEXT);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
