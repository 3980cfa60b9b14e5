/* SPDX-License-Identifier: Apache-2.0
 *
 * The promise, by chance: random writes, rotations, truncations, deaths and
 * restarts, batches that come home in any order or not at all. Every complete
 * line is delivered; one is repeated only after a death, and only if the rows
 * on disk did not cover it. I1, I2 and I4 are asserted by the tail itself.
 *
 * PROPERTY_SEED replays one seed, PROPERTY_RUNS sets how many are tried.
 */
#include "tail_world.h"

#include "tail/who.h"

#define FILES   3
#define LINES   60000
#define KEEP    4 /* rotated files of each log */
#define ACTIONS 250

/* What became of a line, for flow 0 and 1. */
struct fate {
	uint64_t file;    /* the file it was written to: key_of */
	uint64_t from;    /* where it begins there */
	uint32_t content; /* the file's content: another after a truncation */
	uint32_t len;
	bool complete;
	uint8_t times[WORLD_FLOWS];
	uint8_t allowed[WORLD_FLOWS]; /* how often it may be delivered */
	bool excused[WORLD_FLOWS];    /* its bytes are gone: it need not be */
	bool sent[WORLD_FLOWS];       /* it was in a batch of this life */
	bool wanted[WORLD_FLOWS];
};

struct log_file {
	char name[24];
	int fd; /* the writer's */
	uint64_t file, size;
	uint32_t content;
	int open_line; /* the line being written; -1: none */
	size_t owed;   /* bytes of it that are not written yet */
};

struct story {
	struct world w;
	uint64_t dice;
	struct fate *lines; /* owned: LINES */
	int count;
	struct log_file files[FILES];
	uint32_t contents;
	bool truncating;
};

static struct story *story; /* for the world's callbacks */

static uint64_t
roll(struct story *s, uint64_t n)
{
	s->dice ^= s->dice >> 12;
	s->dice ^= s->dice << 25;
	s->dice ^= s->dice >> 27;
	return (s->dice * UINT64_C(0x2545f4914f6cdd1d) >> 11) % n;
}

/* "L" number " " padding "\n" */
static struct fate *
line_of(struct span line)
{
	char digits[16] = { 0 };
	long number;

	assert_true(line.len >= 9 && line.at[0] == 'L');
	assert_int_equal(line.at[line.len - 1], '\n');
	memcpy(digits, line.at + 1, 7);
	number = strtol(digits, NULL, 10);
	assert_in_range(number, 0, story->count - 1);
	assert_int_equal(story->lines[number].len, line.len);
	return &story->lines[number];
}

/* The next line of `record`, which may be many joined: NULL: there is none.
 * All are of one content, in its order. */
static struct fate *
next_line(struct span *record, const struct fate *before)
{
	const unsigned char *end;
	struct fate *f;
	size_t len;

	if (record->len == 0)
		return NULL;
	end = memchr(record->at, '\n', record->len);
	assert_non_null(end);
	len = (size_t)(end - record->at) + 1;
	f = line_of(span_of(record->at, len));
	*record = span_of(record->at + len, record->len - len);
	assert_true(before == NULL ||
		    (f->content == before->content && f->from > before->from));
	return f;
}

static void
on_sent(struct world *w, const struct batch *b, struct span record)
{
	struct fate *f = NULL;

	(void)w;
	while ((f = next_line(&record, f)) != NULL)
		f->sent[b->flow] = true;
}

static void
note_delivered(const struct batch *b, struct fate *f)
{
	assert_true(f->wanted[b->flow]);
	f->times[b->flow]++;
	if (f->times[b->flow] > f->allowed[b->flow])
		fail_msg("line %td is delivered to flow %zu %d times, %d are "
			 "allowed",
		    f - story->lines, b->flow, f->times[b->flow],
		    f->allowed[b->flow]);
}

