/* SPDX-License-Identifier: Apache-2.0
 *
 * What the Java agent's own tests ask of its tailing, asked of ours: each test
 * bears the number of its row in the list of them, and what is promised here
 * instead where that is more. Played with the whole tail and a clock moved by
 * hand; test_java_rows.py plays those that need a process or a database.
 *
 * Of the rows on files, rotation, parsing, tailing and checkpoints (28 to 74,
 * 103 to 117) these say nothing here:
 *
 *   51       its tracker's inconsistent state: there is no such state
 *   53       its test's own rotators
 *   65, 67   multi-line records: a matter of the framing's tests
 *   66, 68   dataProcessingOptions: a matter of the parsers' tests
 *   71 - 73  Firehose aggregation: a matter of the record writers' tests
 *   74       helpers around Java's ByteBuffer
 *   109      endurance: test_rotation_matrix.py, explore.py
 */
#include "tail_world.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tail/who.h"

#define DAY_MS  INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

/* How the log is rotated. */
enum way {
	RENAME,  /* to app.log.1, and created anew */
	CREATE,  /* a new name for every file */
	COPY,    /* to app.log.1; it goes on */
	TRUNCATE /* copied to app.log.1, and cut */
};

#define ALL_WAYS 4

/* A log that is written, rotated and accounted for. */
struct story {
	struct world w;
	enum way way;
	char live[32]; /* the name that is written to */
	unsigned files, lines;
};

static void
follow(struct world *w, size_t flow, const char *glob)
{
	free(w->flows[flow].patterns[0]);
	w->flows[flow].patterns[0] = mem_format("%s/%s", w->dir, glob);
}

static void
begin(struct story *s, enum way way)
{
	memset(s, 0, sizeof(*s));
	world_init(&s->w);
	s->way = way;
	(void)snprintf(s->live, sizeof(s->live), "%s",
	    way == CREATE ? "app.log.2026-11-10" : "app.log");
	follow(&s->w, 0, "app.log*");
}

static void
end(struct story *s)
{
	world_fini(&s->w);
}

static void
say(struct story *s, unsigned count)
{
	char line[32];

	while (count-- > 0) {
		(void)snprintf(line, sizeof(line), "<line %u>\n", ++s->lines);
		world_log(&s->w, s->live, line);
	}
}

/* Every line arrived once, in the order of writing. */
static void
assert_balanced(const struct story *s)
{
	const char *at = s->w.text;
	char line[32];

	for (unsigned i = 1; i <= s->lines; i++) {
		(void)snprintf(line, sizeof(line), "<line %u>\n", i);
		if (strncmp(at, line, strlen(line)) != 0)
			fail_msg(
			    "way %d: %s expected at: %.40s", s->way, line, at);
		at += strlen(line);
	}
	assert_string_equal(at, "");
	assert_int_equal(stats_get(&s->w.stats[0].bytes_lost), 0);
}

static void
flow_and_balance(struct story *s)
{
	world_flow(&s->w, 50);
	assert_balanced(s);
}

static void
copy_file(const struct world *w, const char *from, const char *to)
{
	char bytes[4096];
	int fd = open(world_path(w, from), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		world_put(w, to, bytes, (size_t)n);
	assert_int_equal(close(fd), 0);
}

/* When a file made now would be born. */
static int64_t
birth_now(void)
{
	char path[] = "/tmp/java-rows-XXXXXX";
	int fd = mkstemp(path);
	struct who who;

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(who_is_open(fd, &who), 0);
	assert_int_equal(close(fd), 0);
	return who.id.birth_ns;
}

/* Of files that are born in the same tick of the kernel's clock nothing but
 * their names tells which is the elder. */
static void
await_tick(void)
{
	int64_t before = birth_now();

	while (birth_now() == before)
		(void)poll(NULL, 0, 1);
}

static void
make_way(const struct story *s)
{
	char from[32], to[32];

	for (unsigned n = s->files; n > 0; n--) {
		(void)snprintf(from, sizeof(from), "app.log.%u", n);
		(void)snprintf(to, sizeof(to), "app.log.%u", n + 1);
		world_rename(&s->w, from, to);
	}
}

static void
rotate(struct story *s)
{
	await_tick();
	if (s->way == CREATE) {
		(void)snprintf(s->live, sizeof(s->live), "app.log.2026-11-%u",
		    10 + ++s->files);
		return;
	}
	make_way(s);
	s->files++;
	if (s->way == RENAME) {
		world_rename(&s->w, "app.log", "app.log.1");
		return;
	}
	copy_file(&s->w, "app.log", "app.log.1");
	if (s->way == TRUNCATE)
		world_cut(&s->w, "app.log", 0);
}

static const struct checkpoint *
row_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->row_count; i++)
		if (strcmp(w->rows[i].path, world_path(w, name)) == 0)
			return &w->rows[i];
	return NULL;
}

/* A life that does not count the files of the one before. */
static void
start_again(struct story *s)
{
	struct flow_stats *stats = &s->w.stats[0];

	stats_add(&stats->files, -stats_get(&stats->files));
	world_start(&s->w);
}

static void
remove_file(const struct world *w, const char *name)
{
	assert_int_equal(unlink(world_path(w, name)), 0);
}

