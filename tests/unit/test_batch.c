/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of batch rely on. Every body made here is read back by
 * request.h, which shares nothing with the writers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "batch.h"
#include "request.h"

#define KEY "583868.44322774"

static unsigned char block[1 << 20]; /* something to send */
static struct pool *pool;
static uint64_t dice;

static uint32_t
roll(uint32_t below)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((dice >> 33) % below);
}

static int
setup(void **state)
{
	(void)state;
	dice = 42;
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (unsigned char)roll(256);
	pool = pool_new(64 << 20, 2, 1 << 20);
	return pool == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	pool_free(pool);
	return 0;
}

enum kind { CBOR, JSON, FIREHOSE, KINDS };

static const struct api *
api_for(enum kind kind)
{
	const struct flow_config flow = {
		.destination = kind == FIREHOSE ? DESTINATION_FIREHOSE
						: DESTINATION_STREAM,
		.wire = kind == CBOR ? CONFIG_WIRE_CBOR : CONFIG_WIRE_JSON,
	};

	return api_of(&flow);
}

static struct batch *
opened(enum kind kind)
{
	struct batch *b = batch_new(pool, 0, api_for(kind), 500, 5 << 20);

	assert_non_null(b);
	return b;
}

static enum batch_append
append(struct batch *b, size_t len)
{
	return batch_append(
	    b, span_of(block, len), batch_key_of(span_str(KEY)));
}

/* What goes out for the pending records of `b`, read by the judge. */
static void
ask(const struct batch *b, struct request *r)
{
	struct span pieces[BATCH_RECORDS], suffix;
	uint32_t records;
	size_t n = batch_pieces(b, 0, b->count, pieces, &records);
	struct buf body;

	buf_init(&body, 32 << 20);
	assert_int_equal(records, b->pending_count);
	assert_int_equal(
	    api_wrap(b->api, "stream", records, &body, &suffix), 0);
	for (size_t i = 0; i < n; i++)
		assert_true(buf_add_span(&body, pieces[i]));
	assert_true(buf_add_span(&body, suffix));
	assert_true(b->api->wire == WIRE_CBOR
			? request_read_cbor(body.at, body.len, r)
			: request_read_json(body.at, body.len, r));
	assert_string_equal(r->target, "stream");
	assert_int_equal(r->count, records);
	buf_fini(&body);
}

/* --- limits -------------------------------------------------------------- */

static void
a_batch_takes_its_records_and_not_one_more(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		struct batch *b = batch_new(pool, 0, api_for(kind), 3, 1 << 20);

		assert_int_equal(append(b, 10), BATCH_TAKEN);
		assert_int_equal(append(b, 0), BATCH_TAKEN);
		assert_int_equal(append(b, 10), BATCH_TAKEN);
		size_t len = b->len;

		assert_int_equal(append(b, 0), BATCH_FULL);
		assert_int_equal(b->count, 3);
		assert_int_equal(b->len, len);
		batch_free(&b);
		assert_null(b);
	}
}

static void
the_services_500_records_hold_whatever_is_configured(void **state)
{
	struct batch *b = batch_new(pool, 0, api_for(CBOR), 9000, 1 << 20);

	(void)state;
	for (int i = 0; i < 500; i++)
		assert_int_equal(append(b, 1), BATCH_TAKEN);
	assert_int_equal(append(b, 1), BATCH_FULL);
	batch_free(&b);
}

/* Can a batch of `limit` bytes with `first` in it take `second` more? */
static enum batch_append
second_of(enum kind kind, size_t limit, size_t first, size_t second)
{
	struct batch *b = batch_new(pool, 0, api_for(kind), 500, limit);
	size_t key = b->api->has_keys ? strlen(KEY) : 0;
	enum batch_append answer;

	assert_int_equal(append(b, first - key), BATCH_TAKEN);
	assert_int_equal(b->weight, first);
	answer = append(b, second - key);
	assert_int_equal(
	    b->weight, answer == BATCH_TAKEN ? first + second : first);
	assert_int_equal(b->count, answer == BATCH_TAKEN ? 2 : 1);
	batch_free(&b);
	return answer;
}

static void
bytes_are_limited_to_the_byte_keys_included(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		assert_int_equal(second_of(kind, 1000, 500, 499), BATCH_TAKEN);
		assert_int_equal(second_of(kind, 1000, 500, 500), BATCH_TAKEN);
		assert_int_equal(second_of(kind, 1000, 500, 501), BATCH_FULL);
	}
}

