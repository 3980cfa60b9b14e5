/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens to checkpoints while their disk is full, broken, slow or gone:
 * nothing, a little later.
 *
 * SQLite's door for replacing system calls plays the broken disk; a tmpfs in
 * a mount namespace of our own is the full one.
 */
#include "ledger_help.h"

#include <sched.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/syscall.h>

enum disk { DISK_FINE, DISK_BROKEN, DISK_HANGS };

static _Atomic int disk;         /* of enum disk */
static _Atomic int writes_tried; /* while it was not fine */
static bool private_mounts;

static ssize_t
write_at(int fd, const void *at, size_t len, off_t offset)
{
	if (atomic_load(&disk) != DISK_FINE)
		atomic_fetch_add(&writes_tried, 1);
	while (atomic_load(&disk) == DISK_HANGS)
		nap();
	if (atomic_load(&disk) == DISK_BROKEN) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, at, len, offset);
}

static int
setup_disk(void **state)
{
	atomic_store(&disk, DISK_FINE);
	atomic_store(&writes_tried, 0);
	return setup(state);
}

static int
unmount(void **state)
{
	(void)umount(directory);
	return teardown(state);
}

static void
what_a_broken_disk_did_not_take_is_written_when_it_recovers(void **state)
{
	struct ledger *l = started();
	struct loaded all;
	char out[8];

	(void)state;
	send_row(l, NOTICE_SAVE, 1, 10);
	send_row(l, NOTICE_SAVE, 2, 10);
	WAIT_FOR(
	    judge("SELECT count(*) FROM checkpoint", out, sizeof(out)) == 0 &&
	    strcmp(out, "2") == 0);
	atomic_store(&disk, DISK_BROKEN);
	for (uint64_t i = 11; i <= 50; i++)
		send_row(l, NOTICE_SAVE, 1, i);
	send_row(l, NOTICE_START, 3, 7);
	send_row(l, NOTICE_FORGET, 2, 0);
	WAIT_FOR(was_said("input/output error; look at its disk"));
	send_row(l, NOTICE_SAVE, 1, 99);
	atomic_store(&disk, DISK_FINE);
	WAIT_FOR(was_said("are written again"));
	assert_int_equal(ledger_close(l, DEADLINE_MS), LEDGER_NOTED);
	all = load_all();
	assert_int_equal(all.count, 2);
	assert_int_equal(all.committed[1], 99);
	assert_int_equal(all.committed[3], 7);
	JUDGED("SELECT count(*) FROM flow", "1");
	JUDGED("PRAGMA integrity_check", "ok");
}

static void
an_outage_is_said_once_a_minute_and_not_at_every_try(void **state)
{
	struct ledger *l = started();

	(void)state;
	atomic_store(&disk, DISK_BROKEN);
	send_row(l, NOTICE_SAVE, 1, 10);
	WAIT_FOR(atomic_load(&writes_tried) >= 3);
	assert_int_equal(times_said("cannot write checkpoints"), 1);
	atomic_store(&disk, DISK_FINE);
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().committed[1], 10);
}

static void
closing_on_a_broken_disk_gives_up_in_time(void **state)
{
	struct ledger *l = started();
	int64_t before;

	(void)state;
	atomic_store(&disk, DISK_BROKEN);
	send_row(l, NOTICE_SAVE, 1, 10);
	before = clock_ms();
	assert_int_equal(ledger_close(l, 700), LEDGER_OWES);
	assert_in_range(clock_ms() - before, 0, 5000);
	assert_true(was_said("could not write the checkpoints (rows: 1)"));
	atomic_store(&disk, DISK_FINE);
	assert_int_equal(load_all().count, 0);
}

static void
a_stop_does_not_wait_out_a_long_pause(void **state)
{
	struct ledger *l = started();
	int64_t before;

	(void)state;
	atomic_store(&disk, DISK_BROKEN);
	send_row(l, NOTICE_SAVE, 1, 10);
	WAIT_FOR(atomic_load(&writes_tried) >= 4);
	atomic_store(&disk, DISK_FINE);
	before = clock_ms();
	ledger_close(l, DEADLINE_MS);
	assert_in_range(clock_ms() - before, 0, 1500);
	assert_int_equal(load_all().committed[1], 10);
}

static void
a_database_that_was_moved_away_is_missed_and_welcome_back(void **state)
{
	struct ledger *l = started();
	char away[160];

	(void)state;
	(void)snprintf(away, sizeof(away), "%s.away", path);
	send_row(l, NOTICE_SAVE, 1, 10);
	assert_int_equal(rename(path, away), 0);
	send_row(l, NOTICE_SAVE, 1, 11);
	WAIT_FOR(was_said("moved or deleted while in use; put it back"));
	assert_int_equal(rename(away, path), 0);
	WAIT_FOR(was_said("are written again"));
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().committed[1], 11);
}

