/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a log's copies, step by step: which file is whose copy, and
 * in which order they are read.
 */
#include "tail_world.h"

#include <zlib.h>

static int
set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

/* copytruncate's first half. */
static void
copy(const struct world *w, const char *from, const char *to)
{
	char bytes[8192];
	int fd = open(world_path(w, from), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	assert_in_range(n, 0, sizeof(bytes) - 1);
	assert_int_equal(close(fd), 0);
	world_put(w, to, bytes, (size_t)n);
}

static void
copytruncate(const struct world *w, const char *to)
{
	copy(w, "x.log", to);
	world_cut(w, "x.log", 0);
}

static void
assert_delivered(const struct world *w, const char *text)
{
	assert_int_equal(w->text_len, strlen(text));
	assert_memory_equal(w->text, text, w->text_len);
}

static void
copies_made_between_two_looks_are_read_in_order(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "one of the first\n");
	world_start(w);
	world_flow(w, 100);
	world_log(w, "x.log", "two of the first\n");
	copytruncate(w, "x.log.1");
	world_log(w, "x.log", "one of the second\n");
	world_rename(w, "x.log.1", "x.log.2");
	copytruncate(w, "x.log.1");
	world_log(w, "x.log", "one of the third\n");
	world_flow(w, 500);
	assert_delivered(w, "one of the first\ntwo of the first\n"
			    "one of the second\none of the third\n");
}

static void
holes_of_nul_prove_no_copy(void **state)
{
	struct world *w = *state;
	char nuls[4096] = { 0 };

	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 100);
	copytruncate(w, "x.log.1");
	world_put(w, "x.log", nuls, 2000);
	world_log(w, "x.log", "the second\n");
	world_rename(w, "x.log.1", "x.log.2");
	copytruncate(w, "x.log.1");
	world_put(w, "x.log", nuls, sizeof(nuls));
	world_log(w, "x.log", "the third\n");
	world_flow(w, 500);
	assert_delivered(w, "the first\nthe second\nthe third\n");
	assert_int_equal(w->stats[0].bytes_filtered, 2000 + sizeof(nuls));
	assert_int_equal(w->stats[0].bytes_lost, 0);
}

static void
a_hole_that_was_there_before_us_is_passed_over(void **state)
{
	struct world *w = *state;
	char nuls[4096] = { 0 };

	world_put(w, "x.log", nuls, sizeof(nuls));
	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 500);
	assert_delivered(w, "the first\n");
	assert_int_equal(w->stats[0].bytes_filtered, sizeof(nuls));
}

static void
a_hole_is_passed_over_after_a_restart_too(void **state)
{
	struct world *w = *state;
	char nuls[4096] = { 0 };

	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 100);
	copytruncate(w, "x.log.1");
	world_put(w, "x.log", nuls, sizeof(nuls));
	world_flow(w, 100);
	world_stop(w);
	world_put(w, "x.log", nuls, sizeof(nuls));
	world_log(w, "x.log", "the second\n");
	world_start(w);
	world_flow(w, 500);
	assert_delivered(w, "the first\nthe second\n");
	assert_int_equal(w->stats[0].bytes_lost, 0);
}

static void
a_hole_in_what_nothing_was_read_of_is_passed_over(void **state)
{
	struct world *w = *state;
	char nuls[4096] = { 0 };

	world_log(w, "x.log", "");
	world_start(w);
	world_flow(w, 100);
	world_log(w, "x.log", "the first\n");
	copytruncate(w, "x.log.1");
	world_put(w, "x.log", nuls, sizeof(nuls));
	world_log(w, "x.log", "the second\n");
	world_flow(w, 500);
	assert_delivered(w, "the first\nthe second\n");
}

/* A content that was seen and not read is read in its copy. */
static void
what_another_content_held_is_not_called_lost(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "");
	world_start(w);
	world_flow(w, 100);
	world_log(w, "x.log", "seen, not read, and quite long\n");
	w->tail->flows[0].starved = true;
	tail_turn(w->tail);
	copytruncate(w, "x.log.1");
	w->tail->flows[0].starved = false;
	world_log(w, "x.log", "short\n");
	world_flow(w, 500);
	copytruncate(w, "x.log.2");
	world_flow(w, 500);
	assert_int_equal(world_times(w, "short\n"), 1);
	assert_int_equal(w->stats[0].bytes_lost, 0);
}

static void
a_missed_rotation_does_not_wait_for_its_successors_first_line(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_flow(w, 100);
	world_log(w, "x.log", "missed\n");
	world_rename(w, "x.log", "x.log.1");
	world_log(w, "x.log", "");
	world_flow(w, 500);
	assert_delivered(w, "missed\n");
}