/* ---- Files ---- */

static void
row_28_a_pattern_is_a_directory_and_a_name(void **state)
{
	static const char *const globs[] = { "app.log", "app.log*", "*",
		"sub/*.log", "s?b/x.log" };

	(void)state;
	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		struct story s;

		begin(&s, RENAME);
		follow(&s.w, 0, globs[i]);
		assert_int_equal(mkdir(world_path(&s.w, "sub"), 0755), 0);
		world_log(&s.w, i < 3 ? "app.log" : "sub/x.log", "found\n");
		world_log(&s.w, "sub/.hidden", "not looked for\n");
		world_start(&s.w);
		world_flow(&s.w, 50);
		assert_string_equal(s.w.text, "found\n");
		end(&s);
	}
}

static void
row_30_what_matches_is_followed_and_archives_are_not(void **state)
{
	static const char *const all[] = { "app.log", "app.log.1", "app.log.2",
		"app.log.3", "app.log.4", "other.log", "app.log.5.gz",
		"app.log.6.zip" };
	struct story s;

	(void)state;
	begin(&s, RENAME);
	for (size_t i = 0; i < 8; i++) {
		world_log(&s.w, all[i], all[i]);
		world_log(&s.w, all[i], ";\n");
	}
	world_start(&s.w);
	world_flow(&s.w, 50);
	for (size_t i = 0; i < 5; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "%s;\n", all[i]);
		assert_int_equal(world_times(&s.w, line), 1);
	}
	assert_int_equal(stats_get(&s.w.stats[0].records_delivered), 5);
	end(&s);
	begin(&s, RENAME);
	follow(&s.w, 0, "app[01][123456789].log");
	world_log(&s.w, "app01.log", "a\n");
	world_log(&s.w, "app10.log", "b\n");
	world_log(&s.w, "app19.log", "c\n");
	world_log(&s.w, "app21.log", "d\n");
	world_start(&s.w);
	world_flow(&s.w, 50);
	assert_int_equal(stats_get(&s.w.stats[0].files), 2);
	assert_int_equal(world_times(&s.w, "a\n"), 1);
	assert_int_equal(world_times(&s.w, "c\n"), 1);
	end(&s);
}

static void
row_31_no_directory_and_no_match_are_no_files(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	follow(&s.w, 0, "none/app.log*");
	world_start(&s.w);
	world_flow(&s.w, 2000);
	assert_int_equal(stats_get(&s.w.stats[0].files), 0);
	assert_int_equal(mkdir(world_path(&s.w, "none"), 0755), 0);
	world_log(&s.w, "none/other", "no\n");
	world_flow(&s.w, 2000);
	assert_int_equal(stats_get(&s.w.stats[0].files), 0);
	world_log(&s.w, "none/app.log", "yes\n");
	world_flow(&s.w, 50);
	assert_string_equal(s.w.text, "yes\n");
	end(&s);
}

static void
touch(const struct world *w, const char *name, time_t seconds)
{
	struct timespec times[2] = { { .tv_sec = seconds },
		{ .tv_sec = seconds } };

	assert_int_equal(utimensat(AT_FDCWD, world_path(w, name), times, 0), 0);
}

static void
row_32_a_file_stays_who_it_is_whatever_its_times_say(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	world_start(&s.w);
	flow_and_balance(&s);
	touch(&s.w, "app.log", 1);
	flow_and_balance(&s);
	touch(&s.w, "app.log", 2000000000);
	say(&s, 1);
	flow_and_balance(&s);
	world_stop(&s.w);
	touch(&s.w, "app.log", 1000000000);
	world_start(&s.w);
	say(&s, 1);
	flow_and_balance(&s);
	end(&s);
}

static void
row_33_an_offset_moves_with_what_is_read(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_log(&s.w, "app.log", "0123456789\n");
	world_start(&s.w);
	world_flow(&s.w, 200);
	world_write(&s.w);
	assert_int_equal(row_of(&s.w, "app.log")->committed, 11);
	world_log(&s.w, "app.log", "abc\nde");
	world_flow(&s.w, 200);
	world_write(&s.w);
	assert_int_equal(row_of(&s.w, "app.log")->committed, 15);
	assert_int_equal(row_of(&s.w, "app.log")->size, 17);
	end(&s);
}

/* ---- Rotation ---- */

static void
row_34_a_rotated_file_is_known_under_its_new_name(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 5);
	world_start(&s.w);
	flow_and_balance(&s);
	rotate(&s);
	say(&s, 5);
	flow_and_balance(&s);
	world_flow(&s.w, 300);
	world_write(&s.w);
	assert_int_equal(s.w.row_count, 2);
	assert_non_null(row_of(&s.w, "app.log.1"));
	assert_non_null(row_of(&s.w, "app.log"));
	end(&s);
}

static void
row_35_growing_and_losing_the_oldest_is_no_rotation(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	for (int i = 0; i < 3; i++) {
		say(&s, 2);
		rotate(&s);
	}
	say(&s, 2);
	world_start(&s.w);
	flow_and_balance(&s);
	for (int i = 0; i < 10; i++) {
		say(&s, 1);
		flow_and_balance(&s);
	}
	remove_file(&s.w, "app.log.3");
	flow_and_balance(&s);
	say(&s, 1);
	flow_and_balance(&s);
	end(&s);
}

