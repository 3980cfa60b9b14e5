/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers, footers, lines that are too long and lines without an end, through
 * the whole tail, the clock moved by hand.
 */
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
	struct world *w = *state;

	world_fini(w);
	free(w->flows[0].footer);
	free(w);
	return 0;
}

static uint64_t
filtered(const struct world *w)
{
	return stats_get(&w->stats[0].lines_filtered);
}

/* Headers. */

static void
headers_of_every_file_are_left_out(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 2;
	world_log(w, "x.log", "h1\nh2\none\n");
	world_start(w);
	world_flow(w, 50);
	world_log(w, "y.log", "h1\nh2\ntwo\n");
	world_flow(w, 50);
	world_log(w, "x.log", "three\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\nthree\n");
	assert_int_equal(filtered(w), 4);
	assert_int_equal(stats_get(&w->stats[0].bytes_filtered), 12);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 26);
}

static void
headers_may_come_in_pieces(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 3;
	world_start(w);
	for (const char *at = "h1\nh2\nh3\none\n"; *at != '\0'; at++) {
		world_put(w, "x.log", at, 1);
		world_flow(w, 20);
	}
	assert_string_equal(w->text, "one\n");
}

static void
headers_are_awaited_over_a_restart(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 2;
	world_log(w, "x.log", "h1\nh");
	world_start(w);
	world_flow(w, 50);
	world_stop(w);
	world_start(w);
	world_log(w, "x.log", "2\none\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
	world_stop(w);
	world_log(w, "x.log", "two\nthree\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\nthree\n");
}

static void
headers_longer_than_a_chunk_are_left_out(void **state)
{
	struct world *w = *state;
	size_t len = 3 << 20;
	char *text = mem_new(len);

	w->flows[0].skip_headers = 2;
	memset(text, 'h', len);
	world_start(w);
	world_put(w, "x.log", text, len);
	world_flow(w, 50);
	world_log(w, "x.log", "\n");
	world_flow(w, 50);
	world_put(w, "x.log", text, len);
	world_flow(w, 50);
	world_log(w, "x.log", "\none\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
	assert_int_equal(filtered(w), 2);
	free(text);
}

static void
headers_that_were_cut_away_are_awaited_anew(void **state)
{
	struct world *w = *state;
	size_t len = 3 << 20;
	char *text = mem_new(len);

	w->flows[0].skip_headers = 2;
	memset(text, 'h', len);
	text[0] = '\n';
	world_start(w);
	world_put(w, "x.log", text, len);
	world_flow(w, 50);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "h1\n");
	world_flow(w, 50);
	world_log(w, "x.log", "h2\none\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
	free(text);
}

static void
a_truncated_file_has_headers_again(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 1;
	world_start(w);
	world_log(w, "x.log", "h1\none\ntwo\n");
	world_flow(w, 50);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "h1\nthree\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\nthree\n");
}

static void
at_the_end_of_a_file_headers_are_long_past(void **state)
{
	struct world *w = *state;

	w->flows[0].position = POSITION_END_OF_FILE;
	w->flows[0].skip_headers = 2;
	world_log(w, "old.log", "h1\nh2\nold\n");
	world_log(w, "half.log", "h1\n");
	world_log(w, "none.log", "");
	world_start(w);
	world_flow(w, 50);
	world_log(w, "old.log", "one\n");
	world_log(w, "half.log", "h2\ntwo\n");
	world_log(w, "none.log", "h1\nh2\nthree\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "one\n"), 1);
	assert_int_equal(world_times(w, "two\n"), 1);
	assert_int_equal(world_times(w, "three\n"), 1);
	assert_int_equal(w->text_len, 14);
}

/* With a last line that was not finished, too. */
static void
the_end_of_a_file_of_headers_is_their_end(void **state)
{
	struct world *w = *state;

	w->flows[0].position = POSITION_END_OF_FILE;
	w->flows[0].skip_headers = 2;
	world_log(w, "x.log", "h1\nh2\no");
	world_start(w);
	world_flow(w, 50);
	world_log(w, "x.log", "ne\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
}

static void
a_file_that_retires_with_too_few_headers_had_only_those(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 3;
	world_log(w, "x.log", "h1\nh2\nhalf");
	world_start(w);
	world_flow(w, 500);
	world_rename(w, "x.log", "x.old");
	world_flow(w, 25000);
	assert_string_equal(w->text, "");
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 0);
	assert_int_equal(stats_get(&w->stats[0].bytes_filtered), 10);
}

/* An earlier life that skipped fewer delivered what lies beyond. */
static void
more_headers_than_before_do_not_reach_into_what_was_delivered(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_pass(w, 50);
	world_log(w, "x.log", "two\nthree\n");
	world_pass(w, 50);
	world_deliver(w, 1);
	world_pass(w, 200);
	world_write(w);
	world_kill(w);
	w->flows[0].skip_headers = 4;
	world_start(w);
	world_log(w, "x.log", "four\nfive\n");
	world_flow(w, 100);
	assert_string_equal(w->text, "two\nthree\nfour\nfive\n");
	assert_int_equal(stats_get(&w->stats[0].bytes_filtered), 4);
}

/* Footers. */

static void
use_footer(struct world *w, const char *pattern)
{
	w->flows[0].footer = mem_dup(pattern);
}

static void
a_footer_and_what_follows_it_is_left_out(void **state)
{
	struct world *w = *state;

	use_footer(w, "#END.*");
	world_start(w);
	world_log(w, "x.log", "one\n \t#END of it \r\ntwo\nthree\n");
	world_log(w, "y.log", "four #END\n");
	world_flow(w, 50);
	world_log(w, "x.log", "five\n");
	world_log(w, "y.log", "six\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "one\n"), 1);
	assert_int_equal(world_times(w, "four #END\n"), 1);
	assert_int_equal(world_times(w, "six\n"), 1);
	assert_int_equal(w->text_len, 18);
	assert_int_equal(filtered(w), 4);
	assert_int_equal(stats_get(&w->stats[0].bytes_filtered), 30);
	/* All of it is accounted for. */
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 48);
}

static void
a_footer_is_remembered_over_a_restart(void **state)
{
	struct world *w = *state;

	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "one\n#END\ntwo\n");
	world_flow(w, 50);
	world_stop(w);
	world_log(w, "x.log", "three\n");
	world_start(w);
	world_flow(w, 200);
	world_log(w, "x.log", "four\n");
	world_flow(w, 200);
	world_write(w);
	world_kill(w);
	world_log(w, "x.log", "five\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "one\n");
}

/* Its bytes are delivered above the committed offset, and not read again. */
static void
a_footer_behind_a_stuck_batch_is_remembered(void **state)
{
	struct world *w = *state;

	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "one\n");
	world_pass(w, 50);
	world_log(w, "x.log", "two\n#END\n");
	world_pass(w, 50);
	world_deliver(w, 1);
	world_pass(w, 200);
	world_write(w);
	world_kill(w);
	world_log(w, "x.log", "three\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "two\none\n");
}

static void
the_next_generation_begins_without_a_footer(void **state)
{
	struct world *w = *state;

	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "one\n#END\nleft out\n");
	world_flow(w, 50);
	world_cut(w, "x.log", 0);
	world_log(w, "x.log", "two\n");
	world_flow(w, 50);
	world_rename(w, "x.log", "x.log.1");
	world_log(w, "x.log", "three\n#END\n");
	world_flow(w, 50);
	world_log(w, "x.log.1", "four\n#END\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\ntwo\nthree\nfour\n");
}

static void
a_footer_without_newline_is_one_when_its_file_retires(void **state)
{
	struct world *w = *state;

	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "one\n#END");
	world_flow(w, 50);
	world_rename(w, "x.log", "x.old");
	world_flow(w, 25000);
	assert_string_equal(w->text, "one\n");
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 0);
}