/* What the log says while `act` happens. Owned by the caller. */
static char *
world_said(struct world *w, void (*act)(struct world *w))
{
	FILE *to = tmpfile();
	int before = dup(STDERR_FILENO);
	char *text = mem_new_array(1, 65536);

	assert_non_null(to);
	assert_int_equal(dup2(fileno(to), STDERR_FILENO), STDERR_FILENO);
	act(w);
	assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(close(before), 0);
	rewind(to);
	text[fread(text, 1, 65535, to)] = '\0';
	assert_int_equal(fclose(to), 0);
	return text;
}

/* Compress it, as logrotate does. */
static void
squeeze(const struct world *w, const char *name)
{
	char bytes[8192], *to = mem_format("%s.gz", world_path(w, name));
	int fd = open(world_path(w, name), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));
	gzFile out = gzopen(to, "wb");
	struct timespec times[2] = { 0 };

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
what_came_and_was_compressed_between_two_looks_is_read(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 100);
	world_rename(w, "x.log", "x.log.2");
	world_log(w, "x.log", "the second\n");
	world_rename(w, "x.log", "x.log.1");
	squeeze(w, "x.log.2");
	squeeze(w, "x.log.1");
	world_log(w, "x.log", "the third\n");
	world_flow(w, 500);
	assert_int_equal(world_times(w, "the first\n"), 1);
	assert_int_equal(world_times(w, "the second\n"), 1);
	assert_int_equal(world_times(w, "the third\n"), 1);
	world_rename(w, "x.log.2.gz", "x.log.3.gz");
	world_rename(w, "x.log.1.gz", "x.log.2.gz");
	world_flow(w, 20000);
	world_rename(w, "x.log.3.gz", "x.log.4.gz");
	world_rename(w, "x.log.2.gz", "x.log.3.gz");
	world_flow(w, 20000);
	world_stop(w);
	world_start(w);
	world_flow(w, 500);
	assert_int_equal(
	    w->text_len, strlen("the first\nthe second\nthe third\n"));
	assert_int_equal(w->stats[0].bytes_lost, 0);
}

/* `lines` lines that begin with `word`, more than a head has bytes. */
static void
log_lines(const struct world *w, const char *word, int from, int to)
{
	for (int i = from; i < to; i++) {
		char *line = mem_format("%s %d of many\n", word, i);

		world_log(w, "x.log", line);
		free(line);
	}
}

static void
assert_each_once(const struct world *w, const char *word, int count)
{
	for (int i = 0; i < count; i++) {
		char *line = mem_format("%s %d of many\n", word, i);

		assert_int_equal(world_times(w, line), 1);
		free(line);
	}
}

static void
what_was_read_is_known_in_its_archive(void **state)
{
	struct world *w = *state;

	log_lines(w, "first", 0, 100);
	world_start(w);
	world_flow(w, 100);
	copytruncate(w, "x.log.1");
	squeeze(w, "x.log.1");
	log_lines(w, "second", 0, 100);
	world_flow(w, 500);
	world_rename(w, "x.log.1.gz", "x.log.2.gz");
	copytruncate(w, "x.log.1");
	squeeze(w, "x.log.1");
	log_lines(w, "third", 0, 100);
	world_flow(w, 500);
	world_rename(w, "x.log.2.gz", "x.log.3.gz");
	world_rename(w, "x.log.1.gz", "x.log.2.gz");
	world_flow(w, 500);
	assert_each_once(w, "first", 100);
	assert_each_once(w, "second", 100);
	assert_each_once(w, "third", 100);
	assert_int_equal(w->stats[0].bytes_lost, 0);
}

static void
little_that_was_read_is_known_in_its_archive(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 100);
	copytruncate(w, "x.log.1");
	squeeze(w, "x.log.1");
	world_log(w, "x.log", "the second\n");
	world_flow(w, 500);
	assert_delivered(w, "the first\nthe second\n");
}

/* The copy was out of sight while it was made and compressed. */
static void
an_archive_that_comes_late_is_read_from_where_we_were(void **state)
{
	struct world *w = *state;

	log_lines(w, "first", 0, 100);
	world_start(w);
	world_flow(w, 100);
	log_lines(w, "first", 100, 120);
	copytruncate(w, "hidden");
	log_lines(w, "second", 0, 100);
	world_flow(w, 500);
	squeeze(w, "hidden");
	world_rename(w, "hidden.gz", "x.log.1.gz");
	world_flow(w, 500);
	assert_each_once(w, "first", 120);
	assert_each_once(w, "second", 100);
}

