/* SPDX-License-Identifier: Apache-2.0
 *
 * What stream and digest promise about keys, shards and what these take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "digest.h"
#include "stream.h"

static const digest_hash_key most = ~(digest_hash_key)0;

static struct span
span_of(const char *text)
{
	return (struct span){ (uint8_t *)(uintptr_t)text, strlen(text) };
}

static digest_hash_key
number(uint64_t high, uint64_t low)
{
	return (digest_hash_key)high << 64 | low;
}

static void
md5_is_md5(void **state)
{
	(void)state;
	assert_true(digest_md5("", 0) ==
		    number(0xd41d8cd98f00b204u, 0xe9800998ecf8427eu));
	assert_true(digest_md5("message digest", 14) ==
		    number(0xf96b697d7cb7938du, 0x525a2f31aaf161d0u));
}

static void
eight_keys_at_once_hash_like_one(void **state)
{
	uint8_t text[DIGEST_LANES][DIGEST_LANE_MAX];
	struct span keys[DIGEST_LANES];
	digest_hash_key out[DIGEST_LANES];

	(void)state;
	for (size_t length = 0; length <= DIGEST_LANE_MAX; length++) {
		for (size_t lane = 0; lane < DIGEST_LANES; lane++) {
			size_t own = (length + lane * 7) % 56;

			for (size_t i = 0; i < own; i++)
				text[lane][i] =
				    (uint8_t)(i * 31 + lane * 7 + length);
			keys[lane] = (struct span){ text[lane], own };
		}
		digest_md5_lanes(keys, out);
		for (size_t lane = 0; lane < DIGEST_LANES; lane++)
			assert_true(out[lane] == digest_md5(keys[lane].at,
						     keys[lane].length));
	}
}

/* The shard of `hash` in a stream of `count`. */
static uint32_t
place(uint32_t count, digest_hash_key hash)
{
	static struct put p;
	struct streams all;
	struct stream *st;
	uint32_t shard;

	streams_init(&all);
	assert_int_equal(streams_set(&all, span_of("s"), count, false, &st), 0);
	p.count = 1;
	p.records[0] = (struct record){ .hash = hash };
	stream_place(st, &p, 0);
	shard = p.records[0].shard;
	streams_fini(&all);
	return shard;
}

static void
shards_divide_the_range_evenly(void **state)
{
	static const uint32_t counts[] = { 1, 2, 3, 4, 7, 100, 4096, 10000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint32_t n = counts[i];
		digest_hash_key width = most / n;

		if ((n & (n - 1)) == 0 && n > 1)
			width++;
		assert_int_equal(place(n, 0), 0);
		assert_int_equal(place(n, most), n - 1);
		for (uint32_t shard = 1; shard < n; shard += 1 + n / 50) {
			assert_int_equal(place(n, shard * width), shard);
			assert_int_equal(
			    place(n, shard * width - 1), shard - 1);
		}
	}
}

static size_t
taken_at(struct stream *st, size_t count, size_t bytes, int64_t now_us)
{
	static struct put p;
	static uint8_t data[1];
	size_t taken = 0;

	p.count = count;
	for (size_t i = 0; i < count; i++)
		p.records[i] = (struct record){ .data = { data, bytes } };
	stream_place(st, &p, now_us);
	for (size_t i = 0; i < count; i++)
		taken += p.records[i].outcome == OUTCOME_TAKEN;
	return taken;
}

static void
a_shard_takes_a_thousand_records_a_second(void **state)
{
	struct streams all;
	struct stream *st;

	(void)state;
	streams_init(&all);
	assert_int_equal(streams_set(&all, span_of("s"), 2, true, &st), 0);
	assert_int_equal(taken_at(st, 500, 1, 5000000), 500);
	assert_int_equal(taken_at(st, 500, 1, 5000000), 500);
	assert_int_equal(taken_at(st, 500, 1, 5000000), 0);
	assert_int_equal(taken_at(st, 500, 1, 5100000), 100);
	assert_int_equal(taken_at(st, 500, 1, 99000000), 500);
	assert_int_equal(taken_at(st, 500, 1, 99000000), 500);
	assert_int_equal(taken_at(st, 500, 1, 99000000), 0);
	streams_fini(&all);
}

static void
a_shard_takes_a_mebibyte_a_second(void **state)
{
	struct streams all;
	struct stream *st;

	(void)state;
	streams_init(&all);
	assert_int_equal(streams_set(&all, span_of("s"), 1, true, &st), 0);
	assert_int_equal(taken_at(st, 5, 262144, 5000000), 4);
	assert_int_equal(taken_at(st, 1, 1, 5000000), 0);
	assert_int_equal(taken_at(st, 2, 262144, 5250000), 1);
	streams_fini(&all);
}

static void
numbers_grow_by_one(void **state)
{
	char here[STREAM_NUMBER_WIDTH], next[STREAM_NUMBER_WIDTH];

	(void)state;
	for (uint64_t n = 99990; n < 100010; n++) {
		stream_write_number(n, here);
		stream_write_number(n + 1, next);
		assert_true(memcmp(here, next, sizeof(here)) < 0);
		stream_next_number(here);
		assert_memory_equal(here, next, sizeof(here));
	}
}

static void
unknown_names_are_streams_only_if_any_is(void **state)
{
	struct streams all;
	struct stream *st;

	(void)state;
	streams_init(&all);
	assert_non_null(streams_find(&all, span_of("x")));
	assert_ptr_equal(
	    streams_find(&all, span_of("x")), streams_find(&all, span_of("x")));
	all.any = false;
	assert_null(streams_find(&all, span_of("y")));
	assert_int_equal(streams_set(&all, span_of("y"), 1, false, &st), 0);
	assert_ptr_equal(streams_find(&all, span_of("y")), st);
	streams_fini(&all);
}

static void
the_number_of_streams_has_a_ceiling(void **state)
{
	struct streams all;
	char name[16];

	(void)state;
	streams_init(&all);
	for (int i = 0; i < STREAM_MAX; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_non_null(streams_find(&all, span_of(name)));
	}
	assert_null(streams_find(&all, span_of("another")));
	assert_non_null(streams_find(&all, span_of("s7")));
	streams_fini(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(md5_is_md5),
		cmocka_unit_test(eight_keys_at_once_hash_like_one),
		cmocka_unit_test(shards_divide_the_range_evenly),
		cmocka_unit_test(a_shard_takes_a_thousand_records_a_second),
		cmocka_unit_test(a_shard_takes_a_mebibyte_a_second),
		cmocka_unit_test(numbers_grow_by_one),
		cmocka_unit_test(unknown_names_are_streams_only_if_any_is),
		cmocka_unit_test(the_number_of_streams_has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
