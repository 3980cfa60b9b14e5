/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever happens to a log, it may happen between any two looks at it. So
 * each is played once for every moment: before the first, the second, and so
 * on of the system calls by which the tail learns of files (statx, pread),
 * until there are no more of them.
 *
 * The linker puts __wrap_statx and so on before the real ones.
 */
#include "tail_world.h"

#include <sys/stat.h>

#include <zlib.h>

#define LINES    40
#define CALLS    120 /* more looks than there are */
#define SETTLING 300 /* milliseconds */

/* What happens, and before which of the looks. */
static struct {
	struct world *w;
	void (*act)(struct world *w);
	int left; /* looks until then; 0: it happened, or is not to */
} fate;

static void
strike(void)
{
	if (fate.left == 0 || --fate.left > 0)
		return;
	fate.act(fate.w);
}

int __real_statx(
    int dir, const char *path, int flags, unsigned mask, struct statx *out);
ssize_t __real_pread(int fd, void *into, size_t len, off_t at);
ssize_t __real___pread_chk(
    int fd, void *into, size_t len, off_t at, size_t room);

int __wrap_statx(
    int dir, const char *path, int flags, unsigned mask, struct statx *out);
ssize_t __wrap_pread(int fd, void *into, size_t len, off_t at);
ssize_t __wrap___pread_chk(
    int fd, void *into, size_t len, off_t at, size_t room);

int
__wrap_statx(
    int dir, const char *path, int flags, unsigned mask, struct statx *out)
{
	strike();
	return __real_statx(dir, path, flags, mask, out);
}

ssize_t
__wrap_pread(int fd, void *into, size_t len, off_t at)
{
	strike();
	return __real_pread(fd, into, len, at);
}

ssize_t
__wrap___pread_chk(int fd, void *into, size_t len, off_t at, size_t room)
{
	strike();
	return __real___pread_chk(fd, into, len, at, room);
}

/* ---- What a log is written, and what becomes of it ---- */

static int generation; /* of the log: the one being written */

static char *
line_of(int which, int i)
{
	return mem_format("%d.%d of many such lines\n", which, i);
}

static void
write_lines(const struct world *w, int from, int to)
{
	for (int i = from; i < to; i++) {
		char *line = line_of(generation, i);

		world_log(w, "x.log", line);
		free(line);
	}
}

static void
write_next(const struct world *w)
{
	generation++;
	write_lines(w, 0, LINES);
}

static void
copy(const struct world *w, const char *from, const char *to)
{
	char bytes[16384];
	int fd = open(world_path(w, from), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	assert_in_range(n, 0, sizeof(bytes) - 1);
	assert_int_equal(close(fd), 0);
	world_put(w, to, bytes, (size_t)n);
}

static void
squeeze(const struct world *w, const char *name)
{
	char bytes[16384], *to = mem_format("%s.gz", world_path(w, name));
	int fd = open(world_path(w, name), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));
	struct timespec times[2] = { 0 };
	gzFile out = gzopen(to, "wb");

	assert_in_range(n, 1, sizeof(bytes) - 1);
	assert_int_equal(gzwrite(out, bytes, (unsigned)n), n);
	assert_int_equal(gzclose(out), Z_OK);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(world_path(w, name)), 0);
	/* The world's time, not the machine's. */
	times[0].tv_sec = times[1].tv_sec = clock_wall_ms() / 1000;
	assert_int_equal(utimensat(AT_FDCWD, to, times, 0), 0);
	free(to);
}

static void
truncates(struct world *w)
{
	world_cut(w, "x.log", 0);
	write_next(w);
}

/* A writer that does not append goes on where it was. */
static void
truncates_below_its_writer(struct world *w)
{
	struct stat st;

	assert_int_equal(stat(world_path(w, "x.log"), &st), 0);
	world_cut(w, "x.log", 0);
	world_cut(w, "x.log", st.st_size);
	write_next(w);
}

static void
renames(struct world *w)
{
	world_rename(w, "x.log", "x.log.1");
	write_next(w);
}

static void
renames_and_compresses(struct world *w)
{
	renames(w);
	squeeze(w, "x.log.1");
}

static void
copies_and_truncates(struct world *w)
{
	copy(w, "x.log", "x.log.1");
	truncates(w);
}

static void
copies_truncates_and_compresses(struct world *w)
{
	copies_and_truncates(w);
	squeeze(w, "x.log.1");
}

static void
compresses(struct world *w)
{
	squeeze(w, "x.log.1");
}

static void
shifts(struct world *w)
{
	world_rename(w, "x.log.1", "x.log.2");
	renames(w);
}

static void
shifts_and_compresses(struct world *w)
{
	shifts(w);
	squeeze(w, "x.log.2");
}

static void
shifts_copies(struct world *w)
{
	world_rename(w, "x.log.1", "x.log.2");
	copies_and_truncates(w);
}

static void
shifts_and_compresses_copies(struct world *w)
{
	shifts_copies(w);
	squeeze(w, "x.log.2");
}

