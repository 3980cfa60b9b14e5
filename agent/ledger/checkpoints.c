/* SPDX-License-Identifier: Apache-2.0
 *
 * checkpoints: what is read from the database and written to it. Opening it
 * is connection.c's, a row's columns are columns.c's.
 *
 * Schema, version 1 (PRAGMA user_version; PRAGMA application_id is
 * 0x4b435054, "KCPT"):
 *
 *   checkpoint                 one reader's place in one file
 *     row         INTEGER      key, given out by the tail
 *     flow        TEXT         the flow's name
 *     path        TEXT         last known name, in the file system's bytes
 *     dev, ino    INTEGER      unsigned 64 bits, kept as two's complement
 *     birth_ns    INTEGER      since 1970; 0: not known
 *     handle_type INTEGER      of the kernel's file handle; -1 without one:
 *                              imported from the Java agent (ledger.h)
 *     handle      BLOB         empty: none to be had
 *     head        BLOB         a mark (checkpoint.h), empty: none yet
 *     marks       BLOB         marks, oldest first
 *     committed   INTEGER      every byte before this is accounted for
 *     size        INTEGER      last size seen
 *     ranges      BLOB         ranges (checkpoint.h) delivered above committed
 *     changed_ms  INTEGER      wall clock, since 1970
 *     footer      INTEGER      where the footer ends; 0: none was seen
 *   flow                       flows whose files are all known
 *     name        TEXT         key
 *     started     INTEGER      wall clock, since 1970
 *
 * WAL with synchronous=NORMAL: a commit is one write without an fsync, and a
 * power cut may take back the last ones but never part of one. Falling back
 * only repeats (I5). A SIGKILL takes back nothing.
 *
 * Thread: main until ledger_start, ledger after. Everything may block.
 */
#include "checkpoints.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arrears.h"
#include "buf.h"
#include "clock.h"
#include "columns.h"
#include "connection.h"
#include "log.h"
#include "mem.h"

/* Bad rows named one by one; the rest of them is only counted. */
#define FAULTS_NAMED 20

static const char insert[] =
    "INSERT OR REPLACE INTO checkpoint(" COLUMNS ") VALUES(" COLUMNS_ASKED ")";

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	SAVE,
	FORGET,
	START,
	BEQUEATH,
	FORGET_ROWS,
	FORGET_FLOW,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SAVE] = insert,
	[FORGET] = "DELETE FROM checkpoint WHERE row = ?1",
	[START] = "INSERT OR IGNORE INTO flow(name, started) VALUES(?1, ?2)",
	/* What came since a flow was looked at last is news at a start, and
	 * its rows say when that was: the one that goes tells another. Of the
	 * Java agent's rows the time means something else. */
	[BEQUEATH] = "UPDATE checkpoint SET changed_ms = gone.changed_ms FROM"
		     " (SELECT flow, changed_ms FROM checkpoint WHERE row = ?1"
		     " AND handle_type <> -1) AS gone WHERE row ="
		     " (SELECT row FROM checkpoint WHERE flow = gone.flow"
		     " AND row <> ?1 AND handle_type <> -1"
		     " ORDER BY changed_ms DESC LIMIT 1)"
		     " AND checkpoint.changed_ms < gone.changed_ms",
	[FORGET_ROWS] = "DELETE FROM checkpoint WHERE flow = ?1",
	[FORGET_FLOW] = "DELETE FROM flow WHERE name = ?1",
};

static const char load[] = "SELECT " COLUMNS " FROM checkpoint ORDER BY row";
static const char slice[] = "SELECT " COLUMNS " FROM checkpoint WHERE row > ?1"
			    " AND (?3 IS NULL OR ino = ?3)"
			    " ORDER BY row LIMIT ?2";

struct checkpoints {
	char *path; /* owned */
	struct connection link;
	sqlite3_stmt *statements[STATEMENTS]; /* owned */
	struct buf blob;   /* scratch: one row's packed lists */
	struct stat found; /* dev and ino of the file that was opened */
	char **flows;      /* owned: the flows known at the start */
	size_t flow_count;
	uint64_t last_row; /* highest row number at the start */
	uint64_t faults;   /* rows that were left out */
};

