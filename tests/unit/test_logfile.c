/* SPDX-License-Identifier: Apache-2.0
 *
 * What readers of a log file rely on: every line once and whole, a bound, and
 * that nobody has to wait for its disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "logfile.h"

#define KIB 1024

static char directory[64], path[96], errors[96];
static int kept_stderr, captured;

static int
setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s/logfile-XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/agent.log", directory);
	snprintf(errors, sizeof(errors), "%s/stderr", directory);
	kept_stderr = dup(STDERR_FILENO);
	captured = open(errors, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	log_setup(LOG_LEVEL_INFO, LOG_STYLE_JOURNAL);
	return dup2(captured, STDERR_FILENO) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	char name[128];

	(void)state;
	logfile_end(1000);
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	close(captured);
	for (int i = -2; i <= 9; i++) {
		snprintf(name, sizeof(name),
		    i == -2 ? "%s/stderr"
		    : i < 0 ? "%s/agent.log"
			    : "%s/agent.log.%d",
		    directory, i);
		(void)unlink(name);
	}
	(void)rmdir(directory);
	return 0;
}

static void
begin(uint64_t max_bytes, unsigned keep)
{
	char why[100] = "";

	assert_int_equal(
	    logfile_begin(path, max_bytes, keep, why, sizeof(why)), 0);
}

/* The file's text, to be freed. */
static char *
text_of(const char *name)
{
	FILE *f = fopen(name, "re");
	char *text = calloc(1, 8 << 20);

	assert_non_null(text);
	if (f != NULL) {
		(void)!fread(text, 1, (8 << 20) - 1, f);
		(void)fclose(f);
	}
	return text;
}

static char *
text_of_number(int n)
{
	char name[112];

	snprintf(name, sizeof(name), "%s.%d", path, n);
	return text_of(name);
}

static bool
has(const char *name, const char *words)
{
	char *text = text_of(name);
	bool found = strstr(text, words) != NULL;

	free(text);
	return found;
}

static void
wait_for(const char *name, const char *words)
{
	int64_t deadline = clock_ms() + 20000;

	while (!has(name, words)) {
		if (clock_ms() < deadline) {
			(void)poll(NULL, 0, 5);
			continue;
		}
		print_message("%s: in vain for \"%s\"\n", name, words);
		fail();
	}
}

static bool
standard_error_has(const char *words)
{
	return has(errors, words);
}

static void
lines_go_to_the_file_with_time_and_word(void **state)
{
	(void)state;
	begin(64 * KIB, 1);
	log_warn("bread is out");
	logfile_end(1000);
	assert_true(has(path, "Z warn  bread is out\n"));
	assert_false(standard_error_has("bread"));
	log_warn("wine too");
	assert_true(standard_error_has("<4>wine too\n"));
	assert_false(has(path, "wine"));
}

static void
errors_are_on_standard_error_too(void **state)
{
	(void)state;
	begin(64 * KIB, 1);
	log_error("no way on");
	assert_true(standard_error_has("<3>no way on\n"));
	logfile_end(1000);
	assert_true(has(path, "error no way on\n"));
}

static bool
take_nothing(const char *line, size_t len)
{
	(void)line;
	(void)len;
	return false;
}

static void
errors_are_there_also_where_the_file_takes_nothing(void **state)
{
	(void)state;
	log_to(take_nothing);
	log_info("nobody reads this");
	log_error("somebody must");
	log_to(NULL);
	assert_true(standard_error_has("somebody must"));
	assert_false(standard_error_has("nobody reads this"));
}

static void
the_file_is_readable_for_its_group_and_nobody_else(void **state)
{
	struct stat st;

	(void)state;
	begin(64 * KIB, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07137, 0);
}

/* Say line `from` to `to`, none of them dropped. */
static void
say_many(int from, int to)
{
	for (int i = from; i < to; i++) {
		char words[24];

		log_info("%d line with a hundred bytes or so, so that a few "
			 "thousand of them fill files",
		    i);
		snprintf(words, sizeof(words), " %d line", i);
		if (i % 500 == 499)
			wait_for(path, words);
	}
}

static void
no_line_is_lost_torn_or_repeated_by_rotation(void **state)
{
	char *files[4];
	int expected = -1, n, end;

	(void)state;
	begin(64 * KIB, 3);
	say_many(0, 1500);
	logfile_end(1000);
	files[0] = text_of_number(3);
	files[1] = text_of_number(2);
	files[2] = text_of_number(1);
	files[3] = text_of(path);
	for (int i = 0; i < 4; i++) {
		assert_true(strlen(files[i]) <= 64 * KIB);
		for (char *at = files[i]; *at != '\0'; at += end) {
			end = -1;
			(void)sscanf(at,
			    "%*s info %d line with a hundred bytes or so, so "
			    "that a few thousand of them fill files%n",
			    &n, &end);
			assert_true(end > 0 && at[end] == '\n');
			end++;
			if (expected >= 0)
				assert_int_equal(n, expected);
			expected = n + 1;
		}
		free(files[i]);
	}
	assert_int_equal(expected, 1500);
}

static void
no_more_files_are_kept_than_asked_for(void **state)
{
	char name[112];

	(void)state;
	begin(64 * KIB, 2);
	say_many(0, 4000);
	logfile_end(1000);
	snprintf(name, sizeof(name), "%s.2", path);
	assert_int_equal(access(name, F_OK), 0);
	snprintf(name, sizeof(name), "%s.3", path);
	assert_int_equal(access(name, F_OK), -1);
}