static void
the_services_bytes_hold_whatever_is_configured(void **state)
{
	struct batch *b = batch_new(pool, 0, api_for(FIREHOSE), 500, 99 << 20);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(append(b, 1024000), BATCH_TAKEN);
	assert_int_equal(append(b, (4 << 20) - 4 * 1024000 + 1), BATCH_FULL);
	assert_int_equal(append(b, (4 << 20) - 4 * 1024000), BATCH_TAKEN);
	assert_int_equal(append(b, 0), BATCH_TAKEN);
	assert_int_equal(append(b, 1), BATCH_FULL);
	batch_free(&b);
}

static void
a_services_requests_are_full_to_the_byte(void **state)
{
	static const size_t limits[][2] = {
		[CBOR] = { 5 << 20, 10 << 20 },
		[JSON] = { 5 << 20, 10 << 20 },
		[FIREHOSE] = { 1 << 20, 4 << 20 },
	};

	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++)
		for (size_t i = 0; i < 2; i++) {
			size_t first = 1000000, limit = limits[kind][i];
			struct batch *b = batch_new(
			    pool, 0, api_for(kind), 500, limits[kind][i]);
			size_t key = b->api->has_keys ? strlen(KEY) : 0;

			while (limit - b->weight > 2 * first)
				assert_int_equal(
				    append(b, first - key), BATCH_TAKEN);
			/* What is left for two: all but a byte, and then a
			 * byte more than that. */
			assert_int_equal(append(b, first - key), BATCH_TAKEN);
			size_t left = limit - b->weight - key;

			assert_int_equal(append(b, left + 1), BATCH_FULL);
			assert_int_equal(append(b, left), BATCH_TAKEN);
			assert_int_equal(b->weight, limit);
			assert_int_equal(append(b, 1), BATCH_FULL);
			batch_free(&b);

			b = batch_new(pool, 0, api_for(kind), 500, limit);
			while (limit - b->weight > first)
				assert_int_equal(
				    append(b, first - key), BATCH_TAKEN);
			assert_int_equal(append(b, limit - b->weight - key - 1),
			    BATCH_TAKEN);
			assert_int_equal(b->weight, limit - 1);
			batch_free(&b);
		}
}

static void
a_first_record_is_taken_whatever_the_batch_size(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		const struct api *api = api_for(kind);
		struct batch *b = batch_new(pool, 0, api, 500, 1);
		size_t key = api->has_keys ? strlen(KEY) : 0;
		struct request r;

		assert_int_equal(append(b, api->max_record - key), BATCH_TAKEN);
		assert_int_equal(append(b, 0), BATCH_FULL);
		batch_seal(b);
		ask(b, &r);
		assert_int_equal(r.records[0].len, api->max_record - key);
		assert_memory_equal(r.records[0].data, block, r.records[0].len);
		request_fini(&r);
		batch_free(&b);
	}
}

/* --- encodings ----------------------------------------------------------- */

static void
every_length_comes_out_as_it_went_in(void **state)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15, 16, 17, 22, 23, 24, 25, 180, 255, 256, 257,
		65534, 65535, 65536, 65537 };
	size_t n = sizeof(lengths) / sizeof(lengths[0]);

	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		struct batch *b = opened(kind);
		struct request r;

		for (size_t i = 0; i < n; i++)
			assert_int_equal(append(b, lengths[i]), BATCH_TAKEN);
		batch_seal(b);
		ask(b, &r);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(r.records[i].len, lengths[i]);
			assert_memory_equal(
			    r.records[i].data, block, lengths[i]);
			assert_string_equal(
			    r.records[i].key, kind == FIREHOSE ? "" : KEY);
		}
		request_fini(&r);
		batch_free(&b);
	}
}

static void
a_key_of_any_characters_comes_out_as_it_went_in(void **state)
{
	static const char *const keys[] = { "\"", "\\", "a\"b\\c", "\x01\x1f\n",
		"gr\xc3\xbc\xc3\x9f", "\xf0\x9f\x90\xa7", "/", "\x7f" };

	(void)state;
	for (enum kind kind = CBOR; kind < FIREHOSE; kind++) {
		struct batch *b = opened(kind);
		struct request r;

		for (size_t i = 0; i < 8; i++)
			assert_int_equal(batch_append(b, span_str("x"),
					     batch_key_of(span_str(keys[i]))),
			    BATCH_TAKEN);
		batch_seal(b);
		ask(b, &r);
		for (size_t i = 0; i < 8; i++)
			assert_string_equal(r.records[i].key, keys[i]);
		request_fini(&r);
		batch_free(&b);
	}
}