static int
load_flows(struct checkpoints *c)
{
	sqlite3_stmt *s = NULL;
	int code;

	code = sqlite3_prepare_v2(
	    c->link.db, "SELECT name FROM flow", -1, &s, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		if (code != SQLITE_ROW)
			break;
		c->flows =
		    mem_resize(c->flows, c->flow_count + 1, sizeof(*c->flows));
		c->flows[c->flow_count++] =
		    mem_dup_span(sqlite3_column_blob(s, 0),
			(size_t)sqlite3_column_bytes(s, 0));
	}
	if (code != SQLITE_DONE)
		connection_blame(&c->link);
	(void)sqlite3_finalize(s);
	return code == SQLITE_DONE ? 0 : -1;
}

static int
load_last_row(struct checkpoints *c)
{
	int64_t last;

	if (connection_ask(&c->link,
		"SELECT coalesce(max(row), 0) FROM checkpoint", &last) != 0)
		return -1;
	c->last_row = last > 0 ? (uint64_t)last : 0;
	return 0;
}

static int
prepare_statements(struct checkpoints *c)
{
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(c->link.db, sql[i], -1,
			SQLITE_PREPARE_PERSISTENT, &c->statements[i],
			NULL) != SQLITE_OK) {
			connection_blame(&c->link);
			return -1;
		}
	return 0;
}

static void
shut(struct checkpoints *c)
{
	for (int i = 0; i < STATEMENTS; i++) {
		(void)sqlite3_finalize(c->statements[i]);
		c->statements[i] = NULL;
	}
	for (size_t i = 0; i < c->flow_count; i++)
		free(c->flows[i]);
	free(c->flows);
	c->flows = NULL;
	c->flow_count = 0;
	connection_end(&c->link);
}

/* Known only from the file: its rows and flows. */
static int
learn(struct checkpoints *c, bool to_write)
{
	if (load_flows(c) != 0)
		return -1;
	return to_write && (prepare_statements(c) != 0 || load_last_row(c) != 0)
		   ? -1
		   : 0;
}

static struct checkpoints *
open_it(const char *path, bool to_write)
{
	struct checkpoints *c = mem_new(sizeof(*c));

	c->path = mem_dup(path);
	c->link.path = c->path;
	buf_init(&c->blob, COLUMNS_SCRATCH);
	if (stat(path, &c->found) != 0) {
		log_error("%s: cannot open: %s; give the agent's user access",
		    path, strerror(errno));
		goto fail;
	}
	switch (
	    to_write ? connection_make(&c->link) : connection_peek(&c->link)) {
	case CONNECTION_MADE:
		if (learn(c, to_write) == 0)
			return c;
		break;
	case CONNECTION_FAILED:
		break;
	case CONNECTION_REFUSED:
		goto fail;
	}
	log_error("%s: %s", path, c->link.why);
fail:
	checkpoints_close(c);
	return NULL;
}

struct checkpoints *
checkpoints_open(const char *path)
{
	return open_it(path, true);
}

struct checkpoints *
checkpoints_peek(const char *path)
{
	return open_it(path, false);
}

void
checkpoints_close(struct checkpoints *c)
{
	if (c == NULL)
		return;
	shut(c);
	buf_fini(&c->blob);
	free(c->path);
	free(c);
}

bool
checkpoints_knows_flow(const struct checkpoints *c, const char *flow)
{
	for (size_t i = 0; i < c->flow_count; i++)
		if (strcmp(c->flows[i], flow) == 0)
			return true;
	return false;
}

const char *
checkpoints_flow(const struct checkpoints *c, size_t i)
{
	return i < c->flow_count ? c->flows[i] : NULL;
}

