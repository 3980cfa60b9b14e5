/* SPDX-License-Identifier: Apache-2.0
 *
 * How far behind a flow is said to be, and why it does not read on.
 */
#include "tail_world.h"

#define LINES ((size_t)4 << 20)

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
	free(w);
	return 0;
}

static uint64_t
behind(const struct world *w)
{
	return stats_get(&w->stats[0].bytes_behind);
}

static void
what_is_not_delivered_is_behind_and_grows_old(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_log(w, "x.log", "one\ntwo\n");
	world_pass(w, 2500);
	assert_int_equal(behind(w), 8);
	assert_in_range(stats_get(&w->stats[0].millis_behind), 1500, 2500);
	world_flow(w, 2500);
	assert_int_equal(behind(w), 0);
	assert_int_equal(stats_get(&w->stats[0].millis_behind), 0);
	assert_int_equal(stats_get(&w->stats[0].tail_waits), STATS_TAIL_NEWS);
}

static void
a_file_that_grows_while_nobody_reads_is_behind(void **state)
{
	struct world *w = *state;
	char *lines = mem_new(LINES);

	for (size_t i = 0; i < LINES; i += 16)
		memcpy(lines + i, "fifteen letters\n", 16);
	w->config.memory_budget = 4 << 20;
	world_start(w);
	for (int i = 0; i < 5; i++) {
		world_put(w, "x.log", lines, LINES);
		world_pass(w, 2500);
		assert_int_equal(behind(w), (uint64_t)(i + 1) * LINES);
	}
	assert_int_equal(stats_get(&w->stats[0].tail_waits), STATS_TAIL_MEMORY);
	for (int i = 0; i < 4000 && behind(w) > 0; i++)
		world_flow(w, 100);
	assert_int_equal(behind(w), 0);
	free(lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_not_delivered_is_behind_and_grows_old, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_file_that_grows_while_nobody_reads_is_behind, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