static void
long_lines_behind_a_footer_go_nowhere(void **state)
{
	struct world *w = *state;
	size_t len = 3 << 20;
	char *text = mem_new(len);

	for (int split = 0; split < 2; split++) {
		const char *name = split ? "y.log" : "x.log";

		w->flows[0].oversize =
		    split ? OVERSIZE_SPLIT : OVERSIZE_TRUNCATE;
		if (!split) {
			use_footer(w, "#END");
			world_start(w);
		}
		memset(text, 'l', len);
		world_log(w, name, "one\n#END\n");
		world_flow(w, 50);
		world_put(w, name, text, len);
		world_flow(w, 50);
		world_log(w, name, "\nleft out\n");
		world_flow(w, 50);
	}
	assert_string_equal(w->text, "one\none\n");
	assert_int_equal(stats_get(&w->stats[0].records_truncated), 0);
	assert_int_equal(stats_get(&w->stats[0].records_split), 0);
	assert_int_equal(filtered(w), 6);
	free(text);
}

/* What a flow would not have sent is not lost. */
static void
what_vanishes_behind_a_footer_is_not_lost(void **state)
{
	struct world *w = *state;

	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "one\n#END\n");
	world_flow(w, 500);
	world_stop(w);
	world_log(w, "x.log", "two\n");
	world_start(w);
	world_flow(w, 500);
	world_log(w, "x.log", "without end");
	world_flow(w, 500);
	world_cut(w, "x.log", 0);
	world_flow(w, 500);
	assert_string_equal(w->text, "one\n");
	assert_int_equal(stats_get(&w->stats[0].bytes_lost), 0);
}

