/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ship relies on: who goes next, and how a destination is pressed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clock.h"
#include "ship/lane.h"

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static struct flow_config flow;
static struct flow_stats stats;
static struct sigv4_key key;
static struct pool *pool;
static struct lane lane;
static int64_t due_ms;

static int
setup(void **state)
{
	(void)state;
	flow = (struct flow_config){ .target = TEXT("stream"),
		.region = TEXT("cn-north-1"),
		.backoff_first_ms = 100,
		.backoff_max_ms = 1000,
		.max_in_flight = 8 };
	pool = pool_new(32 << 20, 1, 1 << 20);
	lane_init(&lane, &flow, &stats, &key);
	return pool != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	struct list_node *node;

	while ((node = list_take_first(&lane.batches)) != NULL) {
		struct batch *b = batch_of(node);

		batch_free(&b);
	}
	lane_fini(&lane);
	pool_free(pool);
	return 0;
}

static struct batch *
add(void)
{
	struct batch *b = batch_new(pool, 0, lane.api, 500, 1 << 20);
	struct batch *kept = b;

	assert_non_null(b);
	assert_int_equal(
	    batch_append(b, span_str("x"), batch_key_of(span_str("k"))),
	    BATCH_TAKEN);
	batch_seal(b);
	lane_add(&lane, &b);
	assert_null(b);
	return kept;
}

static void
aws_is_where_its_partition_says(void **state)
{
	(void)state;
	assert_string_equal(
	    lane.address.url, "https://kinesis.cn-north-1.amazonaws.com.cn");
	assert_string_equal(
	    lane.host_line, "Host: kinesis.cn-north-1.amazonaws.com.cn");
	assert_true(lane.address.tls);
}

static void
batches_go_in_sealing_order_and_retries_first(void **state)
{
	(void)state;
	struct batch *first = add(), *second = add(), *third = add();

	assert_ptr_equal(lane_next(&lane, 0, &due_ms), first);
	lane_depart(&lane, first);
	assert_ptr_equal(lane_next(&lane, 0, &due_ms), second);
	lane_depart(&lane, second);
	lane_keep(&lane, second, 50);
	lane_keep(&lane, first, 50);
	/* While they wait, younger ones go ... */
	assert_ptr_equal(lane_next(&lane, 49, &due_ms), third);
	/* ... and when they are due they go first, the elder before. */
	assert_ptr_equal(lane_next(&lane, 50, &due_ms), first);
}

static void
nothing_to_send_says_when_there_will_be(void **state)
{
	(void)state;
	struct batch *b = add();

	lane_depart(&lane, b);
	assert_null(lane_next(&lane, 0, &due_ms));
	assert_int_equal(due_ms, CLOCK_NEVER);
	lane_keep(&lane, b, 70);
	assert_null(lane_next(&lane, 0, &due_ms));
	assert_int_equal(due_ms, 70);
}

static void
a_crowd_that_fails_together_counts_once(void **state)
{
	(void)state;
	lane_back_off(&lane, 0, 10, 0);
	lane_back_off(&lane, 1, 11, 0);
	lane_back_off(&lane, 10, 12, 0);
	assert_int_equal(lane.allowed, 4);
	assert_int_equal(lane.failures, 1);
	lane_back_off(&lane, 11, 20, 0);
	assert_int_equal(lane.allowed, 2);
	assert_int_equal(lane.failures, 2);
}

static void
one_failure_delays_nobody_else_two_rounds_do(void **state)
{
	(void)state;
	struct batch *b = add();

	lane_back_off(&lane, 0, 0, 99);
	assert_ptr_equal(lane_next(&lane, 0, &due_ms), b);
	lane_back_off(&lane, 5, 5, 99);
	assert_null(lane_next(&lane, 5, &due_ms));
	assert_in_range(due_ms, 5, 105);
}

static void
success_presses_on_step_by_step_and_recalls_who_waits(void **state)
{
	(void)state;
	struct batch *b = add();

	for (int64_t t = 0; t < 10; t++)
		lane_back_off(&lane, 10 * t, 10 * t, 0);
	assert_int_equal(lane.allowed, 1);
	lane_depart(&lane, b);
	lane_keep(&lane, b, 3600 * 1000);
	lane_press_on(&lane);
	assert_int_equal(lane.allowed, 2);
	assert_ptr_equal(lane_next(&lane, 100, &due_ms), b);
	for (int i = 0; i < 20; i++)
		lane_press_on(&lane);
	assert_int_equal(lane.allowed, 8);
}

static void
pauses_double_up_to_their_ceiling_and_are_never_longer(void **state)
{
	(void)state;
	for (uint64_t dice = 0; dice < 3000; dice += 7) {
		assert_in_range(lane_pause(&lane, 1, dice), 0, 100);
		assert_in_range(lane_pause(&lane, 2, dice), 0, 200);
		assert_in_range(lane_pause(&lane, 4, dice), 0, 800);
		assert_in_range(lane_pause(&lane, 5, dice), 0, 1000);
		assert_in_range(lane_pause(&lane, UINT32_MAX, dice), 0, 1000);
	}
	assert_int_equal(lane_pause(&lane, 1, 100), 100);
	assert_int_equal(lane_pause(&lane, 99, 1000), 1000);
	flow.backoff_first_ms = flow.backoff_max_ms = 0;
	assert_int_equal(lane_pause(&lane, UINT32_MAX, 5), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(aws_is_where_its_partition_says),
		TEST(batches_go_in_sealing_order_and_retries_first),
		TEST(nothing_to_send_says_when_there_will_be),
		TEST(a_crowd_that_fails_together_counts_once),
		TEST(one_failure_delays_nobody_else_two_rounds_do),
		TEST(success_presses_on_step_by_step_and_recalls_who_waits),
		TEST(pauses_double_up_to_their_ceiling_and_are_never_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