static void
a_hash_key_rides_beside_the_key_and_weighs_nothing(void **state)
{
	static const char most[] = "340282366920938463463374607431768211455";

	(void)state;
	for (enum kind kind = CBOR; kind < FIREHOSE; kind++) {
		struct batch *b = opened(kind);
		struct batch_key key = { span_str(KEY), span_str(most) };
		struct request r;

		assert_int_equal(append(b, 1), BATCH_TAKEN);
		assert_int_equal(
		    batch_append(b, span_str("xy"), key), BATCH_TAKEN);
		key.hash = span_str("0");
		assert_int_equal(
		    batch_append(b, span_str("z"), key), BATCH_TAKEN);
		assert_int_equal(b->weight, 4 + 3 * strlen(KEY));
		batch_seal(b);
		ask(b, &r);
		assert_string_equal(r.records[0].hash, "");
		assert_string_equal(r.records[1].hash, most);
		assert_string_equal(r.records[1].key, KEY);
		assert_string_equal(r.records[2].hash, "0");
		request_fini(&r);
		batch_free(&b);
	}
}

static void
a_record_is_read_back_as_it_was_given(void **state)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 23, 24, 255, 256, 65536 };
	const size_t n = sizeof(lengths) / sizeof(lengths[0]);

	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		struct batch *b = opened(kind);
		struct batch_key key = { span_str("k\"\\"), span_str("17") };
		struct span data;
		struct buf room;

		buf_init(&room, 1 << 20);
		for (size_t i = 0; i < n; i++) {
			key.hash = span_str(i % 2 == 0 ? "" : "17");
			assert_int_equal(
			    batch_append(b, span_of(block, lengths[i]), key),
			    BATCH_TAKEN);
		}
		for (uint32_t i = 0; i < n; i++) {
			batch_read(b, i, &room, &data, &key);
			assert_int_equal(data.len, lengths[i]);
			assert_memory_equal(data.at, block, data.len);
			if (kind != CBOR) {
				assert_int_equal(key.text.len, 0);
				continue;
			}
			assert_int_equal(key.text.len, 3);
			assert_memory_equal(key.text.at, "k\"\\", 3);
			assert_int_equal(key.hash.len, i % 2 == 0 ? 0 : 2);
		}
		buf_fini(&room);
		batch_free(&b);
	}
}

static void
what_is_reserved_is_taken_later_whatever_was_covered(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		struct batch *b = batch_new(pool, 0, api_for(kind), 500, 5000);
		struct batch_key key = batch_key_of(span_str(KEY));
		size_t most = 5000 - (kind == FIREHOSE ? 0 : strlen(KEY));
		struct request r;

		/* Runs of readers that take turns, until there is no more. */
		assert_int_equal(batch_reserve(b, 1, key), BATCH_TAKEN);
		for (uint64_t i = 0; i < BATCH_RUNS; i++)
			batch_cover(b, (struct reader *)(uintptr_t)(1 + i % 2),
			    i, i + 1, 1);
		batch_append_reserved(b, span_of(block, 1), key);
		assert_int_equal(batch_reserve(b, 1, key), BATCH_FULL);
		assert_int_equal(append(b, 1), BATCH_FULL);
		batch_seal(b);
		ask(b, &r);
		assert_int_equal(r.count, 1);
		request_fini(&r);
		batch_free(&b);

		b = batch_new(pool, 0, api_for(kind), 500, 10000);
		assert_int_equal(append(b, most), BATCH_TAKEN);
		assert_int_equal(batch_reserve(b, most, key), BATCH_TAKEN);
		assert_int_equal(batch_reserve(b, most + 1, key), BATCH_FULL);
		batch_append_reserved(b, span_of(block, most), key);
		assert_int_equal(b->weight, 10000);
		batch_free(&b);
	}
}