static void
row_36_what_comes_after_a_rotation_is_read_from_0(void **state)
{
	(void)state;
	for (int way = 0; way < ALL_WAYS; way++) {
		struct story s;

		begin(&s, (enum way)way);
		say(&s, 3);
		world_start(&s.w);
		flow_and_balance(&s);
		for (int i = 0; i < 3; i++) {
			rotate(&s);
			say(&s, 3);
			flow_and_balance(&s);
		}
		end(&s);
	}
}

static void
row_37_when_all_files_are_gone_new_ones_are_read(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	rotate(&s);
	say(&s, 3);
	world_start(&s.w);
	flow_and_balance(&s);
	remove_file(&s.w, "app.log.1");
	flow_and_balance(&s);
	remove_file(&s.w, "app.log");
	world_flow(&s.w, 15000);
	assert_int_equal(stats_get(&s.w.stats[0].files), 0);
	say(&s, 3);
	flow_and_balance(&s);
	end(&s);
}

static void
row_38_a_truncation_is_known_and_so_is_its_copy(void **state)
{
	(void)state;
	for (int rotations = 0; rotations <= 3; rotations++) {
		struct story s;

		begin(&s, TRUNCATE);
		say(&s, 5);
		world_start(&s.w);
		flow_and_balance(&s);
		/* These stand in a copy before they are read. */
		say(&s, 5);
		for (int i = 0; i < rotations; i++) {
			rotate(&s);
			say(&s, (unsigned)i + 1);
		}
		flow_and_balance(&s);
		end(&s);
	}
}

static void
row_39_without_a_checkpoint_every_file_is_read_the_eldest_first(void **state)
{
	(void)state;
	for (int way = 0; way < ALL_WAYS; way++) {
		struct story s;

		/* Copies of one another are told apart by what follows. */
		if (way == COPY)
			continue;
		begin(&s, (enum way)way);
		for (int i = 0; i < 4; i++) {
			say(&s, 3);
			rotate(&s);
		}
		say(&s, 3);
		world_start(&s.w);
		flow_and_balance(&s);
		end(&s);
	}
}

static void
row_40_a_checkpoint_is_where_it_goes_on(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 5);
	world_start(&s.w);
	flow_and_balance(&s);
	for (int i = 0; i < 3; i++) {
		world_stop(&s.w);
		say(&s, 2);
		world_start(&s.w);
		flow_and_balance(&s);
	}
	end(&s);
}

static void
row_41_after_rotations_the_checkpoint_holds_for_the_same_content(void **state)
{
	(void)state;
	for (int way = 0; way < ALL_WAYS; way++)
		for (int rotations = 1; rotations <= 5; rotations++) {
			struct story s;

			/* A copy and what it was copied from, both unread:
			 * which of them is it? See test_copied_while_down. */
			if (way == COPY || (way == TRUNCATE && rotations > 1))
				continue;
			begin(&s, (enum way)way);
			say(&s, 5);
			world_start(&s.w);
			flow_and_balance(&s);
			world_stop(&s.w);
			say(&s, 5);
			for (int i = 0; i < rotations; i++) {
				rotate(&s);
				say(&s, 3);
			}
			world_start(&s.w);
			flow_and_balance(&s);
			end(&s);
		}
}

static void
row_42_a_file_that_is_gone_is_told_and_another_is_read(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_log(&s.w, "app.log", "delivered\n");
	world_start(&s.w);
	world_flow(&s.w, 50);
	world_log(&s.w, "app.log", "on its way\n");
	world_pass(&s.w, 50);
	world_kill(&s.w);
	remove_file(&s.w, "app.log");
	world_log(&s.w, "app.log.x", "new\n");
	world_start(&s.w);
	world_flow(&s.w, 50);
	assert_string_equal(s.w.text, "delivered\nnew\n");
	world_stop(&s.w);
	assert_int_equal(s.w.row_count, 1);
	end(&s);
}

static void
row_43_a_file_that_is_gone_and_no_other_is_silence(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 5);
	world_start(&s.w);
	flow_and_balance(&s);
	world_stop(&s.w);
	remove_file(&s.w, "app.log");
	start_again(&s);
	world_flow(&s.w, 2000);
	assert_balanced(&s);
	assert_int_equal(stats_get(&s.w.stats[0].files), 0);
	end(&s);
}

static void
row_44_looking_again_changes_nothing(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	rotate(&s);
	say(&s, 3);
	world_start(&s.w);
	world_flow(&s.w, 60000);
	assert_balanced(&s);
	say(&s, 1);
	world_flow(&s.w, 60000);
	assert_balanced(&s);
	end(&s);
}

static void
row_45_looking_again_where_nothing_is_finds_nothing(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_start(&s.w);
	world_flow(&s.w, 60000);
	assert_int_equal(stats_get(&s.w.stats[0].files), 0);
	assert_int_equal(stats_get(&s.w.stats[0].records_delivered), 0);
	end(&s);
}

