/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer that dies at any moment leaves a database that is whole, holds
 * each notice entirely or not at all, and never goes back.
 *
 * The writer is a child process; sqlite3 judges what it leaves behind.
 */
#include "ledger_help.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "digest.h"

#define ROWS            200
#define RANDOM_KILLS    40
#define LONGEST_LIFE_US 40000
#define EVERY_WRITE     40   /* each one up to here, then now and then */
#define LAST_WRITE      4000 /* past the log's move into the database */

static _Atomic long writes_left; /* the child dies at the one that is 0 */

/* Dies in the midst of the write: half of it is done. */
static ssize_t
write_at(int fd, const void *at, size_t len, off_t offset)
{
	if (atomic_fetch_sub(&writes_left, 1) == 0) {
		(void)syscall(SYS_pwrite64, fd, at, len / 2, offset);
		(void)kill(getpid(), SIGKILL);
	}
	return syscall(SYS_pwrite64, fd, at, len, offset);
}

static void
send_notice(struct ledger *l, uint64_t committed)
{
	struct notice *n = notice_new(NOTICE_START, ROWS);

	n->flow = mem_dup("flow");
	for (uint32_t i = 0; i < ROWS; i++)
		fill_row(&n->rows[i], i + 1, committed);
	notice_send(ledger_inbox(l), &n);
}

/* The child: writes on where the last one was killed, until it is. */
static void
write_until_killed(void)
{
	struct ledger *l = ledger_open(&the_config);
	struct loaded all = { 0 };

	if (l == NULL || ledger_load(l, count_row, &all) != 0 ||
	    ledger_start(l) != 0)
		_exit(1);
	for (uint64_t at = all.committed[1] + 1;; at++) {
		send_notice(l, at);
		(void)poll(NULL, 0, 1);
	}
}

/* Fork a writer, kill it after `us` or, if negative, let it die by itself. */
static void
let_one_die(long us)
{
	struct timespec life = { 0, us * 1000 };
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		write_until_killed();
	if (us >= 0) {
		(void)nanosleep(&life, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* What stands in the database now, once it is found to be sound. */
static long
judged(void)
{
	char out[256];
	long committed;

	assert_int_equal(judge("PRAGMA integrity_check; SELECT count(*) FROM "
			       "sqlite_master WHERE type = 'table'",
			     out, sizeof(out)),
	    0);
	if (strcmp(out, "ok\n0") == 0)
		return 0;
	assert_string_equal(out, "ok\n2");
	assert_int_equal(
	    judge("SELECT coalesce(max(committed), 0), count(DISTINCT"
		  " committed), count(*), (SELECT count(*) FROM flow)"
		  " FROM checkpoint",
		out, sizeof(out)),
	    0);
	committed = strtol(out, NULL, 10);
	if (committed == 0)
		assert_string_equal(out, "0|0|0|0");
	else
		assert_string_equal(strchr(out, '|'), "|1|200|1");
	return committed;
}

static void
a_writer_killed_at_random_moments_never_goes_back(void **state)
{
	long before = 0;

	(void)state;
	atomic_store(&writes_left, -1);
	for (int i = 0; i < RANDOM_KILLS; i++) {
		uint32_t us;
		long now;

		digest_random(&us, sizeof(us));
		let_one_die((long)(us % LONGEST_LIFE_US));
		now = judged();
		assert_true(now >= before);
		before = now;
	}
	assert_true(before > 0);
}

static void
a_writer_killed_in_any_of_its_writes_never_goes_back(void **state)
{
	long before = 0;

	(void)state;
	for (long i = 0; i < LAST_WRITE; i += i < EVERY_WRITE ? 1 : 397) {
		long now;

		atomic_store(&writes_left, i);
		let_one_die(-1);
		now = judged();
		assert_true(now >= before);
		before = now;
	}
	assert_true(before > 0);
}

static void
a_writer_killed_while_it_makes_the_database_can_start_again(void **state)
{
	char wal[160];

	(void)state;
	(void)snprintf(wal, sizeof(wal), "%s-wal", path);
	for (long i = 0; i < 20; i++) {
		struct ledger *l;

		atomic_store(&writes_left, i);
		let_one_die(-1);
		atomic_store(&writes_left, -1);
		l = ledger_open(&the_config);
		assert_non_null(l);
		ledger_close(l, DEADLINE_MS);
		assert_int_equal(unlink(path), 0);
		(void)unlink(wal);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(a_writer_killed_at_random_moments_never_goes_back),
		PROMISE(a_writer_killed_in_any_of_its_writes_never_goes_back),
		PROMISE(
		    a_writer_killed_while_it_makes_the_database_can_start_again),
	};
	sqlite3_vfs *vfs;

	if (sqlite3_initialize() != SQLITE_OK)
		return 1;
	vfs = sqlite3_vfs_find(NULL);
	if (vfs->xSetSystemCall(vfs, "pwrite64",
		(sqlite3_syscall_ptr)(void (*)(void))write_at) != SQLITE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
