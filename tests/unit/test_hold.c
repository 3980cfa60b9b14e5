/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of several lines through the whole tail, the clock moved by hand:
 * pieces, pauses, rotations, restarts.
 */
#include "tail_world.h"

static int
set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	world_init(w);
	w->flows[0].multiline = MULTILINE_PATTERN;
	w->flows[0].start_pattern = mem_dup("\\[\\d+\\]");
	w->flows[0].hold_ms = 1000;
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	world_fini(w);
	free(w->flows[0].start_pattern);
	free(w);
	return 0;
}

static uint64_t
delivered(const struct world *w)
{
	return stats_get(&w->stats[0].records_delivered);
}

static void
a_record_ends_where_the_next_begins(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "[1] a\n b\n[2] c\n[3] d\n e\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "[1] a\n b\n[2] c\n");
	assert_int_equal(delivered(w), 2);
	world_flow(w, 1100);
	assert_string_equal(w->text, "[1] a\n b\n[2] c\n[3] d\n e\n");
	assert_int_equal(delivered(w), 3);
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 0);
}

static void
a_record_written_in_pieces_stays_one(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "[1] err\n  at a\n");
	world_flow(w, 600);
	world_log(w, "x.log", "  at b\n");
	world_flow(w, 600);
	world_log(w, "x.log", "  a");
	world_flow(w, 600);
	world_log(w, "x.log", "t c\n");
	world_flow(w, 600);
	assert_int_equal(delivered(w), 0);
	world_flow(w, 600);
	assert_string_equal(w->text, "[1] err\n  at a\n  at b\n  at c\n");
	assert_int_equal(delivered(w), 1);
}

static void
an_unfinished_line_is_not_sent_with_the_others(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "[1] a\n b\n[2");
	world_flow(w, 1500);
	assert_string_equal(w->text, "[1] a\n b\n");
	world_log(w, "x.log", "] c\n");
	world_flow(w, 1500);
	assert_string_equal(w->text, "[1] a\n b\n[2] c\n");
	assert_int_equal(delivered(w), 2);
}

static void
a_record_goes_on_in_the_next_file(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "[1] a\n b\n");
	world_flow(w, 100);
	world_rename(w, "x.log", "x.log.1");
	world_log(w, "x.log", " c\n[2] d\n");
	world_flow(w, 100);
	assert_string_equal(w->text, "[1] a\n b\n c\n");
	assert_int_equal(delivered(w), 1);
	world_flow(w, 1100);
	assert_string_equal(w->text, "[1] a\n b\n c\n[2] d\n");
	assert_int_equal(delivered(w), 2);
	world_stop(w);
	world_start(w);
	world_flow(w, 12000);
	assert_string_equal(w->text, "[1] a\n b\n c\n[2] d\n");
}

static void
a_record_ends_where_the_next_file_begins_another(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "[1] a\n b\n");
	world_flow(w, 100);
	world_rename(w, "x.log", "x.log.1");
	world_log(w, "x.log", "[2] d\n[3] e\n");
	world_flow(w, 100);
	assert_string_equal(w->text, "[1] a\n b\n[2] d\n");
	assert_int_equal(delivered(w), 2);
}

static void
what_is_held_survives_a_restart(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "[1] a\n b\n");
	world_flow(w, 100);
	assert_int_equal(delivered(w), 0);
	world_kill(w);
	world_log(w, "x.log", " c\n[2] d\n");
	world_start(w);
	world_flow(w, 100);
	assert_string_equal(w->text, "[1] a\n b\n c\n");
	assert_int_equal(delivered(w), 1);
}

static void
a_retired_files_last_record_is_sent(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "[1] a\n b\n[2");
	world_flow(w, 100);
	world_rename(w, "x.log", "old");
	world_flow(w, 15000);
	assert_string_equal(w->text, "[1] a\n b\n[2");
	assert_int_equal(delivered(w), 2);
	assert_int_equal(stats_get(&w->stats[0].partial_lines), 1);
}

static void
a_record_longer_than_allowed_ends_at_a_line(void **state)
{
	struct world *w = *state;
	size_t len = 700000;
	char *text = mem_new(len + 1);

	memset(text, ' ', len);
	for (size_t i = 99; i < len; i += 100)
		text[i] = '\n';
	world_start(w);
	world_log(w, "x.log", "[1] a\n");
	world_put(w, "x.log", text, len);
	world_put(w, "x.log", text, len);
	world_log(w, "x.log", "[2] b\n");
	world_flow(w, 2000);
	assert_int_equal(delivered(w), 3);
	assert_int_equal(stats_get(&w->stats[0].records_truncated), 0);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 2 * len + 12);
	free(text);
}

static void
records_of_several_lines_may_be_joined(void **state)
{
	struct world *w = *state;

	w->flows[0].aggregate = 20;
	world_start(w);
	world_log(w, "x.log", "[1] a\n b\n[2] c\n[3] d\n e\n[4] f\n");
	world_flow(w, 100);
	assert_string_equal(w->text, "[1] a\n b\n[2] c\n[3] d\n e\n");
	assert_int_equal(delivered(w), 2);
}

static void
presets_need_no_pattern(void **state)
{
	struct world *w = *state;

	w->flows[0].multiline = MULTILINE_JAVA;
	world_start(w);
	world_log(w, "x.log", "a\n\tat b\nc\n");
	world_flow(w, 100);
	assert_string_equal(w->text, "a\n\tat b\n");
	assert_int_equal(delivered(w), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_ends_where_the_next_begins),
		TEST(a_record_written_in_pieces_stays_one),
		TEST(an_unfinished_line_is_not_sent_with_the_others),
		TEST(a_record_goes_on_in_the_next_file),
		TEST(a_record_ends_where_the_next_file_begins_another),
		TEST(what_is_held_survives_a_restart),
		TEST(a_retired_files_last_record_is_sent),
		TEST(a_record_longer_than_allowed_ends_at_a_line),
		TEST(records_of_several_lines_may_be_joined),
		TEST(presets_need_no_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