static void
row_46_a_half_read_file_goes_on_after_its_rotation(void **state)
{
	(void)state;
	for (int way = 0; way < ALL_WAYS; way++) {
		struct story s;

		begin(&s, (enum way)way);
		world_start(&s.w);
		for (int i = 0; i < 5; i++) {
			say(&s, 4);
			flow_and_balance(&s);
			say(&s, 4);
			rotate(&s);
			flow_and_balance(&s);
			say(&s, 4);
			flow_and_balance(&s);
		}
		end(&s);
	}
}

static void
row_47_several_rotations_between_two_looks_lose_nothing(void **state)
{
	(void)state;
	for (int way = 0; way < ALL_WAYS; way++) {
		struct story s;

		begin(&s, (enum way)way);
		say(&s, 4);
		world_start(&s.w);
		flow_and_balance(&s);
		for (int i = 0; i < 4; i++) {
			say(&s, 2);
			rotate(&s);
		}
		say(&s, 2);
		flow_and_balance(&s);
		end(&s);
	}
}

static void
row_48_a_deleted_file_is_read_to_its_end(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	world_start(&s.w);
	flow_and_balance(&s);
	say(&s, 3);
	remove_file(&s.w, "app.log");
	say(&s, 3);
	flow_and_balance(&s);
	end(&s);
}

static void
row_49_deleted_files_leave_no_descriptor(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	for (int i = 0; i < 3; i++) {
		say(&s, 2);
		rotate(&s);
	}
	say(&s, 2);
	world_start(&s.w);
	flow_and_balance(&s);
	assert_int_equal(s.w.tail->files.count, 4);
	remove_file(&s.w, "app.log");
	for (int i = 1; i <= 3; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "app.log.%d", i);
		remove_file(&s.w, name);
	}
	world_flow(&s.w, 15000);
	assert_int_equal(s.w.tail->files.count, 0);
	assert_balanced(&s);
	end(&s);
}

static void
row_50_a_file_that_is_gone_when_it_is_opened_harms_nobody(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 2);
	world_start(&s.w);
	flow_and_balance(&s);
	for (int i = 0; i < 20; i++) {
		/* Its events are looked at when it is not there any more. */
		world_log(&s.w, "app.log.gone", "never seen\n");
		remove_file(&s.w, "app.log.gone");
		say(&s, 1);
		flow_and_balance(&s);
	}
	world_log(&s.w, "app.log.new", "<line 23>\n");
	s.lines++;
	flow_and_balance(&s);
	end(&s);
}

static void
row_52_a_cut_file_is_at_its_beginning_again(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 5);
	world_start(&s.w);
	flow_and_balance(&s);
	say(&s, 1);
	flow_and_balance(&s);
	world_cut(&s.w, "app.log", 0);
	flow_and_balance(&s);
	world_flow(&s.w, 20000);
	assert_balanced(&s);
	say(&s, 1);
	flow_and_balance(&s);
	end(&s);
}

/* ---- Records ---- */

static void
row_54_from_the_start_all_lines_come(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 2000);
	world_start(&s.w);
	flow_and_balance(&s);
	end(&s);
}

static void
row_55_from_the_end_the_unfinished_line_comes_whole(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	s.w.flows[0].position = POSITION_END_OF_FILE;
	world_log(&s.w, "app.log", "one\ntwo\nthr");
	world_start(&s.w);
	world_flow(&s.w, 50);
	assert_string_equal(s.w.text, "");
	world_log(&s.w, "app.log", "ee\nfour\n");
	world_flow(&s.w, 50);
	assert_string_equal(s.w.text, "three\nfour\n");
	end(&s);
}

/* Lines of all lengths: bytes and records are those of the file. */
static void
row_56_what_comes_is_the_file_without_gaps(void **state)
{
	struct story s;
	char *file = mem_new(1 << 21);
	size_t len = 0;
	uint64_t lines = 0;

	(void)state;
	begin(&s, RENAME);
	for (size_t n = 0; len + n + 1 < 1 << 21; n += 7) {
		memset(file + len, 'a' + (int)(n % 26), n);
		file[len + n] = '\n';
		len += n + 1;
		lines++;
	}
	world_put(&s.w, "app.log", file, len);
	world_start(&s.w);
	world_flow(&s.w, 200);
	assert_int_equal(s.w.text_len, len);
	assert_memory_equal(s.w.text, file, len);
	assert_int_equal(stats_get(&s.w.stats[0].records_delivered), lines);
	free(file);
	end(&s);
}

static void
row_57_an_unfinished_line_waits(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_log(&s.w, "app.log", "whole\nhal");
	world_start(&s.w);
	for (int i = 0; i < 5; i++) {
		world_flow(&s.w, 5000);
		world_log(&s.w, "app.log", "l");
	}
	assert_string_equal(s.w.text, "whole\n");
	world_log(&s.w, "app.log", "\n");
	world_flow(&s.w, 50);
	assert_string_equal(s.w.text, "whole\nhallllll\n");
	assert_int_equal(stats_get(&s.w.stats[0].records_delivered), 2);
	end(&s);
}

