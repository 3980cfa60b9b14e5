/* SPDX-License-Identifier: Apache-2.0
 *
 * Records that become one: by themselves, and through the whole tail.
 */
#include "tail_world.h"

#include "tail/join.h"

/* ---- By itself ---- */

static struct pool *pool;
static struct join join;
static struct key_maker random_keys;

static const struct reader *
reader_number(uintptr_t n)
{
	return (const struct reader *)(n * 64);
}

static int
begin(void **state)
{
	(void)state;
	pool = pool_new(8 << 20, 1, 1 << 20);
	return pool != NULL ? digest_setup() : -1;
}

static int
end(void **state)
{
	(void)state;
	pool_free(pool);
	return 0;
}

static struct key
key_named(const char *text)
{
	struct key key = { .len = strlen(text) };

	memcpy(key.text, text, key.len);
	return key;
}

/* A batch with "first" open in it, of reader 1 and with the key "k". */
static struct batch *
opened(size_t most, size_t max_weight)
{
	static const struct flow_config flow = { .wire = CONFIG_WIRE_CBOR };
	struct batch *b = batch_new(pool, 0, api_of(&flow), 500, max_weight);
	struct key key = key_named("k");

	assert_non_null(b);
	join_init(&join, most, false);
	assert_int_equal(batch_reserve(b, 5, key_wire(&key)), BATCH_TAKEN);
	join_begin(&join, reader_number(1), span_str("first"), &key);
	return b;
}

static void
done(struct batch *b, const char *data)
{
	struct span record;

	join_close(&join, b, &random_keys);
	assert_int_equal(b->count, 1);
	record = world_record(b, 0);
	assert_int_equal(record.len, strlen(data));
	assert_memory_equal(record.at, data, record.len);
	assert_false(join.open);
	join_fini(&join);
	batch_free(&b);
}

static bool
add(struct batch *b, uintptr_t reader, const char *text, const struct key *key)
{
	return join_add(&join, b, reader_number(reader), span_str(text), key);
}

static void
what_fits_to_the_byte_is_joined(void **state)
{
	(void)state;
	struct batch *b = opened(8, 1 << 20);

	assert_true(add(b, 1, "", NULL));
	assert_true(add(b, 1, "12", NULL));
	assert_false(add(b, 1, "34", NULL));
	assert_true(add(b, 1, "3", NULL));
	assert_false(add(b, 1, "4", NULL));
	done(b, "first123");
}

static void
records_of_two_files_are_never_one(void **state)
{
	(void)state;
	struct batch *b = opened(100, 1 << 20);

	assert_false(add(b, 2, "x", NULL));
	assert_true(add(b, 1, "y", NULL));
	done(b, "firsty");
}

static void
records_with_keys_apart_are_never_one(void **state)
{
	(void)state;
	struct batch *b = opened(100, 1 << 20);
	struct key same = key_named("k"), other = key_named("K");
	struct key hashed = key_named("k");

	hashed.hash[0] = '7';
	hashed.hash_len = 1;
	assert_false(add(b, 1, "x", &other));
	assert_false(add(b, 1, "x", &hashed));
	assert_true(add(b, 1, "y", &same));
	done(b, "firsty");
}

static void
records_that_lack_the_field_share_a_random_key(void **state)
{
	(void)state;
	struct batch *b = opened(100, 1 << 20);
	struct key lacks = key_named("0123456789abcdef");

	lacks.random = true;
	assert_false(add(b, 1, "x", &lacks));
	join.key.random = true;
	assert_true(add(b, 1, "y", &lacks));
	done(b, "firsty");
}

static void
what_the_batch_does_not_take_is_not_joined(void **state)
{
	(void)state;
	/* An empty batch takes any first record; a second must fit. */
	struct batch *b = opened(100, 20);
	struct batch_key key = batch_key_of(span_str("k"));

	batch_append_reserved(b, span_str("1234567"), key);
	assert_int_equal(batch_reserve(b, 5, key), BATCH_TAKEN);
	assert_true(add(b, 1, "123456", NULL));
	assert_false(add(b, 1, "1", NULL));
	join_close(&join, b, &random_keys);
	assert_int_equal(b->weight, 20);
	join_fini(&join);
	batch_free(&b);
}

/* ---- Through the tail ---- */

static int
set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	world_init(w);
	w->flows[0].aggregate = 10;
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

static char records[4096];

/* Every record, a bar behind each. */
static void
note_record(struct world *w, const struct batch *b, struct span record)
{
	size_t len = strlen(records);

	(void)w, (void)b;
	assert_true(len + record.len + 2 < sizeof(records));
	memcpy(records + len, record.at, record.len);
	memcpy(records + len + record.len, "|", 2);
}

/* What becomes of a file that holds `text`. */
static const char *
records_of(struct world *w, const char *text)
{
	records[0] = '\0';
	w->delivered = note_record;
	world_log(w, "x.log", text);
	world_start(w);
	world_flow(w, 100);
	return records;
}

static void
lines_are_joined_with_their_newlines(void **state)
{
	assert_string_equal(
	    records_of(*state, "a\nbcd\nef\nlonger than ten\ng\n\n\n1234567\n"
			       "0123456789\nx\n"),
	    "a\nbcd\nef\n|longer than ten\n|g\n\n\n|1234567\n|0123456789\n|"
	    "x\n|");
}

static void
without_their_newlines_lines_have_them_between(void **state)
{
	struct world *w = *state;

	w->flows[0].keep_newline = false;
	assert_string_equal(records_of(w, "a\nbcd\nefgh\ni\n\n\n0123456789\n"),
	    "a\nbcd\nefgh|i\n\n|0123456789|");
}

