/* SPDX-License-Identifier: Apache-2.0
 *
 * Dead letters: which of a batch's records go out, and what is known of those
 * that do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "batch.h"
#include "letter.h"

static struct pool *pool;
static struct buf room;

static int
setup(void **state)
{
	(void)state;
	pool = pool_new(64 << 20, 1, 1 << 20);
	buf_init(&room, 2 << 20);
	return pool == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	pool_free(pool);
	buf_fini(&room);
	return 0;
}

static struct batch *
opened(enum config_destination to, enum config_wire wire)
{
	const struct flow_config flow = { .destination = to, .wire = wire };
	struct batch *b = batch_new(pool, 0, api_of(&flow), 500, 4 << 20);

	assert_non_null(b);
	return b;
}

static struct batch *
a_stream(void)
{
	return opened(DESTINATION_STREAM, CONFIG_WIRE_CBOR);
}

/* Nobody looks inside. */
static struct reader *
reader(uintptr_t n)
{
	return (struct reader *)(n + 1);
}

static void
add(struct batch *b, const char *text, uintptr_t file, uint64_t from)
{
	struct span data = span_str(text);

	assert_int_equal(
	    batch_append(b, data, batch_key_of(span_str("key"))), BATCH_TAKEN);
	batch_cover(b, reader(file), from, from + data.len, 0);
	batch_place(b, b->run_count - 1, from, from + data.len);
}

static void
assert_letter(const struct batch *b, uint32_t i, const char *data,
    const char *reason, uint64_t from)
{
	struct letter letter;

	letter_read(b, i, &room, &letter);
	assert_int_equal(letter.data.len, strlen(data));
	assert_memory_equal(letter.data.at, data, letter.data.len);
	assert_string_equal(letter.reason, reason);
	assert_int_equal(letter.from, from);
	assert_int_equal(letter.to, from + letter.data.len);
}

static void
a_dead_record_is_not_sent_and_its_data_is_kept(void **state)
{
	static const struct {
		enum config_destination to;
		enum config_wire wire;
	} kinds[] = {
		{ DESTINATION_STREAM, CONFIG_WIRE_CBOR },
		{ DESTINATION_STREAM, CONFIG_WIRE_JSON },
		{ DESTINATION_FIREHOSE, CONFIG_WIRE_JSON },
	};

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		struct batch *b = opened(kinds[k].to, kinds[k].wire);
		struct span pieces[3];
		uint32_t records;

		add(b, "good", 0, 0);
		add(b, "bad", 0, 4);
		letter_make(b, 1, LETTER_FIRST, "why");
		add(b, "fine", 0, 7);
		add(b, "end", 0, 11);
		batch_seal(b);
		assert_int_equal(b->pending_count, 3);
		assert_int_equal(letter_count(b), 1);
		assert_true(letter_is(b, 1));
		assert_false(letter_is(b, 0));
		assert_int_equal(
		    batch_pieces(b, 0, b->count, pieces, &records), 2);
		assert_int_equal(records, 3);
		assert_letter(b, 1, "bad", "why", 4);
		batch_free(&b);
	}
}

static void
base64_of_every_length_and_byte_is_read_back(void **state)
{
	struct batch *b = opened(DESTINATION_FIREHOSE, CONFIG_WIRE_JSON);
	unsigned char bytes[256];
	struct letter letter;

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7 + 3);
	for (uint32_t len = 1; len <= sizeof(bytes); len++) {
		assert_int_equal(batch_append(b, span_of(bytes, len),
				     batch_key_of(span_of(NULL, 0))),
		    BATCH_TAKEN);
		batch_cover(b, reader(0), len, len + 1, 0);
		batch_place(b, b->run_count - 1, len, len + 1);
		letter_make(b, len - 1, LETTER_WHOLE, "why");
		letter_read(b, len - 1, &room, &letter);
		assert_int_equal(letter.data.len, len);
		assert_memory_equal(letter.data.at, bytes, len);
	}
	batch_free(&b);
}

static void
a_pending_record_may_die_on_its_way(void **state)
{
	struct batch *b = a_stream();

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		add(b, "x", 0, i);
	batch_seal(b);
	batch_accept(b, 0);
	letter_make(b, 70, LETTER_WHOLE, "refused");
	assert_int_equal(b->pending_count, 98);
	assert_false(batch_is_pending(b, 70));
	assert_letter(b, 70, "x", "refused", 70);
	batch_free(&b);
}