/* Where names are shifted while we look for it, it may be passed over. */
static void
what_was_read_before_a_restart_is_known_in_an_archive_that_comes_late(
    void **state)
{
	struct world *w = *state;

	log_lines(w, "first", 0, 100);
	world_start(w);
	world_flow(w, 500);
	world_stop(w);
	copy(w, "x.log", "hidden");
	assert_int_equal(unlink(world_path(w, "x.log")), 0);
	log_lines(w, "second", 0, 100);
	world_start(w);
	world_flow(w, 100);
	squeeze(w, "hidden");
	world_rename(w, "hidden.gz", "x.log.1.gz");
	world_flow(w, 500);
	assert_each_once(w, "first", 100);
	assert_each_once(w, "second", 100);
	assert_int_equal(w->stats[0].bytes_lost, 0);
}

static void set_time(const struct world *w, const char *name, int64_t wall_ms);

/* While it waits to be complete nothing is noted that would hide it. */
static void
an_archive_that_was_waited_for_is_read_after_a_kill(void **state)
{
	struct world *w = *state;
	int64_t then;

	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 100);
	world_put(w, "x.log.1.gz", "\x1f\x8b\x08", 3);
	then = clock_wall_ms() + 1000; /* whole seconds */
	set_time(w, "x.log.1.gz", then);
	world_flow(w, 2000);
	world_log(w, "x.log", "the third\n");
	world_flow(w, 2000);
	world_write(w);
	world_kill(w);
	assert_int_equal(unlink(world_path(w, "x.log.1.gz")), 0);
	world_log(w, "x.log.1", "the second\n");
	squeeze(w, "x.log.1");
	set_time(w, "x.log.1.gz", then);
	world_start(w);
	world_flow(w, 500);
	assert_int_equal(world_times(w, "the first\n"), 1);
	assert_int_equal(world_times(w, "the second\n"), 1);
	assert_int_equal(world_times(w, "the third\n"), 1);
}

static void
the_same_content_made_twice_is_sent_twice(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "a job began\n");
	world_start(w);
	world_flow(w, 100);
	copytruncate(w, "x.log.1");
	squeeze(w, "x.log.1");
	world_flow(w, 500);
	world_rename(w, "x.log.1.gz", "x.log.2.gz");
	world_log(w, "x.log", "a job began\n");
	copytruncate(w, "x.log.1");
	squeeze(w, "x.log.1");
	world_log(w, "x.log", "a job ended\n");
	world_flow(w, 500);
	assert_int_equal(world_times(w, "a job began\n"), 2);
	assert_int_equal(world_times(w, "a job ended\n"), 1);
}

/* So few bytes may begin another content, too. */
static void
an_archive_that_only_begins_like_what_was_read_is_sent(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "the banner\n");
	world_start(w);
	world_flow(w, 100);
	world_cut(w, "x.log", 0);
	world_flow(w, 500);
	world_log(w, "hidden", "the banner\nand more\n");
	squeeze(w, "hidden");
	world_rename(w, "hidden.gz", "x.log.1.gz");
	world_flow(w, 500);
	assert_int_equal(world_times(w, "the banner\n"), 2);
	assert_int_equal(world_times(w, "and more\n"), 1);
}

static void
headers_are_left_out_in_archives_too(void **state)
{
	struct world *w = *state;

	w->flows[0].skip_headers = 2;
	world_log(w, "x.log", "head\nmore head\none\n");
	world_start(w);
	world_flow(w, 100);
	world_rename(w, "x.log", "x.log.2");
	world_log(w, "x.log", "head\nmore head\ntwo\n");
	world_rename(w, "x.log", "x.log.1");
	squeeze(w, "x.log.1");
	world_log(w, "x.log", "head\nmore head\nthree\n");
	world_flow(w, 500);
	assert_int_equal(world_times(w, "head"), 0);
	assert_int_equal(world_times(w, "two\n"), 1);
	assert_int_equal(w->text_len, strlen("one\ntwo\nthree\n"));
}

static void
a_loss_into_an_archive_that_we_cannot_read_says_so(void **state)
{
	struct world *w = *state;
	char *said;

	world_log(w, "x.log", "one\n");
	world_start(w);
	world_flow(w, 100);
	world_stop(w);
	world_log(w, "x.log", "two\n");
	world_rename(w, "x.log", "x.log.1");
	assert_int_equal(unlink(world_path(w, "x.log.1")), 0);
	world_log(w, "x.log.1.xz", "who knows");
	w->rows[0].size = 8;
	said = world_said(w, world_start);
	assert_non_null(strstr(said, "lost 4 bytes of [4, 8)"));
	assert_non_null(strstr(said, "x.log.1.xz"));
	assert_int_equal(w->stats[0].bytes_lost, 4);
	free(said);
}