static void
what_is_joined_waits_no_longer_than_a_batch(void **state)
{
	struct world *w = *state;

	w->flows[0].age_ms = 50;
	world_start(w);
	world_log(w, "x.log", "a\n");
	world_pass(w, 40);
	world_log(w, "x.log", "b\n");
	world_pass(w, 5);
	assert_int_equal(w->out_count, 0);
	world_pass(w, 10);
	assert_int_equal(w->out_count, 1);
	assert_int_equal(world_out(w, 0)->count, 1);
	world_deliver_all(w);
	world_pass(w, 5);
	assert_string_equal(w->text, "a\nb\n");
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 1);
	assert_int_equal(stats_get(&w->stats[0].records_read), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 4);
}

static void
two_files_have_their_own_records(void **state)
{
	struct world *w = *state;

	w->flows[0].aggregate = 1000;
	world_log(w, "y.log", "y1\ny2\n");
	assert_string_equal(records_of(w, "x1\nx2\n"), "y1\ny2\n|x1\nx2\n|");
}

static void
a_full_batch_has_what_was_joined_for_it(void **state)
{
	struct world *w = *state;

	w->flows[0].max_records = 2;
	records_of(w, "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n");
	assert_string_equal(records, "a\nb\nc\nd\ne\n|f\ng\nh\ni\nj\n|k\nl\n|");
	world_stop(w);
	assert_int_equal(w->rows[0].committed, 24);
}

static void
bytes_that_become_no_record_do_not_part_what_is_joined(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 1;
	assert_string_equal(records_of(w, "header\na\nb\n"), "a\nb\n|");
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 11);
}

static void
long_lines_are_cut_or_split_between_joined_ones(void **state)
{
	struct world *w = *state;

	w->flows[0].max_bytes = 16 + 12; /* the key and twelve bytes */
	assert_string_equal(records_of(w, "a\nb\nlonger than twelve\nc\nd\n"),
	    "a\nb\n|longer than\n|c\nd\n|");
	assert_int_equal(stats_get(&w->stats[0].records_truncated), 1);
	world_stop(w);
	w->flows[0].oversize = OVERSIZE_SPLIT;
	assert_string_equal(records_of(w, "e\nlonger than twelve\nf\n"),
	    "e\n|longer than |twelve\nf\n|");
}

static bool
holds(const struct batch *b, const char *text)
{
	return memmem(b->body, b->len, text, strlen(text)) != NULL;
}

static void
the_key_is_the_md5_of_all_that_was_joined(void **state)
{
	struct world *w = *state;
	unsigned char md5[DIGEST_MD5];
	char hex[2 * DIGEST_MD5 + 1];

	w->flows[0].key_option = KEY_DETERMINISTIC;
	world_log(w, "x.log", "a\nb\nc\n");
	world_start(w);
	world_pass(w, 50);
	digest_md5(span_str("a\nb\nc\n"), md5);
	digest_hex(md5, sizeof(md5), hex);
	assert_true(holds(world_out(w, 0), hex));
}

static void
keys_name_the_file(void **state)
{
	struct world *w = *state;

	w->flows[0].partition_key = mem_dup("<{file}>");
	w->flows[0].hash_key = mem_dup("12345");
	world_log(w, "x.log", "a\nb\n");
	world_start(w);
	world_pass(w, 50);
	assert_true(holds(world_out(w, 0), "<x.log>"));
	assert_true(holds(world_out(w, 0), "ExplicitHashKey\x65"
					   "12345"));
	world_deliver_all(w);
	world_rename(w, "x.log", "x.log.1");
	world_log(w, "x.log.1", "c\n");
	world_pass(w, 50);
	assert_true(holds(world_out(w, 0), "<x.log.1>"));
	free(w->flows[0].partition_key);
	free(w->flows[0].hash_key);
}

static void
what_records_are_joined_in_is_paid_for(void **state)
{
	struct world *w = *state;
	struct tail_doors doors = { .home = &w->home,
		.to_ship = &w->to_ship,
		.to_ledger = &w->to_ledger,
		.loop = w->loop };

	w->config.memory_budget = 4 << 20;
	w->flows[0].aggregate = 4 << 20;
	assert_null(tail_new(&w->config, w->stats, &doors));
	w->flows[0].aggregate = 3 << 20;
	assert_null(tail_new(&w->config, w->stats, &doors));
}

#define THROUGH_THE_TAIL(f)                                                    \
	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(int argc, char **argv)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(what_fits_to_the_byte_is_joined),
		cmocka_unit_test(records_of_two_files_are_never_one),
		cmocka_unit_test(records_with_keys_apart_are_never_one),
		cmocka_unit_test(
		    records_that_lack_the_field_share_a_random_key),
		cmocka_unit_test(what_the_batch_does_not_take_is_not_joined),
	};
	const struct CMUnitTest tests[] = {
		THROUGH_THE_TAIL(lines_are_joined_with_their_newlines),
		THROUGH_THE_TAIL(
		    without_their_newlines_lines_have_them_between),
		THROUGH_THE_TAIL(what_is_joined_waits_no_longer_than_a_batch),
		THROUGH_THE_TAIL(two_files_have_their_own_records),
		THROUGH_THE_TAIL(a_full_batch_has_what_was_joined_for_it),
		THROUGH_THE_TAIL(
		    bytes_that_become_no_record_do_not_part_what_is_joined),
		THROUGH_THE_TAIL(
		    long_lines_are_cut_or_split_between_joined_ones),
		THROUGH_THE_TAIL(the_key_is_the_md5_of_all_that_was_joined),
		THROUGH_THE_TAIL(keys_name_the_file),
		THROUGH_THE_TAIL(what_records_are_joined_in_is_paid_for),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_TEXT);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(alone, begin, end) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