static void
a_lock_of_another_program_is_waited_out(void **state)
{
	struct ledger *l = started();
	sqlite3 *other;

	(void)state;
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	send_row(l, NOTICE_SAVE, 1, 10);
	WAIT_FOR(was_said("another program holds it locked"));
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	WAIT_FOR(was_said("are written again"));
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().committed[1], 10);
}

static void
mount_small_disk(void)
{
	if (!private_mounts)
		skip();
	assert_int_equal(
	    mount("small", directory, "tmpfs", 0, "size=256k,mode=0700"), 0);
}

static void
fill_disk(void)
{
	static const char zeros[4096];
	char name[96];
	int fd;

	(void)snprintf(name, sizeof(name), "%s/filler", directory);
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	(void)close(fd);
}

static void
free_disk(void)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s/filler", directory);
	assert_int_equal(unlink(name), 0);
}

static void
a_full_disk_delays_checkpoints_until_there_is_space(void **state)
{
	struct ledger *l;

	(void)state;
	mount_small_disk();
	l = started();
	send_row(l, NOTICE_SAVE, 1, 10);
	fill_disk();
	for (uint64_t row = 2; row < LOADED_MAX; row++)
		send_row(l, NOTICE_SAVE, row, row);
	WAIT_FOR(was_said("cannot write checkpoints: no space left; free "
			  "space on its file system"));
	free_disk();
	WAIT_FOR(was_said("are written again"));
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().count, LOADED_MAX - 1);
	JUDGED("PRAGMA integrity_check", "ok");
}

static void
positions_are_found_and_followed_when_the_disk_is_full_at_start(void **state)
{
	struct ledger *l;
	struct loaded all = { 0 };

	(void)state;
	mount_small_disk();
	l = started();
	send_row(l, NOTICE_SAVE, 1, 10);
	ledger_close(l, DEADLINE_MS);
	fill_disk();
	l = ledger_open(&the_config);
	assert_non_null(l);
	assert_int_equal(ledger_load(l, count_row, &all), 0);
	assert_int_equal(all.committed[1], 10);
	assert_int_equal(ledger_start(l), 0);
	send_row(l, NOTICE_SAVE, 1, 11);
	WAIT_FOR(was_said("no space left"));
	free_disk();
	WAIT_FOR(was_said("are written again"));
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().committed[1], 11);
}

static void
no_space_for_a_first_database_is_refused(void **state)
{
	(void)state;
	mount_small_disk();
	fill_disk();
	assert_null(ledger_open(&the_config));
	assert_true(was_said("checkpoints: no space left; free space"));
	assert_int_equal(times_said("\n"), 1);
	free_disk();
	assert_int_equal(load_all().count, 0);
}

/* What was given up is still there, for whoever looks for leaks. */
static struct ledger *given_up;

static void
closing_on_a_disk_that_hangs_gives_up_in_time(void **state)
{
	struct ledger *l = started();
	int64_t before;

	(void)state;
	atomic_store(&disk, DISK_HANGS);
	send_row(l, NOTICE_SAVE, 1, 10);
	WAIT_FOR(atomic_load(&writes_tried) > 0);
	before = clock_ms();
	assert_int_equal(ledger_close(l, 200), LEDGER_HANGS);
	given_up = l;
	assert_in_range(clock_ms() - before, 200, 5000);
	assert_true(was_said("gave up after 200 ms"));
}

#define ON_DISK(test)                                                          \
	cmocka_unit_test_setup_teardown(test, setup_disk, teardown)
#define ON_SMALL_DISK(test)                                                    \
	cmocka_unit_test_setup_teardown(test, setup_disk, unmount)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(
		    what_a_broken_disk_did_not_take_is_written_when_it_recovers),
		ON_DISK(an_outage_is_said_once_a_minute_and_not_at_every_try),
		ON_DISK(closing_on_a_broken_disk_gives_up_in_time),
		ON_DISK(a_stop_does_not_wait_out_a_long_pause),
		ON_DISK(
		    a_database_that_was_moved_away_is_missed_and_welcome_back),
		ON_DISK(a_lock_of_another_program_is_waited_out),
		ON_SMALL_DISK(
		    a_full_disk_delays_checkpoints_until_there_is_space),
		ON_SMALL_DISK(
		    positions_are_found_and_followed_when_the_disk_is_full_at_start),
		ON_SMALL_DISK(no_space_for_a_first_database_is_refused),
		ON_DISK(closing_on_a_disk_that_hangs_gives_up_in_time),
	};
	sqlite3_vfs *vfs;

	/* Without the right to mount, the small disk is skipped. */
	private_mounts =
	    unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (sqlite3_initialize() != SQLITE_OK)
		return 1;
	vfs = sqlite3_vfs_find(NULL);
	if (vfs->xSetSystemCall(vfs, "pwrite64",
		(sqlite3_syscall_ptr)(void (*)(void))write_at) != SQLITE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
