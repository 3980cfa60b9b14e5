/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the dead-letter files, whatever happens to them: the ledger's
 * thread with real files; jansson reads them back.
 */
#include "ledger_help.h"

#include <jansson.h>
#include <sched.h>
#include <sys/mount.h>

#include "batch.h"
#include "digest.h"
#include "letter.h"

#define FLOWS 2

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static struct flow_config flows[FLOWS];
static struct flow_stats stats[FLOWS];
static struct handoff home;
static struct pool *pool;
static struct ledger *ledger;
static struct handoff *letters;
static struct list_node back; /* batches that are home */
static uint64_t place;        /* where the next record begins in its file */

static void
start(void)
{
	ledger = ledger_open(&the_config);
	assert_non_null(ledger);
	letters = ledger_letters(ledger, stats, &home);
	assert_non_null(letters);
	assert_int_equal(ledger_start(ledger), 0);
}

static int
begin(void **state)
{
	if (setup(state) != 0 || digest_setup() != 0)
		return -1;
	memset(stats, 0, sizeof(stats));
	for (size_t i = 0; i < FLOWS; i++)
		flows[i] = (struct flow_config){
			.name = TEXT(i == 0 ? "app" : "kinesis:s:/var/*.1"),
			.destination = DESTINATION_STREAM,
			.wire = CONFIG_WIRE_JSON,
			.target = TEXT("clicks"),
		};
	the_config.flows = flows;
	the_config.flow_count = FLOWS;
	the_config.state_directory = directory;
	the_config.dead_letter_bytes = 100 << 20;
	place = 0;
	list_init(&back);
	pool = pool_new(64 << 20, FLOWS, 1 << 20);
	return pool != NULL && handoff_init(&home) == 0 ? 0 : -1;
}

static int
end(void **state)
{
	if (ledger != NULL) {
		assert_int_equal(ledger_end_letters(ledger, DEADLINE_MS), 0);
		ledger_close(ledger, DEADLINE_MS);
	}
	ledger = NULL;
	handoff_fini(&home);
	pool_free(pool);
	(void)umount(directory);
	return teardown(state);
}

static struct batch *
filled(size_t flow, const struct span *data, size_t count)
{
	struct batch *b =
	    batch_new(pool, flow, api_of(&flows[flow]), 500, 4 << 20);

	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(
		    batch_append(b, data[i], batch_key_of(span_str("k"))),
		    BATCH_TAKEN);
		batch_cover(
		    b, (struct reader *)1, place, place + data[i].len + 1, 0);
		batch_place(
		    b, b->run_count - 1, place, place + data[i].len + 1);
		place += data[i].len + 1;
		letter_make(b, i, LETTER_WHOLE, "a \"reason\"");
	}
	batch_seal(b);
	letter_name(b, 0, "/var/log/\xff.log");
	b->letters->wall_ms = INT64_C(1795300000123);
	return b;
}

static void
put(size_t flow, struct span data)
{
	struct batch *b = filled(flow, &data, 1);

	batch_send(letters, &b);
}

/* Wait until `count` more batches are home, all with `outcome`. */
static void
await(size_t count, enum batch_outcome outcome)
{
	int64_t late = clock_ms() + DEADLINE_MS;

	for (; count > 0; count--) {
		while (list_empty(&back)) {
			assert_true(clock_ms() < late);
			nap();
			handoff_take(&home, &back);
		}
		struct batch *b = batch_of(list_take_first(&back));

		assert_int_equal(b->outcome, outcome);
		batch_free(&b);
	}
}

static const char *
file(const char *name)
{
	static char path_of[256];

	(void)snprintf(
	    path_of, sizeof(path_of), "%s/dead-letter/%s", directory, name);
	return path_of;
}

/* The `nth` line (from 0) of the file, owned; NULL: it has no such line. */
static json_t *
line(const char *name, unsigned nth)
{
	FILE *f = fopen(file(name), "re");
	json_t *found = NULL;
	char *text = NULL;
	size_t room = 0;

	if (f == NULL)
		return NULL;
	while (found == NULL && getline(&text, &room, f) > 0) {
		if (nth-- > 0)
			continue;
		found = json_loads(text, 0, NULL);
		assert_non_null(found);
	}
	free(text);
	(void)fclose(f);
	return found;
}

static unsigned
count_lines(const char *name)
{
	unsigned n = 0;
	json_t *at;

	while ((at = line(name, n)) != NULL) {
		json_decref(at);
		n++;
	}
	return n;
}

static void
assert_member(const json_t *o, const char *key, const char *value)
{
	assert_string_equal(json_string_value(json_object_get(o, key)), value);
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(file(name), &st) == 0 ? st.st_size : -1;
}