static void
a_pattern_that_takes_too_long_loses_nothing(void **state)
{
	struct world *w = *state;
	const char *line = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n";

	use_footer(w, "(?:a|a|aa)+[cd]");
	world_start(w);
	world_log(w, "x.log", line);
	world_flow(w, 50);
	assert_string_equal(w->text, line);
}

static void
headers_and_footers_leave_what_is_between_them(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 1;
	w->flows[0].keep_newline = false;
	use_footer(w, "-- \\d+ lines --");
	world_start(w);
	world_log(w, "x.log", "-- 2 lines --\none\ntwo\n-- 2 lines --\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "onetwo");
}

/* Lines without an end. */

static void
an_unfinished_line_is_sent_when_its_time_is_over(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 1000;
	world_start(w);
	world_log(w, "x.log", "one\nha");
	world_flow(w, 700);
	world_log(w, "x.log", "lf");
	world_flow(w, 900);
	assert_string_equal(w->text, "one\n");
	world_flow(w, 200);
	assert_string_equal(w->text, "one\nhalf");
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 1);
	world_log(w, "x.log", " a line\ntwo\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "one\nhalf a line\ntwo\n");
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 4);
	world_flow(w, 5000);
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 1);
}

static void
without_the_option_an_unfinished_line_waits(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "half");
	world_flow(w, 100000);
	assert_string_equal(w->text, "");
}

static void
a_part_that_was_sent_is_not_repeated_by_a_restart(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 1000;
	world_start(w);
	world_log(w, "x.log", "half");
	world_flow(w, 1500);
	world_stop(w);
	world_log(w, "x.log", " and half");
	world_start(w);
	world_flow(w, 500);
	assert_string_equal(w->text, "half");
	world_flow(w, 1500);
	assert_string_equal(w->text, "half and half");
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 2);
}

static void
unfinished_lines_of_many_files_each_have_their_time(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 1000;
	world_start(w);
	world_log(w, "x.log", "x");
	world_flow(w, 300);
	world_log(w, "y.log", "y");
	world_flow(w, 300);
	world_log(w, "x.log", "x");
	world_flow(w, 800);
	assert_string_equal(w->text, "y");
	world_flow(w, 300);
	assert_string_equal(w->text, "yxx");
}

static void
a_line_whose_time_is_over_may_still_be_blocked(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 500;
	w->flows[0].max_records = 1;
	w->config.memory_budget = 8 << 20;
	world_start(w);
	for (int i = 0; i < 2000; i++)
		world_log(w, "x.log", "line\n");
	world_pass(w, 50);
	world_log(w, "x.log", "half");
	world_pass(w, 5000);
	world_flow(w, 5000);
	assert_int_equal(world_times(w, "line\n"), 2000);
	assert_int_equal(world_times(w, "half"), 1);
}

/* The agent is deaf to events for a moment after each look. */
static void
a_line_that_grows_when_its_time_is_over_is_not_torn(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 1000;
	world_start(w);
	world_log(w, "x.log", "half");
	world_pass(w, 0);
	world_pass(w, 997);
	world_log(w, "y.log", "look\n");
	world_pass(w, 0);
	world_log(w, "x.log", " and half\n");
	world_flow(w, 50);
	assert_int_equal(world_times(w, "half and half\n"), 1);
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 0);
}