static void
with_none_to_keep_the_file_is_emptied(void **state)
{
	struct stat st;
	char name[112];

	(void)state;
	begin(64 * KIB, 0);
	say_many(0, 1000);
	logfile_end(1000);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= 64 * KIB);
	snprintf(name, sizeof(name), "%s.1", path);
	assert_int_equal(access(name, F_OK), -1);
}

static void
a_file_that_somebody_else_renamed_is_made_anew(void **state)
{
	char moved[112];

	(void)state;
	begin(64 * KIB, 1);
	log_info("before");
	wait_for(path, "before");
	snprintf(moved, sizeof(moved), "%s.9", path);
	assert_int_equal(rename(path, moved), 0);
	log_info("after");
	wait_for(path, "after");
	assert_true(has(moved, "before"));
	assert_false(has(moved, "after"));
}

static void
a_file_that_somebody_else_truncated_goes_on_at_its_beginning(void **state)
{
	struct stat st;

	(void)state;
	begin(64 * KIB, 1);
	say_many(0, 100);
	wait_for(path, " 99 line");
	assert_int_equal(truncate(path, 0), 0);
	log_info("after");
	wait_for(path, "after");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 100);
}

static void
what_cannot_be_a_log_file_is_told_and_changes_nothing(void **state)
{
	char why[100], fifo[112];

	(void)state;
	assert_int_equal(
	    logfile_begin("/nowhere/agent.log", 1, 1, why, sizeof(why)), -1);
	assert_string_equal(why, strerror(ENOENT));
	assert_int_equal(logfile_begin(directory, 1, 1, why, sizeof(why)), -1);
	snprintf(fifo, sizeof(fifo), "%s.1", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(logfile_begin(fifo, 1, 1, why, sizeof(why)), -1);
	assert_string_equal(why, "it is no regular file");
	log_info("still here");
	assert_true(standard_error_has("still here"));
}

/* In a process of its own, whose file may not grow beyond `bytes`. */
static void
in_a_child(void (*what)(void), int expected_signal)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (expected_signal == 0)
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	else
		assert_true(
		    WIFSIGNALED(status) && WTERMSIG(status) == expected_signal);
}

static void
on_abort(int number)
{
	logfile_last_words(number);
}

static void
speak_and_abort(void)
{
	const struct sigaction dying = { .sa_handler = on_abort };
	char why[100];

	if (sigaction(SIGABRT, &dying, NULL) != 0 ||
	    logfile_begin(path, 64 * KIB, 1, why, sizeof(why)) != 0)
		_exit(1);
	for (int i = 0; i < 300; i++)
		log_info("word %d", i);
	abort();
}

static void
what_was_said_before_a_crash_is_in_the_file(void **state)
{
	(void)state;
	in_a_child(speak_and_abort, SIGABRT);
	assert_true(has(path, "word 299\n"));
	assert_true(has(path, "dies of signal 6 (Aborted)"));
}

/* /dev/full is no regular file; a limit of the file's size fails like a full
 * disk does, and can be lifted. */
static void
fill_a_disk(void)
{
	char why[100];
	int64_t before;
	int said = 200000;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 8192, RLIM_INFINITY }) !=
		0 ||
	    logfile_begin(path, 16 << 20, 1, why, sizeof(why)) != 0)
		_exit(1);
	before = clock_ms();
	for (int i = 0; i < said; i++)
		log_info("line %d of those that do not fit", i);
	/* Nobody waited for it: not even a sanitizer takes so long. */
	if (clock_ms() - before > 20000)
		_exit(2);
	wait_for(errors, "cannot be written: File too large");
	if (setrlimit(RLIMIT_FSIZE,
		&(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY }) != 0)
		_exit(1);
	wait_for(path, "line 1000 of");
	log_info("the end");
	wait_for(path, "the end");
	logfile_end(1000);
}

static void
a_full_disk_holds_nobody_up_and_drops_are_counted(void **state)
{
	uint64_t all = 0, dropped;
	char *text;

	(void)state;
	in_a_child(fill_a_disk, 0);
	assert_true(standard_error_has("cannot be written: File too large"));
	text = text_of(path);
	for (char *at = text; (at = strstr(at, "log: ")) != NULL; at++)
		if (sscanf(at, "log: %" SCNu64 " lines before", &dropped) == 1)
			all += dropped;
	assert_true(all > 0);
	for (char *at = text; (at = strstr(at, "that do not fit\n")) != NULL;
	     at++)
		all++;
	/* The one that tells of the failure may be among the dropped. */
	assert_in_range(all, 200000, 200001);
	free(text);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(lines_go_to_the_file_with_time_and_word),
		PROMISE(errors_are_on_standard_error_too),
		PROMISE(errors_are_there_also_where_the_file_takes_nothing),
		PROMISE(the_file_is_readable_for_its_group_and_nobody_else),
		PROMISE(no_line_is_lost_torn_or_repeated_by_rotation),
		PROMISE(no_more_files_are_kept_than_asked_for),
		PROMISE(with_none_to_keep_the_file_is_emptied),
		PROMISE(a_file_that_somebody_else_renamed_is_made_anew),
		PROMISE(
		    a_file_that_somebody_else_truncated_goes_on_at_its_beginning),
		PROMISE(what_cannot_be_a_log_file_is_told_and_changes_nothing),
		PROMISE(what_was_said_before_a_crash_is_in_the_file),
		PROMISE(a_full_disk_holds_nobody_up_and_drops_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
