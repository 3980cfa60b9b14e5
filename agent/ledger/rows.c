/* SPDX-License-Identifier: Apache-2.0
 *
 * rows: see rows.h.
 *
 * Who reads takes no lock of ours: a start in that moment would be refused by
 * it. SQLite's are enough, and are held for a slice of the rows only: a pager
 * that waits at its first page must not hold up the agent's log.
 *
 * Thread: the caller's.
 */
#include "rows.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoints.h"
#include "java.h"
#include "lock.h"
#include "log.h"
#include "mem.h"
#include "site.h"

#define SLICE 500

struct rows {
	struct site site;
	bool has_source;
	struct checkpoints *db; /* owned; NULL: there is none */
	int lock;               /* -1: only read */
	uid_t owner;            /* of the database */
	gid_t group;
	bool acting; /* as those, now */
};

/* Begin to act as the database's owner, if root asks: in none of root's own
 * groups, which root needs no more. */
static void
act_as_owner(struct rows *r)
{
	if (geteuid() != 0 || r->owner == 0)
		return;
	r->acting = true;
	if (setgroups(0, NULL) != 0 || setegid(r->group) != 0 ||
	    seteuid(r->owner) != 0)
		log_warn("%s: what is made beside it will be root's; give it "
			 "to the agent's user",
		    r->site.path);
}

static void
act_as_oneself(struct rows *r)
{
	if (r->acting && (seteuid(0) != 0 || setegid(getgid()) != 0))
		log_warn("cannot act as root again");
	r->acting = false;
}

static enum rows_answer
take_lock(struct rows *r)
{
	char who[32] = "";
	long holder;

	switch (lock_try(r->site.path, &r->lock, &holder)) {
	case LOCK_TAKEN:
		return ROWS_OPEN;
	case LOCK_HELD:
		break;
	case LOCK_FAILED:
		return ROWS_FAILED;
	}
	if (holder != 0)
		(void)snprintf(who, sizeof(who), " (pid %ld)", holder);
	log_error("%s: the agent%s runs on it and would write its rows again; "
		  "stop it first (systemctl stop kinesis-agent)",
	    r->site.path, who);
	return ROWS_HELD;
}

static enum rows_answer
open_database(struct rows *r, bool change)
{
	enum rows_answer answer = ROWS_OPEN;

	if (change)
		answer = take_lock(r);
	if (answer != ROWS_OPEN)
		return answer;
	r->db = change ? checkpoints_open(r->site.path)
		       : checkpoints_peek(r->site.path);
	return r->db != NULL ? ROWS_OPEN : ROWS_FAILED;
}

static enum rows_answer
find_database(const struct config *config, struct rows *r)
{
	struct stat st;
	bool there;

	if (site_look(config, &r->site) != 0 ||
	    site_ask(r->site.path, &there) != 0)
		return ROWS_FAILED;
	r->has_source =
	    r->site.source != NULL && java_looks_like(r->site.source);
	if (!there || stat(r->site.path, &st) != 0)
		return ROWS_NONE;
	r->owner = st.st_uid;
	r->group = st.st_gid;
	return ROWS_OPEN;
}

enum rows_answer
rows_open(const struct config *config, bool change, struct rows **rows)
{
	struct rows *r = mem_new(sizeof(*r));
	enum rows_answer answer;

	r->lock = -1;
	answer = find_database(config, r);
	if (answer == ROWS_OPEN) {
		act_as_owner(r);
		answer = open_database(r, change);
		act_as_oneself(r);
	}
	switch (answer) {
	case ROWS_OPEN:
	case ROWS_NONE:
		*rows = r;
		return answer;
	case ROWS_HELD:
	case ROWS_FAILED:
		break;
	}
	rows_close(r);
	*rows = NULL;
	return answer;
}

void
rows_close(struct rows *r)
{
	if (r == NULL)
		return;
	act_as_owner(r);
	checkpoints_close(r->db);
	act_as_oneself(r);
	lock_release(r->lock);
	site_fini(&r->site);
	free(r);
}

const char *
rows_path(const struct rows *r)
{
	return r->site.path;
}

const char *
rows_source(const struct rows *r)
{
	return r->has_source ? r->site.source : NULL;
}

const char *
rows_flow(const struct rows *r, size_t i)
{
	return r->db != NULL ? checkpoints_flow(r->db, i) : NULL;
}

static int
each_of(struct rows *r, const uint64_t *inode,
    void (*each)(void *owner, const struct checkpoint *row), void *owner)
{
	struct checkpoint *rows;
	int64_t after = INT64_MIN;
	int count = 0;

	if (r->db == NULL)
		return 0;
	rows = mem_new_array(SLICE, sizeof(*rows));
	do {
		act_as_owner(r);
		count = checkpoints_slice(r->db, &after, inode, rows, SLICE);
		act_as_oneself(r);
		for (int i = 0; i < count; i++) {
			each(owner, &rows[i]);
			checkpoint_fini(&rows[i]);
		}
	} while (count > 0);
	free(rows);
	return count;
}

int
rows_each(struct rows *r,
    void (*each)(void *owner, const struct checkpoint *row), void *owner)
{
	return each_of(r, NULL, each, owner);
}

int
rows_of_inode(struct rows *r, uint64_t inode,
    void (*each)(void *owner, const struct checkpoint *row), void *owner)
{
	return each_of(r, &inode, each, owner);
}

int
rows_at(struct rows *r, uint64_t number, struct checkpoint *row, bool *there)
{
	int64_t after = (int64_t)number - 1;
	int count = 0;

	if (r->db != NULL) {
		act_as_owner(r);
		count = checkpoints_slice(r->db, &after, NULL, row, 1);
		act_as_oneself(r);
	}
	*there = count == 1 && row->row == number;
	if (count == 1 && !*there)
		checkpoint_fini(row);
	return count < 0 ? -1 : 0;
}

int
rows_forget(struct rows *r, const uint64_t *numbers, size_t count,
    const char *const *flows)
{
	enum checkpoints_result result;

	act_as_owner(r);
	result = checkpoints_forget(r->db, numbers, count, flows);
	act_as_oneself(r);
	if (result == CHECKPOINTS_WRITTEN)
		return 0;
	log_error("%s: %s; nothing was forgotten", r->site.path,
	    checkpoints_why(r->db));
	return -1;
}
