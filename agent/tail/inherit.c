/* SPDX-License-Identifier: Apache-2.0
 *
 * inherit: see inherit.h.
 *
 * The Java agent reads one file of a flow at a time, in the order in which
 * they were last written, and what it noted last is how far it came: older
 * files are done, newer ones were not begun. (Those it had begun before, out
 * of that order, have rows of their own, which are believed too.) It knows
 * files by device and inode only and no content, so size is all there is to
 * disprove a row with: a file that shrank is another, and then nothing is
 * known of when it was written for the Java agent. In doubt repeat.
 *
 * Thread: tail. All of this is over with the turn in which the last row's file
 * is met, since all files of its directory are met then: with the first scan,
 * or when the directory comes in sight.
 */
#include "inherit.h"

#include <assert.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "mem.h"
#include "state.h"
#include "who.h"

bool
inherit_agrees(const struct checkpoint *row, uint64_t size)
{
	return size >= row->committed && size >= row->size;
}

/* Is `path` the file of `row` now? */
static bool
is_its_file(const struct checkpoint *row, const char *path, struct who *who)
{
	return who_is(path, who) == 0 && who_same(&row->id, &who->id) &&
	       inherit_agrees(row, who->size);
}

/* Find the file of `row`, which may have been renamed in its directory. */
static bool
find_file(const struct checkpoint *row, struct who *who)
{
	const char *slash = strrchr(row->path, '/');
	bool found = is_its_file(row, row->path, who);
	struct dirent *e;
	char *path;
	DIR *dir;

	if (found || slash == NULL)
		return found;
	path = mem_dup_span(row->path, (size_t)(slash - row->path) + 1);
	dir = opendir(path);
	while (dir != NULL && !found && (e = readdir(dir)) != NULL) {
		char *name;

		if (e->d_ino != row->id.ino)
			continue;
		name = mem_format("%s%s", path, e->d_name);
		found = is_its_file(row, name, who);
		free(name);
	}
	if (dir != NULL)
		(void)closedir(dir);
	free(path);
	return found;
}

void
inherit_row(struct flow *flow, const struct checkpoint *row)
{
	struct heritage *h = &flow->heritage;
	struct who who;

	assert(row->imported);
	h->waiting++;
	if (h->row != 0)
		return;
	h->row = row->row;
	if (find_file(row, &who)) {
		h->done_ms = who.written_ms;
		h->done_size = who.size;
		return;
	}
	h->done_ms = row->changed_ms;
	h->done_size = row->size;
}

void
inherit_met(struct flow *flow, int64_t now_ms)
{
	assert(flow->heritage.waiting > 0);
	flow->heritage.waiting--;
	flow->heritage.met_ms = now_ms;
}

bool
inherit_done(const struct tail *t, const struct flow *flow,
    const struct file *f, const struct checkpoint *row)
{
	const struct heritage *h = &flow->heritage;
	struct who who;

	if (h->row == 0 || f->packed != UNPACK_NONE ||
	    (h->waiting == 0 && h->met_ms != t->now_ms))
		return false;
	/* A row of ours knows better, and the one that decides is no judge
	 * of itself. */
	if (row != NULL && (!row->imported || row->row == h->row))
		return false;
	if (who_is(f->path, &who) != 0)
		return false;
	return who.written_ms < h->done_ms ||
	       (who.written_ms == h->done_ms && who.size >= h->done_size);
}