/* Between other files' records, behind bytes that were filtered, and behind
 * those of an earlier life that no record came of. */
static void
each_record_knows_its_place(void **state)
{
	struct batch *b = a_stream();
	uint64_t from, to, far = UINT64_C(9) << 32;

	(void)state;
	add(b, "one", 0, 100);
	add(b, "two", 1, 100);
	batch_cover(b, reader(1), 103, 200, 0);
	add(b, "three", 1, 200);
	batch_cover(b, reader(1), 205, far, 0);
	add(b, "four", 1, far);
	batch_cover(b, reader(2), 0, far, 0);
	add(b, "five", 2, far);
	assert_int_equal(batch_append(b, span_str("a cut line"),
			     batch_key_of(span_str("k"))),
	    BATCH_TAKEN);
	batch_cover(b, reader(3), 50, 50 + far, 0);
	batch_place(b, b->run_count - 1, 50, 50 + far);
	add(b, "six", 3, 50 + far);

	static const struct {
		uintptr_t file;
		uint64_t from, len;
	} expected[] = {
		{ 0, 100, 3 },
		{ 1, 100, 3 },
		{ 1, 200, 5 },
		{ 1, UINT64_C(9) << 32, 4 },
		{ 2, UINT64_C(9) << 32, 4 },
		{ 3, 50, UINT64_C(9) << 32 },
		{ 3, 50 + (UINT64_C(9) << 32), 3 },
	};
	for (uint32_t i = 0; i < b->count; i++) {
		uint32_t run = letter_origin(b, i, &from, &to);

		assert_ptr_equal(b->runs[run].reader, reader(expected[i].file));
		assert_int_equal(from, expected[i].from);
		assert_int_equal(to - from, expected[i].len);
	}
	batch_free(&b);
}

static void
only_files_with_letters_want_a_name(void **state)
{
	struct batch *b = a_stream();
	struct letter letter;

	(void)state;
	add(b, "one", 0, 0);
	add(b, "two", 1, 0);
	batch_seal(b);
	letter_make(b, 1, LETTER_WHOLE, "why");
	assert_false(letter_wants_name(b, 0));
	assert_true(letter_wants_name(b, 1));
	letter_read(b, 1, &room, &letter);
	assert_null(letter.path);
	letter_name(b, 1, "first");
	letter_name(b, 1, "second");
	letter_read(b, 1, &room, &letter);
	assert_string_equal(letter.path, "second");
	batch_free(&b);
}

static void
more_reasons_than_are_remembered_are_no_others(void **state)
{
	struct batch *b = a_stream();
	char reason[LETTER_REASON + 50];

	(void)state;
	for (uint32_t i = 0; i < 30; i++) {
		add(b, "x", 0, i);
		snprintf(reason, sizeof(reason), "reason %u", i % 20);
		letter_make(b, i, LETTER_WHOLE, reason);
	}
	assert_letter(b, 0, "x", "reason 0", 0);
	assert_letter(b, 11, "x", "reason 11", 11);
	assert_letter(b, 12, "x", "refused; see the agent's log", 12);
	assert_letter(b, 21, "x", "reason 1", 21);
	batch_free(&b);
}

static void
a_long_reason_is_cut(void **state)
{
	struct batch *b = a_stream();
	char reason[2 * LETTER_REASON];

	(void)state;
	memset(reason, 'r', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	for (uint32_t i = 0; i < 2; i++) {
		add(b, "x", 0, i);
		letter_make(b, i, LETTER_WHOLE, reason);
	}
	assert_int_equal(b->letters->reason_count, 1);
	reason[LETTER_REASON] = '\0';
	assert_letter(b, 1, "x", reason, 1);
	batch_free(&b);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_dead_record_is_not_sent_and_its_data_is_kept),
		TEST(base64_of_every_length_and_byte_is_read_back),
		TEST(a_pending_record_may_die_on_its_way),
		TEST(each_record_knows_its_place),
		TEST(only_files_with_letters_want_a_name),
		TEST(more_reasons_than_are_remembered_are_no_others),
		TEST(a_long_reason_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