static void
spoil(const char *name, const char *text)
{
	FILE *f = fopen(file(name), "ae");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
a_letter_says_what_it_is_and_where_it_came_from(void **state)
{
	static const char text[] = "caf\xc3\xa9 \"x\" \\ \t\x01\x7f\n";
	json_t *o;
	struct stat st;

	(void)state;
	start();
	place = 4096;
	put(0, span_of(text, sizeof(text) - 1));
	await(1, BATCH_KEPT);
	o = line("app.jsonl", 0);
	assert_member(o, "time", "2026-11-21T22:26:40.123Z");
	assert_member(o, "flow", "app");
	assert_member(o, "destination", "kinesis:clicks");
	assert_member(o, "file", "/var/log/\xef\xbf\xbd.log");
	assert_member(o, "reason", "a \"reason\"");
	assert_member(o, "data", text);
	assert_null(json_object_get(o, "dataBase64"));
	assert_int_equal(
	    json_integer_value(json_object_get(o, "offset")), 4096);
	assert_int_equal(
	    json_integer_value(json_object_get(o, "length")), sizeof(text));
	json_decref(o);
	assert_int_equal(stat(file("app.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(file(""), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
what_is_no_text_is_kept_in_base64(void **state)
{
	json_t *o;

	(void)state;
	start();
	put(0, span_of("\xff\x00\xfe!", 4));
	await(1, BATCH_KEPT);
	o = line("app.jsonl", 0);
	assert_member(o, "dataBase64", "/wD+IQ==");
	assert_null(json_object_get(o, "data"));
	json_decref(o);
}

static void
a_flow_has_a_file_whatever_it_is_called(void **state)
{
	static const char *const names[] = { "app", "kinesis:s:/var/*.1", "..",
		".hidden", "a.1", "a%2E1", "", "a/../b", "\xc3\xa9" };
	static const char *const files[] = { "app.jsonl",
		"kinesis%3As%3A%2Fvar%2F%2A%2E1.jsonl", "%2E..jsonl",
		"%2Ehidden.jsonl", "a%2E1.jsonl", "a%252E1.jsonl", ".jsonl",
		"a%2F..%2Fb.jsonl", "%C3%A9.jsonl" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		flows[0].name = TEXT(names[i]);
		start();
		put(0, span_str("x"));
		await(1, BATCH_KEPT);
		assert_int_equal(count_lines(files[i]), 1);
		assert_int_equal(ledger_end_letters(ledger, DEADLINE_MS), 0);
		ledger_close(ledger, DEADLINE_MS);
		ledger = NULL;
	}
}

static void
a_long_name_has_a_file_too(void **state)
{
	char name[2][3001];

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(name[i], '/', sizeof(name[i]) - 1);
		name[i][sizeof(name[i]) - 1] = '\0';
		name[i][2999] = (char)('a' + i);
		flows[i].name = name[i];
	}
	start();
	put(0, span_str("x"));
	put(1, span_str("y"));
	await(2, BATCH_KEPT);
	assert_false(was_said("cannot"));
}

static void
a_torn_last_line_is_cut_before_the_next(void **state)
{
	json_t *o;

	(void)state;
	start();
	put(0, span_str("first"));
	await(1, BATCH_KEPT);
	spoil("app.jsonl", "{\"data\":\"half of {} a li");
	put(0, span_str("second"));
	await(1, BATCH_KEPT);
	assert_int_equal(count_lines("app.jsonl"), 2);
	o = line("app.jsonl", 1);
	assert_member(o, "data", "second");
	json_decref(o);
	assert_true(was_said("is cut off"));
}

static void
a_last_line_that_lacks_its_newline_is_kept(void **state)
{
	json_t *o;

	(void)state;
	start();
	put(0, span_str("first"));
	await(1, BATCH_KEPT);
	spoil("app.jsonl", "{\"data\":\"by \\\"hand\\\" }\"}");
	put(0, span_str("second"));
	await(1, BATCH_KEPT);
	o = line("app.jsonl", 1);
	assert_member(o, "data", "by \"hand\" }");
	json_decref(o);
	assert_int_equal(count_lines("app.jsonl"), 3);
}

static void
files_that_were_moved_away_are_made_anew(void **state)
{
	(void)state;
	start();
	put(0, span_str("first"));
	await(1, BATCH_KEPT);
	assert_int_equal(unlink(file("app.jsonl")), 0);
	put(0, span_str("second"));
	await(1, BATCH_KEPT);
	assert_int_equal(count_lines("app.jsonl"), 1);
	assert_int_equal(
	    nftw(file(""), remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	put(0, span_str("third"));
	await(1, BATCH_KEPT);
	assert_int_equal(count_lines("app.jsonl"), 1);
}

static void
at_the_bound_the_oldest_go_and_are_counted(void **state)
{
	static unsigned char data[20000];
	uint64_t lost, bytes = 0, kept = 0;
	off_t size, all = 0;
	char name[32] = "app.jsonl";

	(void)state;
	the_config.dead_letter_bytes = 1 << 20;
	memset(data, 'd', sizeof(data));
	start();
	for (unsigned i = 0; i < 100; i++) {
		put(0, span_of(data, sizeof(data) - i));
		bytes += sizeof(data) - i + 1;
		await(1, BATCH_KEPT);
	}
	for (unsigned n = 1; (size = size_of(name)) >= 0; n++) {
		all += size;
		for (unsigned i = 0; i < count_lines(name); i++) {
			json_t *o = line(name, i);

			bytes -= (uint64_t)json_integer_value(
			    json_object_get(o, "length"));
			kept++;
			json_decref(o);
		}
		(void)snprintf(name, sizeof(name), "app.%u.jsonl", n);
	}
	assert_in_range(all, 800 << 10, 1 << 20);
	lost = stats_get(&stats[0].records_lost_dead);
	assert_int_equal(lost, 100 - kept);
	assert_int_equal(stats_get(&stats[0].bytes_lost_dead), bytes);
	assert_true(was_said("lost (dead-letter-full)"));
	assert_int_equal(stats_get(&stats[1].records_lost_dead), 0);
}

static void
what_waits_is_written_together_and_in_order(void **state)
{
	(void)state;
	flows[0].wire = CONFIG_WIRE_CBOR;
	assert_int_equal(mkdir(file(""), 0700), 0);
	assert_int_equal(mkdir(file("app.jsonl"), 0700), 0);
	start();
	for (unsigned i = 0; i < 50; i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "letter %u", i);
		put(0, span_str(text));
	}
	put(1, span_str("another flow's"));
	await(1, BATCH_KEPT);
	WAIT_FOR(was_said("cannot keep dead letters"));
	assert_int_equal(rmdir(file("app.jsonl")), 0);
	await(50, BATCH_KEPT);
	assert_int_equal(times_said("cannot keep dead letters"), 1);
	assert_true(was_said("dead letters are written again"));
	for (unsigned i = 0; i < 50; i++) {
		json_t *o = line("app.jsonl", i);
		char text[16];

		(void)snprintf(text, sizeof(text), "letter %u", i);
		assert_member(o, "data", text);
		json_decref(o);
	}
}

static void
at_the_end_what_cannot_be_kept_comes_home_undelivered(void **state)
{
	(void)state;
	assert_int_equal(mkdir(file(""), 0700), 0);
	assert_int_equal(mkdir(file("app.jsonl"), 0700), 0);
	start();
	put(0, span_str("never"));
	WAIT_FOR(was_said("cannot keep dead letters"));
	put(1, span_str("yet"));
	put(0, span_str("nor this"));
	assert_int_equal(ledger_end_letters(ledger, DEADLINE_MS), 0);
	await(1, BATCH_KEPT);
	await(2, BATCH_ABANDONED);
}

static void
a_full_disk_keeps_whole_letters_or_none(void **state)
{
	static unsigned char data[30000];

	(void)state;
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", directory, "tmpfs", 0, "size=256k") != 0)
		skip();
	memset(data, 'd', sizeof(data));
	start();
	for (unsigned i = 0; i < 20; i++)
		put(0, span_of(data, sizeof(data)));
	WAIT_FOR(was_said("No space left on device"));
	assert_int_equal(
	    mount("none", directory, "tmpfs", MS_REMOUNT, "size=16m"), 0);
	await(20, BATCH_KEPT);
	assert_int_equal(count_lines("app.jsonl"), 20);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_letter_says_what_it_is_and_where_it_came_from),
		TEST(what_is_no_text_is_kept_in_base64),
		TEST(a_flow_has_a_file_whatever_it_is_called),
		TEST(a_long_name_has_a_file_too),
		TEST(a_torn_last_line_is_cut_before_the_next),
		TEST(a_last_line_that_lacks_its_newline_is_kept),
		TEST(files_that_were_moved_away_are_made_anew),
		TEST(at_the_bound_the_oldest_go_and_are_counted),
		TEST(what_waits_is_written_together_and_in_order),
		TEST(at_the_end_what_cannot_be_kept_comes_home_undelivered),
		TEST(a_full_disk_keeps_whole_letters_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