static void
the_worst_keys_fit_the_reserved_body(void **state)
{
	char key[1025] = "";

	(void)state;
	memset(key, 1, sizeof(key) - 1);
	struct batch *b = batch_new(pool, 0, api_for(JSON), 500, 1024 * 500);
	struct request r;

	for (int i = 0; i < 500; i++)
		assert_int_equal(batch_append(b, span_of(block, 0),
				     batch_key_of(span_of(key, 1024))),
		    BATCH_TAKEN);
	batch_seal(b);
	ask(b, &r);
	assert_string_equal(r.records[499].key, key);
	request_fini(&r);
	batch_free(&b);
}

static void
a_full_batch_of_tiny_records_fits_the_reserved_body(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		struct batch *b = batch_new(pool, 0, api_for(kind), 500, 1);
		struct batch *c =
		    batch_new(pool, 0, api_for(kind), 500, 10 << 20);

		for (int i = 0; i < 500; i++)
			assert_int_equal(append(c, 1), BATCH_TAKEN);
		batch_free(&b);
		batch_free(&c);
	}
}

static void
no_byte_behind_a_record_is_read(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		struct batch *b = opened(kind);

		/* The address sanitizer judges. */
		for (size_t len = 1; len < 40; len++) {
			unsigned char *data = malloc(len), *key = malloc(len);

			assert_non_null(data);
			assert_non_null(key);
			memset(data, 'd', len);
			memset(key, 'k', len);
			assert_int_equal(batch_append(b, span_of(data, len),
					     batch_key_of(span_of(key, len))),
			    BATCH_TAKEN);
			free(data);
			free(key);
		}
		batch_free(&b);
	}
}

/* --- verdicts ------------------------------------------------------------ */

static void
fill(struct batch *b, uint32_t records)
{
	for (uint32_t i = 0; i < records; i++)
		assert_int_equal(batch_append(b, span_of(&i, sizeof(i)),
				     batch_key_of(span_str(KEY))),
		    BATCH_TAKEN);
	batch_seal(b);
}

static uint32_t
number_in(const struct request_record *r)
{
	uint32_t i;

	assert_int_equal(r->len, sizeof(i));
	memcpy(&i, r->data, sizeof(i));
	return i;
}

/* The request holds just the records for which batch_is_pending. */
static void
assert_only_pending(const struct batch *b)
{
	struct request r;
	uint32_t nth = 0;

	ask(b, &r);
	for (uint32_t i = 0; i < b->count; i++) {
		if (!batch_is_pending(b, i))
			continue;
		assert_int_equal(number_in(&r.records[nth]), i);
		assert_int_equal(batch_nth_pending(b, nth), i);
		nth++;
	}
	assert_int_equal(nth, b->pending_count);
	request_fini(&r);
}

static void
all_is_pending_after_sealing_in_one_piece(void **state)
{
	static const uint32_t counts[] = { 1, 63, 64, 65, 127, 128, 499, 500 };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct batch *b = opened(CBOR);
		struct span pieces[2];
		uint32_t records;

		fill(b, counts[i]);
		assert_int_equal(b->pending_count, counts[i]);
		assert_int_equal(
		    batch_pieces(b, 0, b->count, pieces, &records), 1);
		assert_int_equal(records, counts[i]);
		assert_ptr_equal(pieces[0].at, b->body);
		assert_int_equal(pieces[0].len, b->len);
		for (uint32_t bit = counts[i]; bit < 8 * sizeof(b->pending);
		     bit++)
			assert_false(batch_is_pending(b, bit));
		assert_only_pending(b);
		batch_free(&b);
	}
}

static void
nothing_pending_is_no_piece(void **state)
{
	struct batch *b = opened(JSON);
	struct span pieces[1];
	uint32_t records = 9;

	(void)state;
	batch_seal(b);
	assert_int_equal(batch_pieces(b, 0, b->count, pieces, &records), 0);
	assert_int_equal(records, 0);
	batch_free(&b);
	b = opened(JSON);
	fill(b, 500);
	for (uint32_t i = 500; i > 0; i--)
		batch_accept(b, batch_nth_pending(b, i - 1));
	assert_int_equal(b->pending_count, 0);
	assert_int_equal(batch_pieces(b, 0, b->count, pieces, &records), 0);
	batch_free(&b);
}

static void
every_other_record_failing_makes_as_many_pieces(void **state)
{
	(void)state;
	for (enum kind kind = CBOR; kind < KINDS; kind++) {
		for (uint32_t odd = 0; odd < 2; odd++) {
			struct batch *b = opened(kind);
			struct span pieces[BATCH_RECORDS];
			uint32_t records;

			fill(b, 500);
			for (uint32_t i = odd; i < 500; i += 2)
				batch_accept(b, i);
			assert_int_equal(
			    batch_pieces(b, 0, b->count, pieces, &records),
			    250);
			assert_only_pending(b);
			batch_free(&b);
		}
	}
}