/* Far longer than what is read at once. */
static void
row_58_over_long_lines_are_cut_and_the_next_are_whole(void **state)
{
	size_t len = (size_t)6 << 20;
	char *line = mem_new(len + 1);

	(void)state;
	memset(line, 'l', len);
	for (int count = 1; count <= 3; count++) {
		struct story s;
		const char *rest;

		begin(&s, RENAME);
		world_start(&s.w);
		for (int i = 0; i < count; i++) {
			world_log(&s.w, "app.log", line);
			world_log(&s.w, "app.log", "\n");
		}
		say(&s, 5);
		world_flow(&s.w, 200);
		assert_int_equal(
		    stats_get(&s.w.stats[0].records_truncated), count);
		assert_int_equal(
		    stats_get(&s.w.stats[0].records_delivered), count + 5);
		rest = strstr(s.w.text, "<line 1>");
		assert_string_equal(
		    rest, "<line 1>\n<line 2>\n<line 3>\n<line 4>\n<line 5>\n");
		end(&s);
	}
	free(line);
}

static void
row_59_a_known_offset_counts_more_than_initialPosition(void **state)
{
	static const enum config_position ways[][2] = {
		{ POSITION_START_OF_FILE, POSITION_END_OF_FILE },
		{ POSITION_END_OF_FILE, POSITION_START_OF_FILE }
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct story s;

		begin(&s, RENAME);
		s.w.flows[0].position = ways[i][0];
		world_start(&s.w);
		say(&s, 3);
		flow_and_balance(&s);
		world_stop(&s.w);
		s.w.flows[0].position = ways[i][1];
		say(&s, 3);
		world_start(&s.w);
		flow_and_balance(&s);
		end(&s);
	}
}

static void
row_60_a_truncated_file_goes_on_in_its_copy(void **state)
{
	static const char *const globs[] = { "app.log", "app.log*" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct story s;

		begin(&s, TRUNCATE);
		follow(&s.w, 0, globs[i]);
		say(&s, 5);
		world_start(&s.w);
		flow_and_balance(&s);
		say(&s, 5);
		rotate(&s);
		flow_and_balance(&s);
		say(&s, 5);
		flow_and_balance(&s);
		end(&s);
	}
}

/* Not discarded, as there: sent as it is, and counted. */
static void
row_61_an_unfinished_line_of_a_deleted_file_is_sent(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_log(&s.w, "app.log", "whole\nunfinished");
	world_start(&s.w);
	world_flow(&s.w, 50);
	remove_file(&s.w, "app.log");
	world_flow(&s.w, 15000);
	assert_string_equal(s.w.text, "whole\nunfinished");
	assert_int_equal(stats_get(&s.w.stats[0].partial_lines), 1);
	assert_int_equal(stats_get(&s.w.stats[0].bytes_lost), 0);
	end(&s);
}

static void
row_62_what_is_left_of_the_old_file_comes_before_the_new(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_start(&s.w);
	say(&s, 100);
	world_pass(&s.w, 50);
	say(&s, 100);
	rotate(&s);
	say(&s, 100);
	flow_and_balance(&s);
	end(&s);
}

/* Nothing is discarded. */
static void
row_63_a_replaced_file_is_read_to_its_end(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	world_start(&s.w);
	flow_and_balance(&s);
	say(&s, 3);
	memcpy(s.live, "new", 4);
	say(&s, 3);
	world_rename(&s.w, "new", "app.log");
	flow_and_balance(&s);
	end(&s);
}

static void
row_64_offsets_are_contiguous(void **state)
{
	struct story s;
	uint64_t last = 0;

	(void)state;
	begin(&s, RENAME);
	world_start(&s.w);
	for (int i = 0; i < 20; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "<line %d>\n", i);
		last += strlen(line);
		world_log(&s.w, "app.log", line);
		world_flow(&s.w, 200);
		world_write(&s.w);
		assert_int_equal(row_of(&s.w, "app.log")->committed, last);
		assert_int_equal(row_of(&s.w, "app.log")->range_count, 0);
	}
	end(&s);
}

/* ---- Headers ---- */

static void
row_69_headers_shorter_and_longer_than_what_is_read_at_once(void **state)
{
	static const size_t lengths[] = { 10, 300 << 10, 700 << 10 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct story s;
		char *header = mem_new(lengths[i] + 2);

		memset(header, 'h', lengths[i]);
		header[lengths[i]] = '\n';
		begin(&s, RENAME);
		s.w.flows[0].skip_headers = 3;
		for (int n = 0; n < 3; n++)
			world_log(&s.w, "app.log", header);
		say(&s, 5);
		world_start(&s.w);
		flow_and_balance(&s);
		free(header);
		end(&s);
	}
}

static void
row_69_headers_that_come_bit_by_bit(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	s.w.flows[0].skip_headers = 3;
	world_log(&s.w, "app.log", "head\n");
	world_start(&s.w);
	world_flow(&s.w, 50);
	world_log(&s.w, "app.log", "he");
	world_flow(&s.w, 50);
	world_log(&s.w, "app.log", "ad\nhead");
	world_flow(&s.w, 50);
	world_log(&s.w, "app.log", "\n");
	world_flow(&s.w, 50);
	assert_string_equal(s.w.text, "");
	say(&s, 3);
	flow_and_balance(&s);
	end(&s);
}