static void
a_file_with_an_unfinished_line_may_vanish_or_shrink(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 1000;
	world_start(w);
	world_log(w, "x.log", "one\nhalf");
	world_log(w, "y.log", "two\nhalf");
	world_log(w, "z.log", "half");
	world_flow(w, 500);
	assert_int_equal(unlink(world_path(w, "x.log")), 0);
	world_cut(w, "y.log", 0);
	world_cut(w, "z.log", 2);
	world_log(w, "y.log", "new\n");
	world_flow(w, 30000);
	assert_int_equal(world_times(w, "new\n"), 1);
	assert_int_equal(world_times(w, "ha"), 2);
	assert_int_equal(world_times(w, "half"), 1);
}

static void
a_long_unfinished_line_is_cut_when_its_time_is_over(void **state)
{
	struct world *w = *state;
	size_t len = 3 << 20;
	char *text = mem_new(len);

	w->flows[0].partial_ms = 1000;
	memset(text, 'l', len);
	world_start(w);
	world_put(w, "x.log", text, len);
	world_flow(w, 3000);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 1);
	assert_int_equal(stats_get(&w->stats[0].records_truncated), 1);
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 1);
	world_log(w, "x.log", "\n");
	world_flow(w, 50);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 2);
	free(text);
}

static void
unfinished_headers_are_not_sent(void **state)
{
	struct world *w = *state;

	w->flows[0].partial_ms = 1000;
	w->flows[0].skip_headers = 1;
	world_start(w);
	world_log(w, "x.log", "header");
	world_flow(w, 5000);
	assert_string_equal(w->text, "");
	world_log(w, "x.log", "\none");
	world_flow(w, 5000);
	assert_string_equal(w->text, "one");
}

/* Lines that are too long. */

static void
pieces_of_a_line_are_counted_and_are_no_footer(void **state)
{
	struct world *w = *state;

	w->flows[0].oversize = OVERSIZE_SPLIT;
	w->flows[0].max_bytes = 20; /* 4 of them data */
	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "1234#END\n12345678\nafter\n#END\n");
	world_flow(w, 50);
	assert_string_equal(w->text, "1234#END\n12345678\nafter\n#END\n");
	assert_int_equal(stats_get(&w->stats[0].records_split), 6);
}

/* The window is full in the middle of a line. */
static void
a_piece_that_had_to_wait_is_no_footer(void **state)
{
	struct world *w = *state;

	w->flows[0].oversize = OVERSIZE_SPLIT;
	w->flows[0].max_bytes = 20; /* 4 of them data */
	w->flows[0].max_records = 1;
	w->flows[0].keep_newline = false;
	use_footer(w, "#END");
	world_start(w);
	world_log(w, "x.log", "odd\n");
	for (int i = 0; i < 2000; i++)
		world_log(w, "x.log", "1234#END\n");
	world_pass(w, 50);
	world_flow(w, 1000);
	assert_int_equal(world_times(w, "#END"), 2000);
}

static void
set_apart(struct world *w)
{
	w->flows[0].oversize = OVERSIZE_DEAD_LETTER;
	w->flows[0].max_bytes = 20; /* 4 of them data */
}

static void
a_line_that_is_too_long_becomes_dead_letters_and_not_records(void **state)
{
	struct world *w = *state;

	set_apart(w);
	world_start(w);
	world_log(w, "x.log", "one\n123456789\ntwo\n");
	world_flow(w, 300);
	assert_string_equal(w->text, "one\ntwo\n");
	assert_string_equal(w->dead, "1 4-8 1234\n2 8-12 5678\n3 12-14 9\n\n");
	assert_int_equal(stats_get(&w->stats[0].records_dead), 3);
	assert_int_equal(stats_get(&w->stats[0].bytes_dead), 10);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 2);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 18);
	world_write(w);
	assert_int_equal(w->rows[0].committed, 18);
}

/* Though what is before and behind them is delivered. */
static void
bytes_count_only_when_their_letters_are_on_disk(void **state)
{
	struct world *w = *state;

	set_apart(w);
	world_start(w);
	world_log(w, "x.log", "one\n12345\ntwo\nsix\n");
	world_pass(w, 200);
	while (w->out_count > 0)
		world_deliver(w, 0);
	world_pass(w, 200);
	world_write(w);
	assert_string_equal(w->text, "one\ntwo\nsix\n");
	assert_int_equal(w->rows[0].committed, 4);
	world_keep(w);
	world_flow(w, 200);
	world_write(w);
	assert_int_equal(w->rows[0].committed, 18);
}

