/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of the pool rely on: who gets memory, who waits, and that what
 * is charged is what is resident.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "batch.h"

#define MIB    ((size_t)1 << 20)
#define FLOWS  8
#define RECORD MIB /* a largest record, with its key */
#define MANY   4096

static unsigned char block[1 << 20];
static struct batch *held[FLOWS][MANY];
static size_t held_count[FLOWS];
static struct pool *pool;

static const struct flow_config cbor = { .wire = CONFIG_WIRE_CBOR };
static const struct flow_config json = { .wire = CONFIG_WIRE_JSON };

/* One batch with one record of `len` bytes, kept as if on its way. */
static bool
hold_as(const struct flow_config *as, size_t flow, size_t len)
{
	struct batch *b = batch_new(pool, flow, api_of(as), 500, 5 * MIB);

	if (b == NULL)
		return false;
	if (batch_append(b, span_of(block, len), batch_key_of(span_str("k"))) !=
	    BATCH_TAKEN) {
		batch_free(&b);
		return false;
	}
	batch_seal(b);
	assert_true(held_count[flow] < MANY);
	held[flow][held_count[flow]++] = b;
	return true;
}

static bool
hold(size_t flow, size_t len)
{
	return hold_as(&cbor, flow, len);
}

static size_t
hold_all_you_can(size_t flow, size_t len)
{
	size_t n = 0;

	while (hold(flow, len))
		n++;
	return n;
}

static void
let_go(size_t flow)
{
	while (held_count[flow] > 0)
		batch_free(&held[flow][--held_count[flow]]);
}

static int
setup(void **state)
{
	(void)state;
	memset(block, 'x', sizeof(block));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < FLOWS; i++)
		let_go(i);
	pool_free(pool);
	pool = NULL;
	return 0;
}

/* The thread sanitizer keeps shadows of what was touched: nothing to learn
 * from resident memory there. */
#ifdef __SANITIZE_THREAD__
#define SHADOWED true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SHADOWED true
#endif
#endif
#ifndef SHADOWED
#define SHADOWED false
#endif

/* This process's own resident bytes. */
static size_t
resident(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	size_t kib = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = strtoul(line + 8, NULL, 10);
	}
	(void)fclose(f);
	return kib << 10;
}

static void
a_budget_too_small_is_refused(void **state)
{
	(void)state;
	assert_null(pool_new(MIB, 1, RECORD));
	assert_null(pool_new(2 * MIB, 8, RECORD));
	assert_null(pool_new(32 * MIB, 10000, 1000));
	pool = pool_new(32 * MIB, 400, RECORD);
	assert_non_null(pool);
}

static void
the_least_that_would_do_does(void **state)
{
	size_t too_little = MIB, least = 16 * MIB;

	(void)state;
	while (least - too_little > 16384) {
		size_t middle = too_little + (least - too_little) / 2;

		pool = pool_new(middle, FLOWS, RECORD);
		if (pool == NULL)
			too_little = middle;
		else
			least = middle;
		pool_free(pool);
	}
	pool = pool_new(least, FLOWS, RECORD);
	assert_true(hold(0, RECORD - 1));
}

static void
a_single_flow_may_have_the_whole_budget(void **state)
{
	(void)state;
	pool = pool_new(8 * MIB, 1, RECORD);
	hold_all_you_can(0, 1000);
	assert_true(pool_used(pool) > 8 * MIB - 65536);
	assert_true(pool_used(pool) <= 8 * MIB);
}

static void
the_budget_is_never_passed(void **state)
{
	(void)state;
	pool = pool_new(16 * MIB, FLOWS, RECORD);
	for (size_t i = 0; i < FLOWS; i++)
		hold_all_you_can(i, i % 2 ? 200 : 100000);
	assert_true(pool_used(pool) <= 16 * MIB);
}

static void
a_dead_flow_leaves_a_quarter_of_the_budget(void **state)
{
	(void)state;
	pool = pool_new(64 * MIB, FLOWS, RECORD);
	hold_all_you_can(0, 50000);
	assert_true(pool_used(pool) < (64 / 16 + 64 / 4 + 1) * MIB);
	assert_true(pool_used(pool) > (64 / 16 + 64 / 4 - 1) * MIB);
}

