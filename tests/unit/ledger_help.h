/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the ledger share: a directory of their own, what the
 * ledger says on standard error, rows to write, and the sqlite3 program as a
 * judge from outside.
 */
#ifndef LEDGER_HELP_H
#define LEDGER_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "ledger.h"
#include "log.h"
#include "mem.h"

#define DEADLINE_MS 20000

static char directory[64];       /* this test's own */
static char path[128];           /* the checkpointFile */
static struct config the_config; /* names `path` */
static int kept_stderr = -1;

static int
remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(name);
}

static int
setup(void **state)
{
	char said[80];
	int fd;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/ledger-XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/checkpoints", directory);
	the_config.checkpoint_file = path;
	(void)snprintf(said, sizeof(said), "%s.said", directory);
	fd = open(said, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	kept_stderr = dup(STDERR_FILENO);
	log_setup(LOG_LEVEL_INFO, LOG_STYLE_JOURNAL);
	if (fd < 0 || kept_stderr < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -1;
	return close(fd);
}

static int
teardown(void **state)
{
	char said[80];

	(void)state;
	(void)dup2(kept_stderr, STDERR_FILENO);
	(void)close(kept_stderr);
	(void)snprintf(said, sizeof(said), "%s.said", directory);
	(void)unlink(said);
	return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Everything said so far. */
static inline const char *
all_said(void)
{
	static char text[65536];
	ssize_t got = pread(STDERR_FILENO, text, sizeof(text) - 1, 0);

	text[got < 0 ? 0 : got] = '\0';
	return text;
}

static inline bool
was_said(const char *what)
{
	return strstr(all_said(), what) != NULL;
}

/* How many lines of warning or error hold `what`. */
static inline int
times_said(const char *what)
{
	int times = 0;

	for (const char *at = all_said(); (at = strstr(at, what)) != NULL;
	     at += strlen(what))
		times++;
	return times;
}

static inline void
nap(void)
{
	(void)poll(NULL, 0, 2);
}

#define WAIT_FOR(what)                                                         \
	do {                                                                   \
		int64_t late_ = clock_ms() + DEADLINE_MS;                      \
		while (!(what) && clock_ms() < late_)                          \
			nap();                                                 \
		assert_true(what);                                             \
	} while (0)

/* What `sqlite3 path sql` prints, without the last newline. -1: it failed.
 * The judge leaves no trace: a log that waits beside the database stays. */
static inline int
judge(const char *sql, char *out, size_t size)
{
	size_t len = 0;
	int ends[2], status;
	pid_t pid;
	ssize_t got;

	out[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execlp(
		    "sqlite3", "sqlite3", "-batch", path, sql, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	while (len + 1 < size &&
	       (got = read(ends[0], out + len, size - 1 - len)) > 0)
		len += (size_t)got;
	(void)close(ends[0]);
	if (len > 0 && out[len - 1] == '\n')
		len--;
	out[len] = '\0';
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

#define JUDGED(sql, expected)                                                  \
	do {                                                                   \
		char out_[4096];                                               \
		assert_int_equal(judge(sql, out_, sizeof(out_)), 0);           \
		assert_string_equal(out_, expected);                           \
	} while (0)

/* Fill a row that makes sense. */
static inline void
fill_row(struct checkpoint *row, uint64_t number, uint64_t committed)
{
	row->row = number;
	row->flow = mem_dup("kinesis:stream:/var/log/app.log*");
	row->path =
	    mem_format("/var/log/app.log.%llu", (unsigned long long)number);
	row->id.dev = 0xfe00;
	row->id.ino = 1000 + number;
	row->id.handle_type = 1;
	row->id.handle_len = 8;
	memcpy(row->id.handle, &number, sizeof(number));
	row->head = (struct mark){ 1024, 7 * number, 1024 };
	row->committed = committed;
	row->size = committed;
	row->changed_ms = 1700000000000;
}

static inline struct notice *
one_row(enum notice_kind kind, uint64_t number, uint64_t committed)
{
	struct notice *n = notice_new(kind, 1);

	if (kind == NOTICE_FORGET)
		n->rows[0].row = number;
	else
		fill_row(&n->rows[0], number, committed);
	if (kind == NOTICE_START)
		n->flow = mem_dup("kinesis:stream:/var/log/app.log*");
	return n;
}

static inline void
send_row(struct ledger *l, enum notice_kind kind, uint64_t number,
    uint64_t committed)
{
	struct notice *n = one_row(kind, number, committed);

	notice_send(ledger_inbox(l), &n);
	assert_null(n);
}

/* An open ledger whose thread runs. */
static inline struct ledger *
started(void)
{
	struct ledger *l = ledger_open(&the_config);

	assert_non_null(l);
	assert_int_equal(ledger_start(l), 0);
	return l;
}

/* The rows of a load, by number, for those below LOADED_MAX. */
#define LOADED_MAX 32
struct loaded {
	size_t count;
	uint64_t committed[LOADED_MAX]; /* 0: no such row */
};

static inline void
count_row(void *owner, const struct checkpoint *row)
{
	struct loaded *all = owner;

	all->count++;
	if (row->row < LOADED_MAX)
		all->committed[row->row] = row->committed;
}

/* What a fresh ledger finds on disk. */
static inline struct loaded
load_all(void)
{
	struct ledger *l = ledger_open(&the_config);
	struct loaded all = { 0 };

	assert_non_null(l);
	assert_int_equal(ledger_load(l, count_row, &all), 0);
	ledger_close(l, DEADLINE_MS);
	return all;
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