static void
row_69_headers_from_the_end(void **state)
{
	static const char *const there[] = { "", "head\nhead\n",
		"head\nhead\nold\n" };
	static const char *const comes[] = { "head\nhead\n", "", "" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct story s;

		begin(&s, RENAME);
		s.w.flows[0].skip_headers = 2;
		s.w.flows[0].position = POSITION_END_OF_FILE;
		world_log(&s.w, "app.log", there[i]);
		world_start(&s.w);
		world_flow(&s.w, 50);
		world_log(&s.w, "app.log", comes[i]);
		world_flow(&s.w, 50);
		say(&s, 3);
		flow_and_balance(&s);
		end(&s);
	}
}

static void
row_69_headers_of_every_new_file(void **state)
{
	static const enum way ways[] = { RENAME, CREATE, TRUNCATE };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct story s;

		begin(&s, ways[i]);
		s.w.flows[0].skip_headers = 2;
		world_start(&s.w);
		for (int n = 0; n < 3; n++) {
			world_log(&s.w, s.live, "head\nhead\n");
			say(&s, 3);
			flow_and_balance(&s);
			rotate(&s);
		}
		end(&s);
	}
}

static void
row_70_who_stopped_reads_no_more(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	world_start(&s.w);
	flow_and_balance(&s);
	tail_stop(s.w.tail);
	world_log(&s.w, "app.log", "<line 4>\n");
	s.w.tail->stopping = 0;
	world_stop(&s.w);
	assert_balanced(&s);
	s.lines++;
	world_start(&s.w);
	flow_and_balance(&s);
	end(&s);
}

/* ---- The tailer ---- */

static void
row_103_with_a_checkpoint_only_what_is_new_is_sent(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 100);
	world_start(&s.w);
	flow_and_balance(&s);
	world_stop(&s.w);
	say(&s, 100);
	world_start(&s.w);
	flow_and_balance(&s);
	assert_int_equal(stats_get(&s.w.stats[0].records_delivered), 200);
	end(&s);
}

static void
row_104_stopped_and_rotated_it_goes_on_in_both(void **state)
{
	(void)state;
	for (int way = 0; way < ALL_WAYS; way++) {
		struct story s;

		begin(&s, (enum way)way);
		world_start(&s.w);
		for (int i = 0; i < 4; i++) {
			say(&s, 3);
			flow_and_balance(&s);
			world_stop(&s.w);
			say(&s, 3);
			rotate(&s);
			if (i % 2 == 0)
				say(&s, 3);
			world_start(&s.w);
			flow_and_balance(&s);
		}
		end(&s);
	}
}

/* The database itself: test_bad_checkpoint.py. */
static void
row_105_a_checkpoint_of_other_content_is_not_believed(void **state)
{
	static const enum config_position both[] = { POSITION_START_OF_FILE,
		POSITION_END_OF_FILE };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct story s;

		begin(&s, RENAME);
		s.w.flows[0].position = both[i % 2];
		world_start(&s.w);
		world_log(&s.w, "app.log", "old one\nold two\nold three\n");
		world_flow(&s.w, 50);
		world_stop(&s.w);
		s.w.text_len = 0;
		if (i < 2)
			remove_file(&s.w, "app.log");
		else
			world_cut(&s.w, "app.log", 0);
		if (i < 2)
			world_start(&s.w);
		say(&s, 9);
		if (i >= 2)
			world_start(&s.w);
		flow_and_balance(&s);
		end(&s);
	}
}

static void
row_106_files_of_before_and_two_rotations(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * ALL_WAYS; i++) {
		struct story s;
		bool at_end = i % 2 == 1;

		begin(&s, (enum way)(i / 2));
		if (at_end) {
			s.w.flows[0].position = POSITION_END_OF_FILE;
			world_log(&s.w, "app.log", "not wanted\n");
		} else {
			say(&s, 5);
		}
		world_start(&s.w);
		flow_and_balance(&s);
		say(&s, 5);
		flow_and_balance(&s);
		for (int n = 0; n < 2; n++) {
			say(&s, 3);
			rotate(&s);
			say(&s, 3);
			flow_and_balance(&s);
		}
		end(&s);
	}
}

static void
row_107_a_file_that_comes_later_is_read_from_0(void **state)
{
	static const enum config_position both[] = { POSITION_START_OF_FILE,
		POSITION_END_OF_FILE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct story s;

		begin(&s, RENAME);
		s.w.flows[0].position = both[i];
		world_start(&s.w);
		world_flow(&s.w, 5000);
		say(&s, 5);
		flow_and_balance(&s);
		end(&s);
	}
}

/* ---- Checkpoints ---- */

static void
row_110_a_later_batch_does_not_commit_an_earlier_one(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	world_start(&s.w);
	for (int i = 0; i < 3; i++) {
		say(&s, 1);
		world_pass(&s.w, 50);
	}
	assert_int_equal(s.w.out_count, 3);
	world_deliver(&s.w, 2);
	world_pass(&s.w, 200);
	world_write(&s.w);
	assert_int_equal(row_of(&s.w, "app.log")->committed, 0);
	world_deliver(&s.w, 0);
	world_pass(&s.w, 200);
	world_write(&s.w);
	assert_int_equal(row_of(&s.w, "app.log")->committed, 9);
	world_deliver(&s.w, 0);
	world_pass(&s.w, 200);
	world_write(&s.w);
	assert_int_equal(row_of(&s.w, "app.log")->committed, 27);
	end(&s);
}

