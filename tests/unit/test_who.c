/* SPDX-License-Identifier: Apache-2.0
 *
 * What following relies on: who a file is, whatever it is called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tail/who.h"

static char dir[64];

static const char *
in_dir(const char *name)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void
make(const char *name)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
	assert_int_equal(close(fd), 0);
}

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/who-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(in_dir("a"));
	(void)unlink(in_dir("b"));
	(void)unlink(in_dir("l"));
	return rmdir(dir);
}

static void
a_rename_changes_nobody_and_a_new_file_is_another(void **state)
{
	struct who first, moved, second;

	(void)state;
	make("a");
	assert_int_equal(who_is(in_dir("a"), &first), 0);
	assert_int_equal(first.size, 1);
	assert_int_equal(rename(in_dir("a"), in_dir("b")), 0);
	make("a");
	assert_int_equal(who_is(in_dir("b"), &moved), 0);
	assert_int_equal(who_is(in_dir("a"), &second), 0);
	assert_true(who_same(&first.id, &moved.id));
	assert_false(who_same(&first.id, &second.id));
}

static void
a_link_is_who_it_points_to(void **state)
{
	struct who file, link_to;

	(void)state;
	make("a");
	assert_int_equal(symlink("a", in_dir("l")), 0);
	assert_int_equal(who_is(in_dir("a"), &file), 0);
	assert_int_equal(who_is(in_dir("l"), &link_to), 0);
	assert_true(who_same(&file.id, &link_to.id));
	assert_int_equal(unlink(in_dir("a")), 0);
	assert_int_equal(who_is(in_dir("l"), &link_to), -1);
	assert_int_equal(errno, ENOENT);
}

/* Without a handle on one side, device and birth decide. */
static void
a_file_is_itself_with_and_without_a_handle(void **state)
{
	struct who with, without;

	(void)state;
	make("a");
	assert_int_equal(who_is(in_dir("a"), &with), 0);
	without = with;
	without.id.handle_len = 0;
	assert_true(who_same(&with.id, &without.id));
	without.id.birth_ns++;
	assert_false(who_same(&with.id, &without.id));
}

static void
a_handle_opens_what_has_no_name(void **state)
{
	struct who who, again;
	int held, fd;

	(void)state;
	make("a");
	assert_int_equal(who_is(in_dir("a"), &who), 0);
	held = open(in_dir("a"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(unlink(in_dir("a")), 0);
	/* The nearest directory that is there will do. */
	fd = who_open(&who.id, in_dir("not/there"));
	if (fd < 0 && errno == EPERM)
		skip();
	assert_true(fd >= 0);
	assert_int_equal(who_is_open(fd, &again), 0);
	assert_int_equal(again.links, 0);
	assert_true(who_same(&who.id, &again.id));
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(held), 0);
	assert_int_equal(who_open(&who.id, dir), -1);
	assert_int_equal(errno, ESTALE);
}

static atomic_bool done;

static void *
swap(void *none)
{
	while (!atomic_load(&done)) {
		(void)rename(in_dir("a"), in_dir("l"));
		(void)rename(in_dir("b"), in_dir("a"));
		(void)rename(in_dir("l"), in_dir("b"));
	}
	return none;
}

/* Inode and handle come from one file, whatever is renamed meanwhile. */
static void
one_look_sees_one_file(void **state)
{
	struct who a, b, seen;
	pthread_t other;
	char path[128];
	size_t looks = 0;

	(void)state;
	make("a");
	make("b");
	assert_int_equal(who_is(in_dir("a"), &a), 0);
	assert_int_equal(who_is(in_dir("b"), &b), 0);
	(void)snprintf(path, sizeof(path), "%s/a", dir);
	atomic_store(&done, false);
	assert_int_equal(pthread_create(&other, NULL, swap, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		if (who_is(path, &seen) != 0)
			continue;
		looks++;
		assert_true(
		    who_same(&seen.id, &a.id) || who_same(&seen.id, &b.id));
	}
	atomic_store(&done, true);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_true(looks > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rename_changes_nobody_and_a_new_file_is_another),
		TEST(a_link_is_who_it_points_to),
		TEST(a_file_is_itself_with_and_without_a_handle),
		TEST(a_handle_opens_what_has_no_name),
		TEST(one_look_sees_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
