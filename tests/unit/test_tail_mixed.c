/* SPDX-License-Identifier: Apache-2.0
 *
 * A log that is both copied and renamed, by chance, while the agent looks,
 * looks away, or is down: every line arrives once, in the order in which they
 * were written.
 *
 * MIXED_SEED replays one seed, MIXED_RUNS sets how many are tried.
 */
#include "tail_world.h"

#include <time.h>

#define LINES   20000
#define NUMBERS 64 /* rotated files at most */
#define TEXT    512

struct story {
	struct world w;
	uint64_t dice;
	int count; /* lines begun */
	int last;  /* delivered last */
	uint8_t times[LINES];
	bool excused[LINES];
	bool strict; /* nothing was killed: once, and in order */
	bool renames, copies, loses;
	int content; /* the first line of what the log holds */
	bool seen;   /* the agent has met what the log holds */
	int fd;      /* the writer's */
	size_t owed;
	int rotations;
	bool verbose;
};

static struct story *story;

static uint64_t
roll(struct story *s, uint64_t n)
{
	s->dice ^= s->dice >> 12;
	s->dice ^= s->dice << 25;
	s->dice ^= s->dice >> 27;
	return (s->dice * UINT64_C(0x2545f4914f6cdd1d) >> 11) % n;
}

static void
tell(const struct story *s, const char *what, long a, long b)
{
	if (s->verbose)
		print_message("  %s %ld %ld\n", what, a, b);
}

static void
on_delivered(struct world *w, const struct batch *b, struct span line)
{
	char digits[8] = { 0 };
	int n;

	(void)w, (void)b;
	if (line.len < 9 || line.at[0] != 'L')
		fail_msg("a strange line after line %d: '%.*s'", story->last,
		    (int)line.len, (const char *)line.at);
	memcpy(digits, line.at + 1, 7);
	n = (int)strtol(digits, NULL, 10);
	assert_in_range(n, 0, story->count - 1);
	story->times[n]++;
	if (story->strict && story->times[n] > 1)
		fail_msg("line %d is delivered again", n);
	if (story->strict && n < story->last)
		fail_msg("line %d comes after line %d", n, story->last);
	story->last = n;
}

static void
open_log(struct story *s)
{
	s->fd = open(world_path(&s->w, "x.log"),
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	assert_true(s->fd >= 0);
}

static void
finish_line(struct story *s)
{
	char rest[TEXT];

	if (s->owed == 0)
		return;
	memset(rest, 'z', s->owed);
	rest[s->owed - 1] = '\n';
	assert_int_equal(write(s->fd, rest, s->owed), s->owed);
	s->owed = 0;
}

static void
put_line(struct story *s, bool torn)
{
	char text[TEXT];
	size_t len = 10 + roll(s, 200), owed = torn ? 1 + roll(s, len - 9) : 0;

	assert_true(s->count < LINES);
	memset(text, 'x', len);
	(void)snprintf(text, sizeof(text), "L%07d", s->count++);
	text[8] = ' ';
	text[len - 1] = '\n';
	assert_int_equal(write(s->fd, text, len - owed), len - owed);
	s->owed = owed;
}

static void
write_some(struct story *s)
{
	uint64_t n = roll(s, 8) == 0 ? 200 : roll(s, 12);

	tell(s, "write, from line", s->count, (long)n);
	finish_line(s);
	while (n-- > 0 && s->count < LINES - 1)
		put_line(s, false);
	if (roll(s, 4) == 0 && s->count < LINES)
		put_line(s, true);
}

static void
look(struct story *s, uint64_t most_ms)
{
	uint64_t ms = roll(s, most_ms);

	tell(s, "pass", (long)ms, 0);
	world_flow(&s->w, (int64_t)ms);
	/* Of an unfinished line nothing is remembered. */
	s->seen = s->seen ||
		  (ms > 5 && s->count > s->content + (s->owed > 0 ? 1 : 0));
}

/* Something of it may be seen before what comes next. */
static void
maybe_pass(struct story *s)
{
	if (s->w.tail != NULL && roll(s, 2) == 0)
		look(s, 20);
}

/* Wait until files are written at another time: rotations are that far apart,
 * and what was written last tells their order. */
static void
tick(void)
{
	struct timespec then, now;

	assert_int_equal(clock_gettime(CLOCK_REALTIME_COARSE, &then), 0);
	do {
		assert_int_equal(clock_gettime(CLOCK_REALTIME_COARSE, &now), 0);
	} while (now.tv_sec == then.tv_sec &&
		 now.tv_nsec / 1000000 == then.tv_nsec / 1000000);
}

static void
name_of(char out[static 48], int n)
{
	(void)snprintf(out, 48, n > 0 ? "x.log.%d" : "x.log", n);
}

/* Shift what is there, so that x.log.1 is free. */
static void
make_way(struct story *s)
{
	char from[48], to[48];
	int last = 1;

	for (;; last++) {
		name_of(from, last);
		if (access(world_path(&s->w, from), F_OK) != 0)
			break;
	}
	while (--last > 0) {
		name_of(from, last);
		name_of(to, last + 1);
		world_rename(&s->w, from, to);
		if (roll(s, 4) == 0)
			maybe_pass(s);
	}
}

static void
rename_it(struct story *s)
{
	char to[48];

	make_way(s);
	(void)snprintf(to, sizeof(to), "x.log.%d", 1);
	tell(s, "rename", s->rotations, 0);
	world_rename(&s->w, "x.log", to);
	maybe_pass(s);
	if (roll(s, 3) == 0)
		write_some(s);
	finish_line(s);
	assert_int_equal(close(s->fd), 0);
	open_log(s);
	s->content = s->count;
	s->seen = false;
	maybe_pass(s);
}

/* Copy it, with pauses. */
static void
copy_it(struct story *s)
{
	char part[4096];
	int in = open(world_path(&s->w, "x.log"), O_RDONLY | O_CLOEXEC);
	int out;
	ssize_t n;

	make_way(s);
	tell(s, "copy", s->rotations, 0);
	out = open(world_path(&s->w, "x.log.1"),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, part, sizeof(part))) > 0) {
		assert_int_equal(write(out, part, (size_t)n), n);
		if (roll(s, 4) == 0)
			maybe_pass(s);
	}
	assert_int_equal(close(in), 0);
	assert_int_equal(close(out), 0);
	maybe_pass(s);
}