static void
row_113_of_two_files_each_goes_on_where_it_was(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	follow(&s.w, 0, "*.log");
	world_start(&s.w);
	world_log(&s.w, "a.log", "a1\n");
	world_log(&s.w, "b.log", "b1\n");
	world_flow(&s.w, 50);
	world_log(&s.w, "a.log", "a2\n");
	world_flow(&s.w, 50);
	world_stop(&s.w);
	world_log(&s.w, "b.log", "b2\n");
	world_log(&s.w, "a.log", "a3\n");
	world_start(&s.w);
	world_flow(&s.w, 50);
	assert_int_equal(s.w.text_len, 15);
	for (int i = 0; i < 5; i++)
		assert_int_equal(
		    world_times(&s.w, (const char *[]){ "a1\n", "a2\n", "a3\n",
					  "b1\n", "b2\n" }[i]),
		    1);
	end(&s);
}

static void
row_114_a_file_of_two_flows_has_a_place_for_each(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	follow(&s.w, 1, "app.log");
	s.w.config.flow_count = 2;
	world_start(&s.w);
	say(&s, 1);
	world_pass(&s.w, 50);
	assert_int_equal(s.w.out_count, 2);
	world_deliver(&s.w, world_out(&s.w, 0)->flow == 0 ? 0 : 1);
	world_pass(&s.w, 200);
	world_write(&s.w);
	world_kill(&s.w);
	world_start(&s.w);
	flow_and_balance(&s);
	assert_int_equal(stats_get(&s.w.stats[1].records_delivered), 1);
	end(&s);
}

/* May the agent open files by handle? Root may; then nothing that is still
 * there is out of its sight. */
static void
allow_handles(bool allowed)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct caps[2];
	unsigned bit = 1U << CAP_DAC_READ_SEARCH;

	assert_int_equal(syscall(SYS_capget, &head, caps), 0);
	if (!allowed)
		caps[0].effective &= ~bit;
	else
		caps[0].effective |= caps[0].permitted & bit;
	assert_int_equal(syscall(SYS_capset, &head, caps), 0);
}

/* Delivered but for its last line, and put away with its directory. */
static void
put_away(struct story *s)
{
	allow_handles(false);
	begin(s, RENAME);
	follow(&s->w, 0, "disk/app.log*");
	memcpy(s->live, "disk/app.log", 13);
	assert_int_equal(mkdir(world_path(&s->w, "disk"), 0755), 0);
	say(s, 3);
	world_start(&s->w);
	flow_and_balance(s);
	say(s, 1);
	world_pass(&s->w, 200);
	world_write(&s->w);
	world_kill(&s->w);
	world_rename(&s->w, "disk", "away");
}

/* The agent comes and goes. */
static void
live_shortly(struct story *s)
{
	start_again(s);
	world_flow(&s->w, 500);
	world_stop(&s->w);
}

static void
row_116_a_row_is_kept_for_a_week_without_its_directory(void **state)
{
	struct story s;

	(void)state;
	put_away(&s);
	hand.now += 7 * DAY_MS - HOUR_MS;
	live_shortly(&s);
	assert_int_equal(s.w.row_count, 1);
	world_rename(&s.w, "away", "disk");
	world_start(&s.w);
	flow_and_balance(&s);
	end(&s);
	put_away(&s);
	hand.now += 7 * DAY_MS + HOUR_MS;
	live_shortly(&s);
	assert_int_equal(s.w.row_count, 0);
	assert_int_equal(stats_get(&s.w.stats[0].bytes_lost), 9);
	end(&s);
	allow_handles(true);
}

static void
row_116_checkpointTimeToLiveDays_is_another_time(void **state)
{
	(void)state;
	for (uint32_t days = 1; days < 30; days += 28) {
		struct story s;

		put_away(&s);
		s.w.config.checkpoint_days = days;
		hand.now += days * DAY_MS - HOUR_MS;
		live_shortly(&s);
		assert_int_equal(s.w.row_count, 1);
		hand.now += 2 * HOUR_MS;
		live_shortly(&s);
		assert_int_equal(s.w.row_count, 0);
		allow_handles(true);
		end(&s);
	}
}

static void
row_116_a_row_is_kept_for_ninety_days_below_another_device(void **state)
{
	struct story s;

	(void)state;
	/* As an empty mount point looks before the disk is mounted. */
	put_away(&s);
	assert_int_equal(mkdir(world_path(&s.w, "disk"), 0755), 0);
	s.w.rows[0].id.dev ^= 1;
	hand.now += 90 * DAY_MS - HOUR_MS;
	live_shortly(&s);
	assert_int_equal(s.w.row_count, 1);
	assert_int_equal(rmdir(world_path(&s.w, "disk")), 0);
	world_rename(&s.w, "away", "disk");
	world_start(&s.w);
	flow_and_balance(&s);
	end(&s);
	put_away(&s);
	assert_int_equal(mkdir(world_path(&s.w, "disk"), 0755), 0);
	s.w.rows[0].id.dev ^= 1;
	hand.now += 90 * DAY_MS + HOUR_MS;
	live_shortly(&s);
	assert_int_equal(s.w.row_count, 0);
	assert_int_equal(stats_get(&s.w.stats[0].bytes_lost), 9);
	end(&s);
	allow_handles(true);
}