/* What nobody has opened since is truncated again, beside a copy of it. */
static void
copies_and_truncates_below_its_writer(struct world *w)
{
	copy(w, "x.log", "x.log.1");
	truncates_below_its_writer(w);
}

static void
truncates_below_its_writer_again(struct world *w)
{
	world_rename(w, "x.log.1", "x.log.2");
	copies_and_truncates_below_its_writer(w);
}

static void
renames_into_a_directory(struct world *w)
{
	(void)mkdir(world_path(w, "old"), 0755);
	world_rename(w, "x.log", "old/x.log.1");
	write_next(w);
}

static void
compresses_in_a_directory(struct world *w)
{
	squeeze(w, "old/x.log.1");
}

struct story {
	const char *name;
	void (*before)(struct world *w); /* or NULL; seen at once with it */
	void (*act)(struct world *w);
};

static void
makes_a_copy(struct world *w)
{
	copy(w, "x.log", "x.log.1");
}

static const struct story stories[] = {
	{ .name = "truncated beside its copy",
	    .before = makes_a_copy,
	    .act = truncates },
	{ .name = "truncated below its writer, beside its copy",
	    .before = makes_a_copy,
	    .act = truncates_below_its_writer },
	{ .name = "renamed", .act = renames },
	{ .name = "renamed and compressed", .act = renames_and_compresses },
	{ .name = "copied and truncated", .act = copies_and_truncates },
	{ .name = "copied, truncated and compressed",
	    .act = copies_truncates_and_compresses },
	{ .name = "compressed after it was renamed",
	    .before = renames,
	    .act = compresses },
	{ .name = "compressed after it was copied",
	    .before = copies_and_truncates,
	    .act = compresses },
	{ .name = "shifted after it was renamed",
	    .before = renames,
	    .act = shifts },
	{ .name = "shifted and compressed after it was renamed",
	    .before = renames,
	    .act = shifts_and_compresses },
	{ .name = "shifted after it was copied",
	    .before = copies_and_truncates,
	    .act = shifts_copies },
	{ .name = "shifted and compressed after it was copied",
	    .before = copies_and_truncates,
	    .act = shifts_and_compresses_copies },
	{ .name = "truncated below its writer twice, beside its copies",
	    .before = copies_and_truncates_below_its_writer,
	    .act = truncates_below_its_writer_again },
	{ .name = "truncated below its writer, then by one who appends",
	    .before = copies_and_truncates_below_its_writer,
	    .act = shifts_copies },
	{ .name = "renamed into a directory", .act = renames_into_a_directory },
	{ .name = "compressed in a directory",
	    .before = renames_into_a_directory,
	    .act = compresses_in_a_directory },
};

/* ---- One life for each moment ---- */

/* Every line once, and nothing said to be lost. */
static bool
is_good(const struct world *w)
{
	bool good = w->stats[0].files_unseen == 0 &&
		    w->stats[0].bytes_lost == 0 &&
		    memchr(w->text, '\0', w->text_len) == NULL;

	for (int i = 0; good && i < generation * LINES; i++) {
		char *line = line_of(1 + i / LINES, i % LINES);

		good = world_times(w, line) == 1;
		free(line);
	}
	return good;
}

static int wrong; /* moments */

/* Answers whether there is such a moment at all. */
static bool
play(const struct story *s, const char *pattern, bool more, int moment)
{
	struct world *w = mem_new(sizeof(*w));
	bool came;

	world_init(w);
	free(w->flows[0].patterns[0]);
	w->flows[0].patterns[0] = mem_format("%s/%s", w->dir, pattern);
	generation = 1;
	write_lines(w, 0, LINES / 2);
	world_start(w);
	world_flow(w, 50);
	/* Something of it unread, or nothing. */
	write_lines(w, LINES / 2, LINES);
	if (!more)
		world_flow(w, 50);
	if (s->before != NULL)
		s->before(w);
	fate.w = w;
	fate.act = s->act;
	fate.left = moment;
	world_flow(w, SETTLING);
	came = fate.left == 0;
	fate.left = 0;
	world_flow(w, SETTLING);
	if (came && !is_good(w)) {
		print_error("%s, pattern %s, %s, before look %d: delivered %zu "
			    "bytes, %llu said to be lost, %llu unseen\n",
		    s->name, pattern, more ? "not all read" : "all read",
		    moment, w->text_len,
		    (unsigned long long)w->stats[0].bytes_lost,
		    (unsigned long long)w->stats[0].files_unseen);
		wrong++;
	}
	world_fini(w);
	free(w);
	return came;
}

static void
whatever_happens_may_happen_at_any_moment(void **state)
{
	static const char *const patterns[] = { "x.log", "x.log*" };

	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		for (int p = 0; p < 4; p++) {
			int moment = 1;

			while (
			    moment < CALLS &&
			    play(&stories[i], patterns[p % 2], p >= 2, moment))
				moment++;
			print_message("%s, %s: %d moments\n", stories[i].name,
			    patterns[p % 2], moment - 1);
		}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_may_happen_at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