static int
look_whether_known(struct checkpoints *c, struct notice *n)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(
	    c->link.db, "SELECT 1 FROM flow WHERE name = ?1", -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(s, 1, n->flow, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	n->known = code == SQLITE_ROW;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		connection_blame(&c->link);
	(void)sqlite3_finalize(s);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : -1;
}

static void
take_if_asked(void *owner, const struct checkpoint *row)
{
	struct notice *n = owner;
	struct checkpoint *to;

	if (strcmp(row->flow, n->flow) != 0)
		return;
	n->rows = mem_resize(n->rows, n->count + 1, sizeof(*n->rows));
	to = &n->rows[n->count++];
	*to = *row;
	to->flow = mem_dup(row->flow);
	to->path = mem_dup(row->path);
	to->ranges = NULL;
	if (row->range_count == 0)
		return;
	to->ranges = mem_new_array(row->range_count, sizeof(*to->ranges));
	memcpy(to->ranges, row->ranges, row->range_count * sizeof(*to->ranges));
}

int
checkpoints_answer(struct checkpoints *c, struct notice *n)
{
	if (look_whether_known(c, n) != 0)
		return -1;
	if (checkpoints_load(c, take_if_asked, n) == 0)
		return 0;
	for (uint32_t i = 0; i < n->count; i++)
		checkpoint_fini(&n->rows[i]);
	n->count = 0;
	return -1;
}

uint64_t
checkpoints_last_row(const struct checkpoints *c)
{
	return c->last_row;
}

const char *
checkpoints_why(const struct checkpoints *c)
{
	return c->link.why;
}

static void
say_fault(
    struct checkpoints *c, const struct checkpoint *row, const char *fault)
{
	if (++c->faults > FAULTS_NAMED)
		return;
	log_warn("%s: row %lld (%s) is left out: %s; its file counts as new",
	    c->path, (long long)row->row,
	    row->path == NULL ? "no path" : row->path, fault);
}

/* The reading with `s` ended with `code`. */
static int
end_reading(struct checkpoints *c, sqlite3_stmt *s, int code)
{
	if (code != SQLITE_DONE) {
		connection_blame(&c->link);
		log_error("%s: cannot read the checkpoints: %s", c->path,
		    c->link.why);
	}
	(void)sqlite3_finalize(s);
	return code == SQLITE_DONE ? 0 : -1;
}

static void
say_unnamed_faults(const struct checkpoints *c)
{
	if (c->faults > FAULTS_NAMED)
		log_warn("%s: rows left out and not named: %llu", c->path,
		    (unsigned long long)(c->faults - FAULTS_NAMED));
}

int
checkpoints_load(struct checkpoints *c,
    void (*each)(void *owner, const struct checkpoint *row), void *owner)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(c->link.db, load, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	for (; code == SQLITE_ROW; code = sqlite3_step(s)) {
		struct checkpoint row = { 0 };
		const char *fault = columns_read(s, &row);

		if (fault == NULL)
			each(owner, &row);
		else
			say_fault(c, &row, fault);
		free(row.ranges);
	}
	say_unnamed_faults(c);
	return end_reading(c, s, code);
}

/* The row that `s` stands on, to be kept in `row`. False: it makes no sense. */
static bool
keep_row(struct checkpoints *c, sqlite3_stmt *s, struct checkpoint *row)
{
	const char *fault;

	memset(row, 0, sizeof(*row));
	fault = columns_read(s, row);
	if (fault != NULL) {
		say_fault(c, row, fault);
		free(row->ranges);
		return false;
	}
	row->flow = mem_dup(row->flow);
	row->path = mem_dup(row->path);
	return true;
}

/* How many rows were met; -1: logged. */
static int
read_slice(struct checkpoints *c, int64_t *after, const uint64_t *inode,
    struct checkpoint *rows, size_t most, size_t *kept)
{
	sqlite3_stmt *s = NULL;
	int met = 0;
	int code = sqlite3_prepare_v2(c->link.db, slice, -1, &s, NULL);

	if (code == SQLITE_OK) {
		(void)sqlite3_bind_int64(s, 1, *after);
		(void)sqlite3_bind_int64(s, 2, (int64_t)most);
		if (inode != NULL)
			(void)sqlite3_bind_int64(s, 3, (int64_t)*inode);
		code = sqlite3_step(s);
	}
	for (; code == SQLITE_ROW; code = sqlite3_step(s), met++) {
		*after = sqlite3_column_int64(s, 0);
		if (keep_row(c, s, &rows[*kept]))
			++*kept;
	}
	return end_reading(c, s, code) == 0 ? met : -1;
}

int
checkpoints_slice(struct checkpoints *c, int64_t *after, const uint64_t *inode,
    struct checkpoint *rows, size_t most)
{
	size_t kept = 0;
	int met;

	assert(most <= INT32_MAX);
	do {
		met = read_slice(c, after, inode, rows, most, &kept);
	} while (kept == 0 && met > 0);
	if (met == 0)
		say_unnamed_faults(c);
	if (met >= 0)
		return (int)kept;
	while (kept > 0)
		checkpoint_fini(&rows[--kept]);
	return -1;
}

/* Run a statement whose values are bound. */
static int
run(struct checkpoints *c, enum statement which)
{
	sqlite3_stmt *s = c->statements[which];
	int code = sqlite3_step(s);

	if (code != SQLITE_DONE)
		connection_blame(&c->link);
	(void)sqlite3_reset(s);
	return code == SQLITE_DONE ? 0 : -1;
}

static int
save(struct checkpoints *c, const struct checkpoint *row)
{
	columns_bind(c->statements[SAVE], row, &c->blob);
	return run(c, SAVE);
}

static int
write_rows(struct checkpoints *c, const struct arrears *a)
{
	struct list_node *at;

	list_for_each (at, &a->rows) {
		const struct arrear *r = LIST_ENTRY(at, struct arrear, node);

		if (!r->forget) {
			if (save(c, &r->state) != 0)
				return -1;
			continue;
		}
		(void)sqlite3_bind_int64(
		    c->statements[FORGET], 1, (int64_t)r->state.row);
		if (run(c, FORGET) != 0)
			return -1;
	}
	return 0;
}

static int
write_flows(struct checkpoints *c, const struct arrears *a)
{
	sqlite3_stmt *s = c->statements[START];
	struct list_node *at;

	list_for_each (at, &a->flows) {
		const struct arrear_flow *f =
		    LIST_ENTRY(at, struct arrear_flow, node);

		(void)sqlite3_bind_text(s, 1, f->name, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(s, 2, clock_wall_ms());
		if (run(c, START) != 0)
			return -1;
	}
	return 0;
}

/* Does the path still lead to the file we have open? What is written to one
 * that was moved or deleted is not found at the next start. */
static int
check_in_place(struct checkpoints *c)
{
	struct stat st;

	if (stat(c->path, &st) == 0 && st.st_ino == c->found.st_ino &&
	    st.st_dev == c->found.st_dev)
		return 0;
	(void)snprintf(c->link.why, sizeof(c->link.why),
	    "the file was moved or deleted while in use; put it back, or "
	    "restart the agent to make a new one");
	return -1;
}

static enum checkpoints_result
undo(struct checkpoints *c)
{
	/* Some errors have already rolled back; c->link.why keeps the first. */
	if (sqlite3_get_autocommit(c->link.db) == 0) {
		(void)sqlite3_step(c->statements[ROLLBACK]);
		(void)sqlite3_reset(c->statements[ROLLBACK]);
	}
	return CHECKPOINTS_FAILED;
}

enum checkpoints_result
checkpoints_write(struct checkpoints *c, const struct arrears *a)
{
	if (check_in_place(c) != 0 || run(c, BEGIN) != 0)
		return CHECKPOINTS_FAILED;
	if (write_rows(c, a) != 0 || write_flows(c, a) != 0 ||
	    run(c, COMMIT) != 0)
		return undo(c);
	return CHECKPOINTS_WRITTEN;
}

static int
forget_row(struct checkpoints *c, uint64_t row)
{
	static const enum statement both[] = { BEQUEATH, FORGET };

	for (size_t i = 0; i < 2; i++) {
		(void)sqlite3_bind_int64(
		    c->statements[both[i]], 1, (int64_t)row);
		if (run(c, both[i]) != 0)
			return -1;
	}
	return 0;
}

static int
forget_flow(struct checkpoints *c, const char *name)
{
	static const enum statement both[] = { FORGET_ROWS, FORGET_FLOW };

	for (size_t i = 0; i < 2; i++) {
		(void)sqlite3_bind_text(
		    c->statements[both[i]], 1, name, -1, SQLITE_STATIC);
		if (run(c, both[i]) != 0)
			return -1;
	}
	return 0;
}

enum checkpoints_result
checkpoints_forget(struct checkpoints *c, const uint64_t *rows, size_t count,
    const char *const *flows)
{
	if (check_in_place(c) != 0 || run(c, BEGIN) != 0)
		return CHECKPOINTS_FAILED;
	for (size_t i = 0; i < count; i++)
		if (forget_row(c, rows[i]) != 0)
			return undo(c);
	for (size_t i = 0; flows[i] != NULL; i++)
		if (forget_flow(c, flows[i]) != 0)
			return undo(c);
	return run(c, COMMIT) == 0 ? CHECKPOINTS_WRITTEN : undo(c);
}