static void
the_first_comma_goes_whichever_record_is_first(void **state)
{
	struct batch *b = opened(JSON);
	struct span pieces[4];
	uint32_t records;

	(void)state;
	fill(b, 4);
	assert_int_equal(batch_pieces(b, 0, b->count, pieces, &records), 1);
	assert_int_equal(pieces[0].at[0], '{');
	batch_accept(b, 0);
	batch_accept(b, 2);
	assert_int_equal(batch_pieces(b, 0, b->count, pieces, &records), 2);
	assert_int_equal(pieces[0].at[0], '{');
	assert_int_equal(pieces[1].at[0], ',');
	batch_free(&b);
}

static void
a_part_of_the_records_is_a_shorter_request(void **state)
{
	struct batch *b = opened(JSON);
	struct span pieces[10];
	uint32_t records;

	(void)state;
	fill(b, 10);
	batch_accept(b, 0);
	batch_accept(b, 3);
	batch_accept(b, 5);
	/* 1 2, 4 and no more. */
	assert_int_equal(batch_pieces(b, 0, 5, pieces, &records), 2);
	assert_int_equal(records, 3);
	assert_ptr_equal(pieces[0].at, b->body + b->start[1] + 1);
	assert_ptr_equal(pieces[1].at + pieces[1].len, b->body + b->start[5]);
	/* 2, 4, 6. */
	assert_int_equal(batch_pieces(b, 2, 7, pieces, &records), 3);
	assert_int_equal(records, 3);
	assert_int_equal(pieces[0].at[0], '{');
	assert_int_equal(pieces[0].len, b->start[3] - b->start[2] - 1);
	assert_int_equal(batch_pieces(b, 3, 4, pieces, &records), 0);
	assert_int_equal(records, 0);
	assert_int_equal(batch_pieces(b, 10, 10, pieces, &records), 0);
	batch_free(&b);
}

static void
any_subset_of_records_is_a_request_again(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct batch *b = opened((enum kind)roll(KINDS));
		uint32_t count = 1 + roll(500), odds = 1 + roll(20);

		fill(b, count);
		for (uint32_t i = 0; i < count; i++) {
			if (roll(20) < odds && b->pending_count > 1)
				batch_accept(b, i);
		}
		assert_only_pending(b);
		batch_free(&b);
	}
}

static void
random_records_come_out_as_they_went_in(void **state)
{
	(void)state;
	for (int round = 0; round < 150; round++) {
		struct batch *b = opened((enum kind)roll(KINDS));
		struct span data[BATCH_RECORDS] = { 0 };
		char keys[BATCH_RECORDS][40];
		uint32_t wanted = 1 + roll(500);
		size_t most = (size_t)1 << roll(13);
		struct request r;

		for (uint32_t i = 0; i < wanted; i++) {
			size_t len = roll((uint32_t)most + 1);
			uint32_t key = 1 + roll(38);

			data[i] = span_of(
			    block + roll((uint32_t)(sizeof(block) - len)), len);
			for (uint32_t k = 0; k < key; k++)
				keys[i][k] = (char)(1 + roll(127));
			keys[i][key] = '\0';
			assert_int_equal(batch_append(b, data[i],
					     batch_key_of(span_str(keys[i]))),
			    BATCH_TAKEN);
		}
		batch_seal(b);
		ask(b, &r);
		assert_int_equal(r.count, wanted);
		for (uint32_t i = 0; i < r.count; i++) {
			assert_true(span_eq(data[i],
			    span_of(r.records[i].data, r.records[i].len)));
			assert_string_equal(
			    r.records[i].key, b->api->has_keys ? keys[i] : "");
		}
		request_fini(&r);
		batch_free(&b);
	}
}

/* --- runs ---------------------------------------------------------------- */

/* Readers are only told apart here. */
static struct reader *
reader(size_t n)
{
	return (struct reader *)(void *)(block + 16 * n);
}

