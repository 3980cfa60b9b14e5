/* SPDX-License-Identifier: Apache-2.0
 *
 * What who deletes a file relies on: a checkpoint speaks for it only where it
 * is this file's, and of what is in it now.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "config.h"
#include "digest.h"
#include "ledger.h"
#include "proof.h"
#include "tail.h"

static char directory[32];
static char path[64], packed[64];

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/proof-XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/x.log", directory);
	(void)snprintf(packed, sizeof(packed), "%s/x.log.1.gz", directory);
	return digest_setup();
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(packed);
	return rmdir(directory);
}

static void
put(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
pack(const char *text)
{
	gzFile file = gzopen(packed, "wb");

	assert_non_null(file);
	assert_int_equal(
	    gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
	assert_int_equal(gzclose(file), Z_OK);
}

/* A row of `path`, which holds `text`, read to its end. */
static struct checkpoint
row_of(const char *text)
{
	struct checkpoint row = { .row = 1, .flow = (char *)(uintptr_t) "f" };
	size_t len = strlen(text), tail = len < MARK_BYTES ? len : MARK_BYTES;

	row.path = path;
	assert_int_equal(tail_row_identify(path, &row.id), 0);
	row.head.end = len < HEAD_BYTES ? len : HEAD_BYTES;
	row.head.len = (uint32_t)row.head.end;
	row.head.mark = digest_mark(span_of(text, (size_t)row.head.end));
	row.marks[0].end = len;
	row.marks[0].len = (uint32_t)tail;
	row.marks[0].mark = digest_mark(span_of(text + len - tail, tail));
	row.mark_count = 1;
	row.committed = row.size = len;
	return row;
}

static bool
counts(const char *name, const struct checkpoint *row)
{
	struct proof *p = proof_new(name);
	bool is;

	assert_non_null(p);
	is = proof_counts(p, row);
	proof_free(p);
	return is;
}

static void
a_file_ends_behind_its_last_newline(void **state)
{
	struct proof *p;

	(void)state;
	put("one\ntwo\nunfinished");
	p = proof_new(path);
	assert_int_equal(proof_end(p), 8);
	assert_int_equal(proof_rest(p), 10);
	assert_false(proof_is_packed(p));
	assert_null(proof_trouble(p));
	proof_free(p);
	put("unfinished");
	p = proof_new(path);
	assert_int_equal(proof_end(p), 0);
	assert_int_equal(proof_rest(p), 10);
	proof_free(p);
	put("");
	p = proof_new(path);
	assert_int_equal(proof_end(p) + proof_rest(p), 0);
	proof_free(p);
}

static void
an_end_far_back_is_found(void **state)
{
	static char text[1000000];
	struct proof *p;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[4711] = '\n';
	put(text);
	p = proof_new(path);
	assert_int_equal(proof_end(p), 4712);
	proof_free(p);
}

static void
what_cannot_be_read_is_told(void **state)
{
	(void)state;
	assert_null(proof_new(path));
	assert_int_equal(errno, ENOENT);
	assert_null(proof_new(directory));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(proof_new(path));
	assert_int_equal(errno, EINVAL);
	proof_free(NULL);
}

static void
a_row_of_the_file_and_its_content_counts(void **state)
{
	struct checkpoint row;

	(void)state;
	put("one\ntwo\n");
	row = row_of("one\ntwo\n");
	assert_true(counts(path, &row));
	put("one\ntwo\nthree\n");
	assert_true(counts(path, &row));
	row.id.ino++;
	assert_false(counts(path, &row));
}

static void
a_file_that_was_written_anew_is_another(void **state)
{
	struct checkpoint row;

	(void)state;
	put("one\ntwo\n");
	row = row_of("one\ntwo\n");
	put("ONE\nTWO\n");
	assert_false(counts(path, &row));
	put("one\nTWO\n");
	assert_false(counts(path, &row));
	put("o\n");
	assert_false(counts(path, &row));
	put("");
	assert_false(counts(path, &row));
}

static void
a_row_that_remembers_nothing_proves_nothing(void **state)
{
	struct checkpoint row;

	(void)state;
	put("one\ntwo\n");
	row = row_of("one\ntwo\n");
	row.head.end = row.head.len = row.mark_count = 0;
	assert_false(counts(path, &row));
	row.committed = 0;
	assert_true(counts(path, &row));
}

static void
an_archive_is_known_by_what_is_in_it(void **state)
{
	struct checkpoint row;
	struct proof *p;

	(void)state;
	put("one\ntwo\n");
	row = row_of("one\ntwo\n");
	pack("one\ntwo\n");
	assert_true(counts(packed, &row));
	p = proof_new(packed);
	assert_true(proof_is_packed(p));
	assert_int_equal(proof_end(p), 8);
	assert_int_equal(proof_rest(p), 0);
	proof_free(p);
	pack("one\nTWO\n");
	assert_false(counts(packed, &row));
	pack("one\n");
	assert_false(counts(packed, &row));
	/* Of another log. */
	pack("one\ntwo\n");
	row.path = (char *)(uintptr_t) "/elsewhere/x.log";
	assert_false(counts(packed, &row));
}

static void
an_archive_that_is_cut_short_says_so(void **state)
{
	struct proof *p;
	struct stat st;

	(void)state;
	pack("one\ntwo\n");
	assert_int_equal(stat(packed, &st), 0);
	assert_int_equal(truncate(packed, st.st_size - 6), 0);
	p = proof_new(packed);
	assert_non_null(proof_trouble(p));
	proof_free(p);
}

static void
names_are_wanted_as_the_patterns_say(void **state)
{
	static char *patterns[] = { (char *)(uintptr_t) "/l/*.log", NULL };
	static char *excludes[] = { (char *)(uintptr_t) "not.log", NULL };
	struct flow_config flow = { .patterns = patterns,
		.excludes = excludes };
	struct config config = { .flows = &flow, .flow_count = 1 };
	bool rotated;

	(void)state;
	assert_true(proof_is_wanted(&config, 0, "/l/x.log", &rotated));
	assert_false(rotated);
	assert_true(proof_is_wanted(&config, 0, "/l/x.log.1", &rotated));
	assert_true(rotated);
	assert_true(proof_is_wanted(&config, 0, "/l/x.log.2.gz", &rotated));
	assert_true(rotated);
	assert_true(proof_is_wanted(&config, 0, "/l/x-20261122.log", &rotated));
	assert_false(rotated);
	assert_false(proof_is_wanted(&config, 0, "/l/x.txt", &rotated));
	assert_false(proof_is_wanted(&config, 0, "/l/not.log", &rotated));
	assert_false(proof_is_wanted(&config, 0, "/m/x.log", &rotated));
	assert_false(proof_is_wanted(&config, 0, "/x.log", &rotated));
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(a_file_ends_behind_its_last_newline),
		PROMISE(an_end_far_back_is_found),
		PROMISE(what_cannot_be_read_is_told),
		PROMISE(a_row_of_the_file_and_its_content_counts),
		PROMISE(a_file_that_was_written_anew_is_another),
		PROMISE(a_row_that_remembers_nothing_proves_nothing),
		PROMISE(an_archive_is_known_by_what_is_in_it),
		PROMISE(an_archive_that_is_cut_short_says_so),
		PROMISE(names_are_wanted_as_the_patterns_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