static void
each_flow_gets_its_share_whatever_the_others_hold(void **state)
{
	(void)state;
	pool = pool_new(64 * MIB, FLOWS, RECORD);
	for (size_t i = 0; i + 1 < FLOWS; i++)
		hold_all_you_can(i, 50000);
	size_t before = pool_used(pool);

	hold_all_you_can(FLOWS - 1, 50000);
	assert_true(pool_used(pool) - before >= 4 * MIB - 131072);
}

static void
where_the_budget_allows_every_flow_can_place_a_largest_record(void **state)
{
	(void)state;
	/* Eight of 1.4 MiB (a largest record in JSON) and nothing more. */
	pool = pool_new(12 * MIB, FLOWS, RECORD);
	for (size_t i = 0; i < FLOWS; i++)
		hold_all_you_can(i, i % 2 ? 20000 : 300);
	/* Those who came last have borrowed least, and so give back least. */
	for (size_t i = FLOWS; i-- > 0;) {
		let_go(i);
		assert_true(hold_as(&json, i, RECORD - 1));
	}
}

static void
a_largest_record_gets_past_a_dead_flow_where_shares_are_small(void **state)
{
	(void)state;
	/* 400 flows: a share is 40 KiB. */
	pool = pool_new(32 * MIB, 400, RECORD);
	for (size_t dead = 0; dead < 3; dead++)
		hold_all_you_can(dead, 100000);
	assert_true(hold(7, RECORD - 1));
	assert_true(hold(6, RECORD - 1));
}

static void
a_second_batch_may_not_use_what_is_left_for_first_records(void **state)
{
	(void)state;
	pool = pool_new(32 * MIB, 400, RECORD);
	hold_all_you_can(0, RECORD - 1);
	assert_true(pool_used(pool) < 17 * MIB / 2);
	assert_true(hold(1, RECORD - 1));
}

static void
no_memory_leaves_the_batch_as_it_was(void **state)
{
	(void)state;
	pool = pool_new(2 * MIB, 1, RECORD);
	struct batch *b = batch_new(pool, 0, api_of(&cbor), 500, 5 * MIB);
	uint32_t taken = 0;

	while (batch_append(b, span_of(block, 99999),
		   batch_key_of(span_str("k"))) == BATCH_TAKEN)
		taken++;
	size_t len = b->len, used = pool_used(pool);

	assert_int_equal(
	    batch_append(b, span_of(block, 99999), batch_key_of(span_str("k"))),
	    BATCH_NO_MEMORY);
	assert_int_equal(b->count, taken);
	assert_int_equal(b->len, len);
	assert_int_equal(b->start[b->count], len);
	assert_int_equal(pool_used(pool), used);
	batch_free(&b);
	assert_int_equal(pool_used(pool), 0);
}

static void
what_a_flow_keeps_of_a_batch_is_still_charged(void **state)
{
	(void)state;
	pool = pool_new(4 * MIB, 2, 1000);
	struct batch *b = batch_new(pool, 0, api_of(&cbor), 500, MIB);

	assert_non_null(b);
	batch_free(&b);
	pool_keep(pool, 0, 12288);
	assert_int_equal(pool_used(pool), 12288);
	/* The same again is no more. */
	pool_keep(pool, 0, 12288);
	assert_int_equal(pool_used(pool), 12288);
	pool_keep(pool, 0, 0);
	assert_int_equal(pool_used(pool), 0);
}

static void
memory_that_comes_back_serves_another_flow(void **state)
{
	(void)state;
	pool = pool_new(16 * MIB, 2, RECORD);
	size_t first = hold_all_you_can(0, 100000);

	let_go(0);
	assert_int_equal(pool_used(pool), 0);
	assert_int_equal(hold_all_you_can(1, 100000), first);
}

static void
warm_memory_of_large_batches_makes_room_for_small_ones(void **state)
{
	(void)state;
	pool = pool_new(16 * MIB, 1, RECORD);
	hold_all_you_can(0, RECORD - 1);
	let_go(0);
	hold_all_you_can(0, 100);
	assert_true(held_count[0] > 400);
	assert_true(pool_used(pool) <= 16 * MIB);
}

static void
what_is_resident_stays_within_the_budget(void **state)
{
	size_t before;

	(void)state;
	if (SHADOWED)
		skip();
	pool = pool_new(32 * MIB, 1, RECORD);
	before = resident();
	for (int round = 0; round < 6; round++) {
		hold_all_you_can(0, round % 2 ? RECORD - 1 : 16000);
		assert_true(resident() < before + 33 * MIB);
		let_go(0);
		assert_true(resident() < before + 33 * MIB);
	}
}