static void
the_rest_of_a_long_line_is_dead_after_a_restart_too(void **state)
{
	struct world *w = *state;

	set_apart(w);
	world_start(w);
	world_log(w, "x.log", "one\n123456");
	world_flow(w, 200);
	world_log(w, "x.log", "7");
	world_flow(w, 200);
	world_stop(w);
	assert_string_equal(w->dead, "1 4-8 1234\n");
	world_start(w);
	world_log(w, "x.log", "\ntwo\n");
	world_flow(w, 200);
	assert_string_equal(w->text, "one\ntwo\n");
	assert_string_equal(w->dead, "1 4-8 1234\n3 8-12 567\n\n");
}

static void
letters_that_were_not_kept_are_read_again(void **state)
{
	struct world *w = *state;

	set_apart(w);
	world_start(w);
	world_log(w, "x.log", "12345\ntwo\n");
	world_pass(w, 200);
	world_write(w);
	world_kill(w);
	assert_string_equal(w->dead, "");
	world_start(w);
	world_flow(w, 200);
	assert_string_equal(w->text, "two\n");
	assert_string_equal(w->dead, "1 0-4 1234\n3 4-6 5\n\n");
}

/* The letter says what it was called. */
static void
a_letter_of_a_file_that_is_gone_has_its_name(void **state)
{
	struct world *w = *state;

	set_apart(w);
	world_start(w);
	world_log(w, "x.log", "12345\n");
	world_pass(w, 200);
	assert_int_equal(unlink(world_path(w, "x.log")), 0);
	world_pass(w, 30000);
	world_keep(w);
	assert_string_equal(w->dead, "1 0-4 1234\n3 4-6 5\n\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(headers_of_every_file_are_left_out),
		TEST(headers_may_come_in_pieces),
		TEST(headers_are_awaited_over_a_restart),
		TEST(headers_longer_than_a_chunk_are_left_out),
		TEST(headers_that_were_cut_away_are_awaited_anew),
		TEST(a_truncated_file_has_headers_again),
		TEST(at_the_end_of_a_file_headers_are_long_past),
		TEST(the_end_of_a_file_of_headers_is_their_end),
		TEST(a_file_that_retires_with_too_few_headers_had_only_those),
		TEST(
		    more_headers_than_before_do_not_reach_into_what_was_delivered),
		TEST(a_footer_and_what_follows_it_is_left_out),
		TEST(a_footer_is_remembered_over_a_restart),
		TEST(a_footer_behind_a_stuck_batch_is_remembered),
		TEST(the_next_generation_begins_without_a_footer),
		TEST(a_footer_without_newline_is_one_when_its_file_retires),
		TEST(long_lines_behind_a_footer_go_nowhere),
		TEST(what_vanishes_behind_a_footer_is_not_lost),
		TEST(a_pattern_that_takes_too_long_loses_nothing),
		TEST(headers_and_footers_leave_what_is_between_them),
		TEST(an_unfinished_line_is_sent_when_its_time_is_over),
		TEST(without_the_option_an_unfinished_line_waits),
		TEST(a_part_that_was_sent_is_not_repeated_by_a_restart),
		TEST(unfinished_lines_of_many_files_each_have_their_time),
		TEST(a_line_whose_time_is_over_may_still_be_blocked),
		TEST(a_line_that_grows_when_its_time_is_over_is_not_torn),
		TEST(a_file_with_an_unfinished_line_may_vanish_or_shrink),
		TEST(a_long_unfinished_line_is_cut_when_its_time_is_over),
		TEST(unfinished_headers_are_not_sent),
		TEST(pieces_of_a_line_are_counted_and_are_no_footer),
		TEST(a_piece_that_had_to_wait_is_no_footer),
		TEST(
		    a_line_that_is_too_long_becomes_dead_letters_and_not_records),
		TEST(bytes_count_only_when_their_letters_are_on_disk),
		TEST(the_rest_of_a_long_line_is_dead_after_a_restart_too),
		TEST(letters_that_were_not_kept_are_read_again),
		TEST(a_letter_of_a_file_that_is_gone_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