static void
copytruncate(struct story *s)
{
	bool loses = s->loses && s->w.tail != NULL && roll(s, 2) == 0;
	int from;

	finish_line(s);
	copy_it(s);
	from = s->count;
	/* What such a copy is can only be told by who sees it being made. */
	if (loses) {
		look(s, 20);
		write_some(s);
		finish_line(s);
	}
	maybe_pass(s);
	for (int i = from; i < s->count; i++)
		s->excused[i] = true;
	tell(s, "truncate, excused", from, s->count);
	tick();
	world_cut(&s->w, "x.log", 0);
	if (loses)
		look(s, 20);
	s->content = s->count;
	s->seen = false;
	maybe_pass(s);
}

static void
rotate(struct story *s)
{
	if (s->rotations++ >= NUMBERS)
		return;
	tick();
	if (s->copies && (!s->renames || roll(s, 2) == 0)) {
		/* Two copies of what nobody met could as well be two files
		 * that are alike. */
		if (s->seen && roll(s, 3) == 0)
			copy_it(s);
		else
			copytruncate(s);
		return;
	}
	rename_it(s);
}

static void
happen(struct story *s)
{
	if (roll(s, 3) == 0)
		rotate(s);
	else
		write_some(s);
}

static void
look_away(struct story *s)
{
	tell(s, "look away", 0, 0);
	for (uint64_t n = 2 + roll(s, 6); n > 0; n--) {
		struct tail *t = s->w.tail;

		s->w.tail = NULL;
		happen(s);
		s->w.tail = t;
	}
	tell(s, "look", 0, 0);
}

static void
be_down(struct story *s)
{
	tell(s, "stop", 0, 0);
	world_stop(&s->w);
	for (uint64_t n = roll(s, 6); n > 0; n--)
		happen(s);
	tell(s, "start", 0, 0);
	world_start(&s->w);
}

static void
die(struct story *s)
{
	tell(s, "kill", 0, 0);
	world_collect(&s->w);
	for (uint64_t n = roll(s, 4); n > 0 && !list_empty(&s->w.notices); n--)
		world_write_one(&s->w);
	world_kill(&s->w);
	for (uint64_t n = roll(s, 6); n > 0; n--)
		happen(s);
	tell(s, "start", 0, 0);
	world_start(&s->w);
}

static void
act(struct story *s)
{
	uint64_t what = roll(s, 100);

	if (what < 30)
		write_some(s);
	else if (what < 60)
		look(s, 40);
	else if (what < 62)
		look(s, 12000);
	else if (what < 80)
		rotate(s);
	else if (what < 85)
		world_write(&s->w);
	else if (what < 92)
		look_away(s);
	else if (what < 98 || s->strict)
		be_down(s);
	else
		die(s);
}

static void
end(struct story *s)
{
	finish_line(s);
	for (int i = 0; i < 60; i++)
		world_flow(&s->w, i < 20 ? 10 : 1000);
	for (int i = 0; i < s->count; i++)
		if (s->times[i] == 0 && !s->excused[i])
			fail_msg("line %d of %d never came", i, s->count);
}

static void
play(uint64_t seed, bool strict)
{
	struct story *s = mem_new(sizeof(*s));

	story = s;
	s->verbose = getenv("VERBOSE") != NULL;
	if (getenv("MIXED_RUNS") != NULL || s->verbose)
		print_message("seed %ju\n", (uintmax_t)seed);
	s->dice = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	s->strict = strict;
	s->last = -1;
	world_init(&s->w);
	s->w.delivered = on_delivered;
	s->copies = roll(s, 8) > 0;
	s->renames = !s->copies || roll(s, 4) > 0;
	s->loses = roll(s, 3) == 0;
	if (roll(s, 2) == 0) {
		free(s->w.flows[0].patterns[0]);
		s->w.flows[0].patterns[0] = mem_format("%s/x.log*", s->w.dir);
	}
	s->w.flows[0].max_records = roll(s, 3) ? 500 : 7;
	open_log(s);
	world_start(&s->w);
	for (int i = 0; i < 60; i++)
		act(s);
	end(s);
	world_stop(&s->w);
	assert_int_equal(close(s->fd), 0);
	world_fini(&s->w);
	free(s);
}

static uint64_t
number(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : fallback;
}

static void
play_many(bool strict)
{
	uint64_t seed = number("MIXED_SEED", 0);
	uint64_t runs = number("MIXED_RUNS", 8);

	for (uint64_t i = 1; seed == 0 && i <= runs; i++)
		play(i, strict);
	if (seed != 0)
		play(seed, strict);
}

static void
copies_and_renames_are_told_apart(void **state)
{
	(void)state;
	play_many(true);
}

static void
and_nothing_is_lost_when_the_agent_is_killed(void **state)
{
	(void)state;
	play_many(false);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_and_renames_are_told_apart),
		cmocka_unit_test(and_nothing_is_lost_when_the_agent_is_killed),
	};

	log_setup(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR,
	    LOG_STYLE_TEXT);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