static void
on_delivered(struct world *w, const struct batch *b, struct span record)
{
	struct fate *f = NULL;

	(void)w;
	while ((f = next_line(&record, f)) != NULL)
		note_delivered(b, f);
}

/* Inodes are used again within a story; handles are not. */
static uint64_t
key_of(const struct identity *id)
{
	assert_true(id->handle_len > 0);
	return digest_mark(span_of(id->handle, id->handle_len));
}

static void
log_open(struct story *s, struct log_file *f)
{
	struct who who;

	f->fd = open(world_path(&s->w, f->name),
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	assert_true(f->fd >= 0);
	assert_int_equal(who_is_open(f->fd, &who), 0);
	f->file = key_of(&who.id);
	f->size = 0;
	f->content = ++s->contents;
	f->open_line = -1;
}

static void
put(struct log_file *f, const char *at, size_t len)
{
	assert_int_equal(write(f->fd, at, len), len);
	f->size += len;
}

static void
finish_line(struct story *s, struct log_file *f)
{
	char rest[512];

	if (f->open_line < 0)
		return;
	memset(rest, 'z', f->owed);
	rest[f->owed - 1] = '\n';
	put(f, rest, f->owed);
	s->lines[f->open_line].complete = true;
	f->open_line = -1;
}

/* Begin a line: all of it but the last `owed` bytes. */
static void
begin_line(struct story *s, struct log_file *f, size_t len, size_t owed)
{
	struct fate *fate = &s->lines[s->count];
	char text[512];

	assert_true(s->count < LINES && len >= 10 && owed < len - 8);
	memset(text, 'x', len);
	(void)snprintf(text, sizeof(text), "L%07d", s->count);
	text[8] = ' ';
	text[len - 1] = '\n';
	*fate = (struct fate){ .file = f->file,
		.from = f->size,
		.content = f->content,
		.len = (uint32_t)len,
		.complete = owed == 0,
		.allowed = { 1, 1 } };
	fate->wanted[0] = true;
	fate->wanted[1] = f->name[0] == 'a';
	put(f, text, len - owed);
	f->owed = owed;
	f->open_line = owed > 0 ? s->count : -1;
	s->count++;
}

static void
write_some(struct story *s)
{
	struct log_file *f = &s->files[roll(s, FILES)];
	uint64_t n = roll(s, 10) == 0 ? 700 : roll(s, 20);

	finish_line(s, f);
	for (; n > 0 && s->count < LINES - 1; n--)
		begin_line(s, f, 10 + roll(s, 300), 0);
	if (roll(s, 4) == 0 && s->count < LINES)
		begin_line(s, f, 100, 1 + roll(s, 50));
}

static bool
all_delivered(const struct story *s, uint64_t file)
{
	for (int i = 0; i < s->count; i++)
		for (size_t k = 0; k < WORLD_FLOWS; k++)
			if (s->lines[i].file == file && s->lines[i].wanted[k] &&
			    s->lines[i].times[k] == 0)
				return false;
	return true;
}

static void
shift(struct story *s, const struct log_file *f, int n)
{
	char from[48], to[48];

	(void)snprintf(from, sizeof(from), n > 0 ? "%s.%d" : "%s", f->name, n);
	(void)snprintf(to, sizeof(to), "%s.%d", f->name, n + 1);
	(void)rename(world_path(&s->w, from), world_path(&s->w, to));
}

/* Does the disk know of `f`, for every flow that wants it? */
static bool
has_rows(const struct story *s, const struct log_file *f)
{
	size_t rows = 0;

	for (size_t i = 0; i < s->w.row_count; i++)
		rows += key_of(&s->w.rows[i].id) == f->file;
	return rows >= (f->name[0] == 'a' ? 2 : 1);
}

static void
rotate(struct story *s)
{
	struct log_file *f = &s->files[roll(s, FILES)];
	struct who who;
	char last[48];

	/* A file that lost its name before it had a row is nobody's after a
	 * death: rows of new files are written at once. */
	if (s->w.tail != NULL) {
		world_pass(&s->w, 20);
		world_write(&s->w);
	}
	if (s->w.tail == NULL && !has_rows(s, f))
		return;
	(void)snprintf(last, sizeof(last), "%s.%d", f->name, KEEP);
	if (who_is(world_path(&s->w, last), &who) == 0 &&
	    !all_delivered(s, key_of(&who.id)))
		return;
	for (int n = KEEP - 1; n >= 0; n--)
		shift(s, f, n);
	if (roll(s, 2) == 0 && s->w.tail != NULL)
		world_pass(&s->w, (int64_t)roll(s, 10));
	/* The writer goes on for a while. */
	if (roll(s, 2) == 0 && s->count < LINES - 1) {
		finish_line(s, f);
		begin_line(s, f, 50, 0);
	}
	finish_line(s, f);
	assert_int_equal(close(f->fd), 0);
	log_open(s, f);
}

/* The lines of a content that is gone. Only those that are in a batch of this
 * life must still arrive, and only if the agent lives. */
static void
excuse(struct story *s, uint32_t content)
{
	for (int i = 0; i < s->count; i++)
		for (size_t k = 0; k < WORLD_FLOWS; k++)
			if (s->lines[i].content == content &&
			    !s->lines[i].sent[k])
				s->lines[i].excused[k] = true;
}

static void
cut(struct story *s)
{
	struct log_file *f = &s->files[roll(s, FILES)];

	finish_line(s, f);
	if (s->w.tail != NULL)
		world_pass(&s->w, roll(s, 2) ? 10 : 0);
	assert_int_equal(ftruncate(f->fd, 0), 0);
	excuse(s, f->content);
	f->content = ++s->contents;
	f->size = 0;
	/* The same length again would be the same file to a look. */
	if (s->count < LINES - 1)
		begin_line(s, f, 20 + roll(s, 200), 0);
}

static void
deliver_some(struct story *s)
{
	world_collect(&s->w);
	for (uint64_t n = roll(s, 6); n > 0 && s->w.out_count > 0; n--)
		world_deliver(&s->w, roll(s, s->w.out_count));
}

static bool
row_covers(const struct checkpoint *row, const struct fate *f)
{
	uint64_t to = f->from + f->len;

	if (key_of(&row->id) != f->file)
		return false;
	if (to <= row->committed)
		return true;
	for (uint32_t i = 0; i < row->range_count; i++)
		if (row->ranges[i].from <= f->from && to <= row->ranges[i].to)
			return true;
	return false;
}

static bool
covered(const struct story *s, const struct fate *f, size_t flow)
{
	for (size_t i = 0; i < s->w.row_count; i++)
		if (strcmp(s->w.rows[i].flow, s->w.flows[flow].name) == 0 &&
		    row_covers(&s->w.rows[i], f))
			return true;
	return false;
}

/* After a death: what may be repeated, what is lost. */
static void
judge(struct story *s)
{
	for (int i = 0; i < s->count; i++) {
		struct fate *f = &s->lines[i];

		for (size_t k = 0; k < WORLD_FLOWS; k++) {
			bool gone = true;

			for (int n = 0; n < FILES; n++)
				if (s->files[n].file == f->file)
					gone =
					    s->files[n].content != f->content;
			/* It was in a batch and its bytes are cut. */
			if (s->truncating && gone && f->times[k] == 0)
				f->excused[k] = true;
			if (f->times[k] > 0 &&
			    (s->truncating || !covered(s, f, k)))
				f->allowed[k] = (uint8_t)(f->times[k] + 1);
			f->sent[k] = false;
		}
	}
}

static void
die(struct story *s)
{
	world_collect(&s->w);
	for (uint64_t n = roll(s, 4); n > 0 && !list_empty(&s->w.notices); n--)
		world_write_one(&s->w);
	world_kill(&s->w);
	judge(s);
	for (uint64_t n = roll(s, 4); n > 0; n--) {
		if (roll(s, 3) == 0)
			rotate(s);
		else
			write_some(s);
	}
	world_start(&s->w);
}

static void
restart(struct story *s)
{
	world_stop(&s->w);
	judge(s);
	write_some(s);
	world_start(&s->w);
}

static void
act(struct story *s)
{
	uint64_t what = roll(s, 100);

	if (what < 35)
		write_some(s);
	else if (what < 60)
		deliver_some(s);
	else if (what < 82)
		world_pass(&s->w, (int64_t)roll(s, 40));
	else if (what < 84)
		world_pass(&s->w, (int64_t)roll(s, 3000));
	else if (what < 92)
		rotate(s);
	else if (what < 94 && s->truncating)
		cut(s);
	else if (what < 97)
		world_write(&s->w);
	else if (what < 99)
		die(s);
	else
		restart(s);
}

static void
check_all(const struct story *s)
{
	for (int i = 0; i < s->count; i++) {
		const struct fate *f = &s->lines[i];

		for (size_t k = 0; k < WORLD_FLOWS; k++)
			if (f->wanted[k] && f->complete && !f->excused[k] &&
			    f->times[k] == 0)
				fail_msg("line %d (file %jx, at %ju) never "
					 "came to flow %zu",
				    i, (uintmax_t)f->file, (uintmax_t)f->from,
				    k);
	}
}

static void
tell(uint64_t seed, bool truncating)
{
	struct story *s = mem_new(sizeof(*s));

	print_message(
	    "seed %ju%s\n", (uintmax_t)seed, truncating ? ", truncating" : "");
	story = s;
	s->dice = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	s->truncating = truncating;
	s->lines = mem_new_array(LINES, sizeof(*s->lines));
	world_init(&s->w);
	s->w.config.flow_count = 2;
	s->w.sent = on_sent;
	s->w.delivered = on_delivered;
	if (roll(s, 2) == 0)
		s->w.config.memory_budget = 5 << 20;
	for (size_t i = 0; i < WORLD_FLOWS; i++) {
		s->w.flows[i].max_records = roll(s, 3) ? 500 : 7;
		if (roll(s, 2) == 0)
			s->w.flows[i].aggregate = 1 + roll(s, 5000);
	}
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(s->files[i].name, sizeof(s->files[i].name),
		    "%c%d.log", i == 0 ? 'x' : 'a', i);
		log_open(s, &s->files[i]);
	}
	world_start(&s->w);
	for (int i = 0; i < ACTIONS; i++)
		act(s);
	for (int i = 0; i < FILES; i++)
		finish_line(s, &s->files[i]);
	for (int i = 0; i < 400; i++) {
		world_flow(&s->w, 10);
		if (s->w.out_count == 0 && i > 20 && !s->w.tail->busy)
			break;
	}
	check_all(s);
	world_stop(&s->w);
	for (int i = 0; i < FILES; i++)
		assert_int_equal(close(s->files[i].fd), 0);
	world_fini(&s->w);
	free(s->lines);
	free(s);
}

static uint64_t
number(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : fallback;
}

static void
tell_many(bool truncating)
{
	uint64_t seed = number("PROPERTY_SEED", 0);
	uint64_t runs = number("PROPERTY_RUNS", 8);

	for (uint64_t i = 1; seed == 0 && i <= runs; i++)
		tell(i, truncating);
	if (seed != 0)
		tell(seed, truncating);
}

static void
every_line_arrives_and_repeats_are_owed_to_deaths(void **state)
{
	(void)state;
	tell_many(false);
}

static void
the_same_while_files_are_truncated(void **state)
{
	(void)state;
	tell_many(true);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_line_arrives_and_repeats_are_owed_to_deaths),
		cmocka_unit_test(the_same_while_files_are_truncated),
	};

	log_setup(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR,
	    LOG_STYLE_TEXT);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