static void
stretches_edge_to_edge_are_one_run(void **state)
{
	struct batch *b = opened(CBOR);

	(void)state;
	batch_cover(b, reader(1), 100, 200, 7);
	batch_cover(b, reader(1), 200, 250, 8);
	assert_int_equal(b->run_count, 1);
	assert_int_equal(b->runs[0].from, 100);
	assert_int_equal(b->runs[0].to, 250);
	batch_cover(b, reader(2), 250, 260, 9);
	batch_cover(b, reader(1), 250, 251, 9);
	assert_int_equal(b->run_count, 3);
	assert_ptr_equal(b->runs[1].reader, reader(2));
	assert_int_equal(b->born_ms, 7);
	batch_free(&b);
}

static void
a_batch_of_records_from_as_many_files_has_a_run_for_each(void **state)
{
	struct batch *b = opened(CBOR);

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		assert_int_equal(append(b, 1), BATCH_TAKEN);
		batch_cover(b, reader(i), 0, 1, 0);
	}
	assert_int_equal(b->run_count, 500);
	batch_free(&b);
}

static void
a_filtered_flow_over_many_files_is_told_to_seal(void **state)
{
	struct batch *b = opened(CBOR);

	(void)state;
	for (size_t i = 0; i < BATCH_RUNS; i++) {
		assert_true(batch_can_cover(b, reader(i), 0));
		batch_cover(b, reader(i), 0, 1, 0);
	}
	assert_false(batch_can_cover(b, reader(BATCH_RUNS), 0));
	assert_true(batch_can_cover(b, reader(BATCH_RUNS - 1), 1));
	assert_int_equal(append(b, 1), BATCH_FULL);
	assert_int_equal(b->count, 0);
	batch_cover(b, reader(BATCH_RUNS - 1), 1, 2, 0);
	batch_seal(b);
	assert_int_equal(b->pending_count, 0);
	batch_free(&b);
}

static void
runs_end_before_the_body_begins(void **state)
{
	struct batch *b = opened(CBOR);

	(void)state;
	assert_true((unsigned char *)(b->runs + BATCH_RUNS) <= b->body);
	assert_true((unsigned char *)b->runs >= (unsigned char *)(b + 1));
	batch_free(&b);
}

static void
sending_a_batch_moves_it(void **state)
{
	struct handoff h;
	struct list_node taken;
	struct batch *b = opened(CBOR), *same = b;

	(void)state;
	list_init(&taken);
	assert_int_equal(handoff_init(&h), 0);
	fill(b, 1);
	batch_send(&h, &b);
	assert_null(b);
	handoff_take(&h, &taken);
	assert_false(list_empty(&taken));
	assert_ptr_equal(batch_of(list_take_first(&taken)), same);
	batch_free(&same);
	handoff_fini(&h);
}

static void
freeing_no_batch_is_harmless(void **state)
{
	struct batch *b = NULL;

	(void)state;
	batch_free(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_takes_its_records_and_not_one_more),
		TEST(the_services_500_records_hold_whatever_is_configured),
		TEST(bytes_are_limited_to_the_byte_keys_included),
		TEST(the_services_bytes_hold_whatever_is_configured),
		TEST(a_services_requests_are_full_to_the_byte),
		TEST(a_first_record_is_taken_whatever_the_batch_size),
		TEST(every_length_comes_out_as_it_went_in),
		TEST(a_key_of_any_characters_comes_out_as_it_went_in),
		TEST(a_hash_key_rides_beside_the_key_and_weighs_nothing),
		TEST(a_record_is_read_back_as_it_was_given),
		TEST(what_is_reserved_is_taken_later_whatever_was_covered),
		TEST(the_worst_keys_fit_the_reserved_body),
		TEST(a_full_batch_of_tiny_records_fits_the_reserved_body),
		TEST(no_byte_behind_a_record_is_read),
		TEST(all_is_pending_after_sealing_in_one_piece),
		TEST(nothing_pending_is_no_piece),
		TEST(every_other_record_failing_makes_as_many_pieces),
		TEST(the_first_comma_goes_whichever_record_is_first),
		TEST(a_part_of_the_records_is_a_shorter_request),
		TEST(any_subset_of_records_is_a_request_again),
		TEST(random_records_come_out_as_they_went_in),
		TEST(stretches_edge_to_edge_are_one_run),
		TEST(a_batch_of_records_from_as_many_files_has_a_run_for_each),
		TEST(a_filtered_flow_over_many_files_is_told_to_seal),
		TEST(runs_end_before_the_body_begins),
		TEST(sending_a_batch_moves_it),
		TEST(freeing_no_batch_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