static void
a_file_gone_before_a_look_is_counted(void **state)
{
	struct world *w = *state;

	world_log(w, "known.log", "known\n");
	world_start(w);
	world_flow(w, 100);
	world_log(w, "gone.log", "never seen\n");
	assert_int_equal(unlink(world_path(w, "gone.log")), 0);
	world_log(w, "moved.log", "seen elsewhere\n");
	world_rename(w, "moved.log", "moved.log.1");
	world_log(w, "empty.log", "");
	assert_int_equal(unlink(world_path(w, "empty.log")), 0);
	/* A file that we read is renamed, written to, and removed. */
	world_rename(w, "known.log", "known2.log");
	world_log(w, "known2.log", "more\n");
	assert_int_equal(unlink(world_path(w, "known2.log")), 0);
	world_log(w, "other", "nobody asked\n");
	assert_int_equal(unlink(world_path(w, "other")), 0);
	world_flow(w, 500);
	assert_int_equal(world_times(w, "seen elsewhere\n"), 1);
	assert_int_equal(world_times(w, "more\n"), 1);
	assert_int_equal(w->stats[0].files_unseen, 1);
}

/* Its events carry the last name that it had. */
static void
who_writes_to_a_removed_file_is_not_unseen(void **state)
{
	struct world *w = *state;
	int fd;

	free(w->flows[0].patterns[0]);
	w->flows[0].patterns[0] = mem_format("%s/x.log*", w->dir);
	world_log(w, "x.log", "one\n");
	fd = open(world_path(w, "x.log"), O_WRONLY | O_APPEND | O_CLOEXEC);
	world_start(w);
	world_flow(w, 100);
	world_rename(w, "x.log", "x.log.1");
	assert_int_equal(unlink(world_path(w, "x.log.1")), 0);
	world_log(w, "x.log", "another\n");
	world_flow(w, 100);
	assert_int_equal(write(fd, "two\n", 4), 4);
	world_flow(w, 500);
	assert_int_equal(close(fd), 0);
	assert_int_equal(world_times(w, "two\n"), 1);
	assert_int_equal(world_times(w, "another\n"), 1);
	assert_int_equal(w->stats[0].files_unseen, 0);
}

static void
set_time(const struct world *w, const char *name, int64_t wall_ms)
{
	struct timespec times[2] = { { .tv_sec = wall_ms / 1000 } };

	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, world_path(w, name), times, 0), 0);
}

static void
a_clock_set_back_hides_no_rotated_file(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "the first\n");
	world_start(w);
	world_flow(w, 100);
	hand.back = 3600 * 1000;
	world_flow(w, 100);
	world_rename(w, "x.log", "x.log.2");
	world_log(w, "x.log.1", "the second\n");
	set_time(w, "x.log.1", clock_wall_ms() + 1000);
	world_log(w, "x.log", "the third\n");
	world_flow(w, 500);
	hand.back = 0;
	assert_delivered(w, "the first\nthe second\nthe third\n");
}

static void
a_file_longer_than_its_likeness_is_read(void **state)
{
	struct world *w = *state;

	world_log(w, "x.log", "head\n");
	world_start(w);
	world_flow(w, 100);
	world_log(w, "x.log.1", "head\nand more\n");
	world_flow(w, 500);
	assert_int_equal(world_times(w, "and more\n"), 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(copies_made_between_two_looks_are_read_in_order),
		TEST(holes_of_nul_prove_no_copy),
		TEST(a_hole_that_was_there_before_us_is_passed_over),
		TEST(a_hole_is_passed_over_after_a_restart_too),
		TEST(a_hole_in_what_nothing_was_read_of_is_passed_over),
		TEST(what_another_content_held_is_not_called_lost),
		TEST(
		    a_missed_rotation_does_not_wait_for_its_successors_first_line),
		TEST(what_came_and_was_compressed_between_two_looks_is_read),
		TEST(what_was_read_is_known_in_its_archive),
		TEST(little_that_was_read_is_known_in_its_archive),
		TEST(an_archive_that_comes_late_is_read_from_where_we_were),
		TEST(
		    what_was_read_before_a_restart_is_known_in_an_archive_that_comes_late),
		TEST(an_archive_that_was_waited_for_is_read_after_a_kill),
		TEST(the_same_content_made_twice_is_sent_twice),
		TEST(an_archive_that_only_begins_like_what_was_read_is_sent),
		TEST(headers_are_left_out_in_archives_too),
		TEST(a_loss_into_an_archive_that_we_cannot_read_says_so),
		TEST(a_file_gone_before_a_look_is_counted),
		TEST(who_writes_to_a_removed_file_is_not_unseen),
		TEST(a_clock_set_back_hides_no_rotated_file),
		TEST(a_file_longer_than_its_likeness_is_read),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