/* Nobody restarts it for months. */
static void
row_116_a_row_grows_old_while_the_agent_runs(void **state)
{
	struct story s;

	(void)state;
	put_away(&s);
	world_start(&s.w);
	world_flow(&s.w, 500);
	hand.now += 6 * DAY_MS;
	world_flow(&s.w, 2000);
	world_write(&s.w);
	assert_int_equal(s.w.row_count, 1);
	hand.now += 2 * DAY_MS;
	world_flow(&s.w, 2000);
	world_write(&s.w);
	assert_int_equal(s.w.row_count, 0);
	assert_int_equal(stats_get(&s.w.stats[0].bytes_lost), 9);
	end(&s);
	allow_handles(true);
}

static void
row_116_a_fresh_row_stays(void **state)
{
	struct story s;

	(void)state;
	begin(&s, RENAME);
	say(&s, 3);
	world_start(&s.w);
	flow_and_balance(&s);
	world_stop(&s.w);
	/* Its file is there, however long nothing was written. */
	hand.now += 400 * DAY_MS;
	live_shortly(&s);
	assert_int_equal(s.w.row_count, 1);
	assert_balanced(&s);
	end(&s);
}

#define TEST(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(row_28_a_pattern_is_a_directory_and_a_name),
		TEST(row_30_what_matches_is_followed_and_archives_are_not),
		TEST(row_31_no_directory_and_no_match_are_no_files),
		TEST(row_32_a_file_stays_who_it_is_whatever_its_times_say),
		TEST(row_33_an_offset_moves_with_what_is_read),
		TEST(row_34_a_rotated_file_is_known_under_its_new_name),
		TEST(row_35_growing_and_losing_the_oldest_is_no_rotation),
		TEST(row_36_what_comes_after_a_rotation_is_read_from_0),
		TEST(row_37_when_all_files_are_gone_new_ones_are_read),
		TEST(row_38_a_truncation_is_known_and_so_is_its_copy),
		TEST(
		    row_39_without_a_checkpoint_every_file_is_read_the_eldest_first),
		TEST(row_40_a_checkpoint_is_where_it_goes_on),
		TEST(
		    row_41_after_rotations_the_checkpoint_holds_for_the_same_content),
		TEST(row_42_a_file_that_is_gone_is_told_and_another_is_read),
		TEST(row_43_a_file_that_is_gone_and_no_other_is_silence),
		TEST(row_44_looking_again_changes_nothing),
		TEST(row_45_looking_again_where_nothing_is_finds_nothing),
		TEST(row_46_a_half_read_file_goes_on_after_its_rotation),
		TEST(row_47_several_rotations_between_two_looks_lose_nothing),
		TEST(row_48_a_deleted_file_is_read_to_its_end),
		TEST(row_49_deleted_files_leave_no_descriptor),
		TEST(row_50_a_file_that_is_gone_when_it_is_opened_harms_nobody),
		TEST(row_52_a_cut_file_is_at_its_beginning_again),
		TEST(row_54_from_the_start_all_lines_come),
		TEST(row_55_from_the_end_the_unfinished_line_comes_whole),
		TEST(row_56_what_comes_is_the_file_without_gaps),
		TEST(row_57_an_unfinished_line_waits),
		TEST(row_58_over_long_lines_are_cut_and_the_next_are_whole),
		TEST(row_59_a_known_offset_counts_more_than_initialPosition),
		TEST(row_60_a_truncated_file_goes_on_in_its_copy),
		TEST(row_61_an_unfinished_line_of_a_deleted_file_is_sent),
		TEST(row_62_what_is_left_of_the_old_file_comes_before_the_new),
		TEST(row_63_a_replaced_file_is_read_to_its_end),
		TEST(row_64_offsets_are_contiguous),
		TEST(
		    row_69_headers_shorter_and_longer_than_what_is_read_at_once),
		TEST(row_69_headers_that_come_bit_by_bit),
		TEST(row_69_headers_from_the_end),
		TEST(row_69_headers_of_every_new_file),
		TEST(row_70_who_stopped_reads_no_more),
		TEST(row_103_with_a_checkpoint_only_what_is_new_is_sent),
		TEST(row_104_stopped_and_rotated_it_goes_on_in_both),
		TEST(row_105_a_checkpoint_of_other_content_is_not_believed),
		TEST(row_106_files_of_before_and_two_rotations),
		TEST(row_107_a_file_that_comes_later_is_read_from_0),
		TEST(row_110_a_later_batch_does_not_commit_an_earlier_one),
		TEST(row_113_of_two_files_each_goes_on_where_it_was),
		TEST(row_114_a_file_of_two_flows_has_a_place_for_each),
		TEST(row_116_a_row_is_kept_for_a_week_without_its_directory),
		TEST(row_116_checkpointTimeToLiveDays_is_another_time),
		TEST(
		    row_116_a_row_is_kept_for_ninety_days_below_another_device),
		TEST(row_116_a_row_grows_old_while_the_agent_runs),
		TEST(row_116_a_fresh_row_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
