/* SPDX-License-Identifier: Apache-2.0
 *
 * What a search by content relies on: the kin of a name are found, wherever
 * they are near, and an archive's rank comes from what is in it and not from
 * when it was made.
 */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tail/listing.h"

static char top[64];

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
begin(void **state)
{
	(void)state;
	strncpy(top, "/tmp/listing-XXXXXX", sizeof(top) - 1);
	return mkdtemp(top) != NULL ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	return nftw(top, drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* A file that was last written `ago` seconds before now. */
static void
make(const char *text, int ago)
{
	struct timespec times[2];
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", top, text);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= ago;
	times[1] = times[0];
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static struct entry *
entry(const struct listing *l, const char *kin, const char *text)
{
	struct entry *e = listing_first(l, kin);

	while (e != NULL && strcmp(e->text, text) != 0)
		e = listing_next(l, e);
	return e;
}

static void
kin_are_found_in_the_directory_and_right_below(void **state)
{
	char path[128];
	struct listing *l;

	(void)state;
	make("app.log", 0);
	make("app.log.1", 0);
	make("other.log.1", 0);
	snprintf(path, sizeof(path), "%s/old", top);
	assert_int_equal(mkdir(path, 0700), 0);
	make("old/app.log.2.gz", 0);
	snprintf(path, sizeof(path), "%s/old/older", top);
	assert_int_equal(mkdir(path, 0700), 0);
	make("old/older/app.log.3.gz", 0);
	assert_false(listing_has_archives(top));
	l = listing_new(top);
	assert_non_null(entry(l, "app.log", "app.log"));
	assert_non_null(entry(l, "app.log", "app.log.1"));
	assert_null(entry(l, "app.log", "other.log.1"));
	assert_null(entry(l, "app.log", "app.log.3.gz"));
	assert_true(entry(l, "app.log.7", "app.log.2.gz")->below);
	assert_int_equal(
	    entry(l, "app.log.7", "app.log.2.gz")->packed, UNPACK_GZIP);
	listing_free(l);
}

/* A directory's time is the kernel's tick, which may not have moved yet. */
static void
names_that_change_make_a_listing_stale(void **state)
{
	char below[128], from[128], to[128];
	struct listing *l;

	(void)state;
	snprintf(below, sizeof(below), "%s/old", top);
	assert_int_equal(mkdir(below, 0700), 0);
	make("app.log", 0);
	make("old/app.log.1", 0);
	l = listing_new(top);
	assert_false(listing_is_stale(l));
	snprintf(from, sizeof(from), "%s/old/app.log.1", top);
	snprintf(to, sizeof(to), "%s/old/app.log.2", top);
	do {
		assert_int_equal(rename(from, to), 0);
		assert_int_equal(rename(to, from), 0);
	} while (!listing_is_stale(l));
	listing_free(l);
	l = listing_new(top);
	snprintf(from, sizeof(from), "%s/app.log", top);
	snprintf(to, sizeof(to), "%s/app.log.1", top);
	do {
		assert_int_equal(rename(from, to), 0);
		assert_int_equal(rename(to, from), 0);
	} while (!listing_is_stale(l));
	listing_free(l);
}

static void
a_directory_is_no_regular_file(void **state)
{
	struct listing *l;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/app.log.1", top);
	assert_int_equal(mkdir(path, 0700), 0);
	make("app.log.2.zst", 0);
	assert_true(listing_has_archives(top));
	l = listing_new(top);
	assert_null(entry(l, "app.log", "app.log.1"));
	assert_true(listing_look(entry(l, "app.log", "app.log.2.zst")));
	listing_free(l);
}

static int64_t
born(struct listing *l, const char *text)
{
	struct entry *e = entry(l, "app.log", text);

	assert_non_null(e);
	assert_true(listing_look(e));
	return listing_born_ns(l, e);
}

/* .2.gz was written after .1 was made, by one who held it open for a while. */
static void
what_the_names_tell_counts_more_than_times(void **state)
{
	struct listing *l;

	(void)state;
	make("app.log.4.gz", 100);
	make("app.log.3.gz", 50);
	make("app.log.1", 0);
	make("app.log.2.gz", -5);
	make("app.log", 0);
	l = listing_new(top);
	assert_true(born(l, "app.log.4.gz") < born(l, "app.log.3.gz"));
	assert_true(born(l, "app.log.3.gz") < born(l, "app.log.2.gz"));
	assert_true(born(l, "app.log.2.gz") < born(l, "app.log.1"));
	listing_free(l);
}

static void
dates_are_in_the_order_of_days(void **state)
{
	struct listing *l;

	(void)state;
	make("app.log-20261119.gz", -5);
	make("app.log-20261120", 0);
	make("app.log-20261118.gz", 90);
	l = listing_new(top);
	assert_true(
	    born(l, "app.log-20261119.gz") < born(l, "app.log-20261120"));
	assert_true(
	    born(l, "app.log-20261118.gz") < born(l, "app.log-20261119.gz"));
	listing_free(l);
}

static void
a_directory_that_cannot_be_read_is_empty(void **state)
{
	struct listing *l = listing_new("/nonexistent/directory");

	(void)state;
	assert_null(listing_first(l, "app.log"));
	listing_free(l);
	assert_false(listing_has_archives("/nonexistent/directory"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    kin_are_found_in_the_directory_and_right_below, begin, end),
		cmocka_unit_test_setup_teardown(
		    names_that_change_make_a_listing_stale, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_directory_is_no_regular_file, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_the_names_tell_counts_more_than_times, begin, end),
		cmocka_unit_test_setup_teardown(
		    dates_are_in_the_order_of_days, begin, end),
		cmocka_unit_test(a_directory_that_cannot_be_read_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