static void
trimming_gives_all_warm_memory_back_to_the_system(void **state)
{
	size_t before;

	(void)state;
	if (SHADOWED)
		skip();
	pool = pool_new(32 * MIB, 1, RECORD);
	before = resident();
	hold_all_you_can(0, RECORD - 1);
	assert_true(resident() > before + 20 * MIB);
	let_go(0);
	pool_trim(pool);
	assert_true(resident() < before + MIB);
}

static void
a_warm_batch_remembers_nothing(void **state)
{
	(void)state;
	pool = pool_new(32 * MIB, 1, RECORD);
	assert_true(hold(0, 1000));
	held[0][0]->outcome = BATCH_DELIVERED;
	held[0][0]->attempts = 4;
	batch_seal(held[0][0]);
	let_go(0);
	struct batch *b = batch_new(pool, 0, api_of(&cbor), 500, 5 * MIB);

	assert_int_equal(b->count + b->len + b->weight + b->run_count, 0);
	assert_int_equal(b->outcome, BATCH_OPEN);
	assert_int_equal(b->attempts + b->pending_count + b->start[0], 0);
	batch_free(&b);
}

static void
one_large_batch_does_not_make_the_next_ones_large(void **state)
{
	(void)state;
	pool = pool_new(32 * MIB, 1, RECORD);
	assert_true(hold(0, RECORD - 1));
	let_go(0);
	assert_true(hold(0, 100));
	assert_true(pool_used(pool) <= 65536);
	let_go(0);
	for (int i = 0; i < 100; i++) {
		assert_true(hold(0, 100));
		let_go(0);
	}
	struct batch *b = batch_new(pool, 0, api_of(&cbor), 500, 5 * MIB);

	assert_true(pool_used(pool) <= 65536);
	batch_free(&b);
}

/* Of the lanes of a pool with room for more, the first is a flow's that was
 * there from the start and whose destination is dead. */
static void
a_lane_that_is_opened_later_can_place_a_largest_record(void **state)
{
	(void)state;
	for (size_t budget = 8 * MIB; budget <= 64 * MIB; budget *= 2) {
		pool = pool_new_roomy(budget, 1, FLOWS - 1, RECORD);
		hold_all_you_can(0, 1000);
		assert_true(hold_as(&json, 3, RECORD - 1));
		assert_true(pool_largest(pool, 3) < RECORD * 16);
		let_go(3);
		let_go(0);
		pool_free(pool);
	}
	pool = NULL;
}

static void
a_lane_that_is_gone_leaves_its_share_to_its_heir(void **state)
{
	size_t before, after;

	(void)state;
	pool = pool_new_roomy(16 * MIB, 1, FLOWS - 1, RECORD);
	assert_int_equal(pool_richest(pool, 4, 0), 0);
	before = hold_all_you_can(4, 1000);
	pool_bequeath(pool, 0, 4);
	after = before + hold_all_you_can(4, 1000);
	assert_true(after > 2 * before);
	assert_int_equal(pool_richest(pool, 0, 4), 4);
	/* And keeps what it has when a poorer one goes. */
	pool_bequeath(pool, 5, 4);
	assert_int_equal(pool_richest(pool, 0, 4), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_budget_too_small_is_refused),
		TEST(the_least_that_would_do_does),
		TEST(a_single_flow_may_have_the_whole_budget),
		TEST(the_budget_is_never_passed),
		TEST(a_dead_flow_leaves_a_quarter_of_the_budget),
		TEST(each_flow_gets_its_share_whatever_the_others_hold),
		TEST(
		    where_the_budget_allows_every_flow_can_place_a_largest_record),
		TEST(
		    a_largest_record_gets_past_a_dead_flow_where_shares_are_small),
		TEST(a_second_batch_may_not_use_what_is_left_for_first_records),
		TEST(no_memory_leaves_the_batch_as_it_was),
		TEST(what_a_flow_keeps_of_a_batch_is_still_charged),
		TEST(memory_that_comes_back_serves_another_flow),
		TEST(warm_memory_of_large_batches_makes_room_for_small_ones),
		TEST(what_is_resident_stays_within_the_budget),
		TEST(trimming_gives_all_warm_memory_back_to_the_system),
		TEST(a_warm_batch_remembers_nothing),
		TEST(one_large_batch_does_not_make_the_next_ones_large),
		TEST(a_lane_that_is_opened_later_can_place_a_largest_record),
		TEST(a_lane_that_is_gone_leaves_its_share_to_its_heir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
