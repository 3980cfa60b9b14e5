/* SPDX-License-Identifier: Apache-2.0
 *
 * search: see search.h.
 *
 * From the cheap to the dear: by inode number in the directories we look
 * into, by handle, then by content among the files whose names have the same
 * stem (trace.c). A row is given up when nothing is found, but not while its
 * directory is missing: a file system may be mounted later.
 *
 * Thread: tail.
 */
#include "search.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "clock.h"
#include "follow.h"
#include "listing.h"
#include "log.h"
#include "mem.h"
#include "missed.h"
#include "past.h"
#include "place.h"
#include "reader.h"
#include "state.h"
#include "trace.h"
#include "who.h"

#define DAY_MS       (INT64_C(24) * 3600 * 1000)
#define AGED_MS      (INT64_C(3600) * 1000) /* how often age is asked */
#define UNMOUNTED_MS (90 * DAY_MS) /* another device stands in its place */

/* Bytes of [committed, size) that no range says were delivered. */
static uint64_t
undelivered(const struct checkpoint *row)
{
	uint64_t bytes;

	if (row->size <= row->committed ||
	    (row->footer > 0 && row->footer <= row->committed))
		return 0;
	bytes = row->size - row->committed;
	for (uint32_t i = 0; i < row->range_count; i++)
		bytes -= row->ranges[i].to - row->ranges[i].from;
	return bytes;
}

void
search_tell_cure(struct tail *t, const struct flow *flow, const char *path)
{
	char *archive = listing_unreadable(path);
	uint64_t held;

	if (archive != NULL &&
	    log_gate_open(&t->archive_gate, t->now_ms, &held))
		log_warn("flow %s: what is lost of %s may be in %s, which "
			 "cannot be read: have rotated files compressed with "
			 "gzip or zstd (unsaid since the last such line: "
			 "%" PRIu64 ")",
		    flow->config->name, path, archive, held);
	free(archive);
}

/* A row that an earlier life has left says what that had noted. */
static void
report_lost(struct tail *t, struct flow *flow, const struct checkpoint *row,
    enum stats_loss reason, const char *why)
{
	uint64_t bytes = undelivered(row);

	if (bytes == 0)
		return;
	tally_lose(flow, reason, bytes, row->path);
	log_warn("flow %s: %s: lost %" PRIu64 " bytes of [%" PRIu64 ", %" PRIu64
		 "): %s%s",
	    flow->config->name, row->path, bytes, row->committed, row->size,
	    why,
	    row->row <= t->old_rows ? "; fewer if the agent was killed before "
				      "it could note what it had delivered"
				    : "");
	search_tell_cure(t, flow, row->path);
}

static void
give_row_up(struct tail *t, struct restored *kept)
{
	place_forget(t, kept->row.row);
	place_drop(t, kept);
}

/* Search `d` for the files of unclaimed rows, by inode number first. */
static void
search_in(struct tail *t, struct directory *d)
{
	DIR *dir = t->restored.count > 0 ? opendir(d->path) : NULL;
	struct dirent *e;

	if (dir == NULL)
		return;
	while (t->restored.count > 0 && (e = readdir(dir)) != NULL) {
		struct table_node *at = table_first(
		    &t->restored, table_hash_number((uint64_t)e->d_ino));

		if (at != NULL)
			follow_old_name(t, d, e->d_name);
	}
	(void)closedir(dir);
}

/* Could the file of `kept` not be seen even if it were there? Its directory
 * is not readable, or empty because it is mounted later: then the row is as
 * good as ever, for a time. */
static bool
out_of_sight(const struct tail *t, const struct restored *kept)
{
	const struct directory *d = follow_directory(t, kept->row.path);
	char *path = mem_dup(kept->row.path);
	char *slash = strrchr(path, '/');
	bool missing = d != NULL && d->missing;
	int64_t keep_ms = t->config->checkpoint_days * DAY_MS;
	struct stat st = { 0 };

	/* The nearest directory above it that is there. */
	while (slash != NULL && slash > path) {
		*slash = '\0';
		if (stat(path, &st) == 0)
			break;
		missing = true;
		slash = strrchr(path, '/');
	}
	free(path);
	if (st.st_dev != kept->row.id.dev) {
		if (keep_ms < UNMOUNTED_MS)
			keep_ms = UNMOUNTED_MS;
		missing = missing || d == NULL || list_empty(&d->names);
	}
	/* What is imported says when its file was written, not when we met. */
	return missing && (kept->row.imported ||
			      clock_wall_ms() - kept->row.changed_ms < keep_ms);
}

/* `kept`'s file is found by its handle. Answers whether that settles it. */
static bool
found_by_handle(struct tail *t, struct restored *kept)
{
	const char *path = kept->row.path;
	struct who who;
	int fd = t->files.by_handle ? who_open(&kept->row.id, path) : -1;
	bool found = fd >= 0 && who_is_open(fd, &who) == 0 && S_ISREG(who.mode);

	if (fd >= 0)
		(void)close(fd);
	if (!found)
		return false;
	kept->there = archive_is_done(&kept->row);
	if (!kept->there)
		follow_nameless(t, kept->flow, path, &who);
	return true;
}

/* `r` has not read anything yet: it begins where `kept` says. */
static void
begin_at_row(struct tail *t, struct reader *r, struct restored *kept)
{
	list_remove(&r->of_original);
	r->original = NULL;
	place_forget(t, r->row);
	r->row_found = place_claim(t, kept->flow, &kept->row.id);
	r->row = r->row_found->row;
	r->start = START_AT_ROW;
	/* If it cannot be read now it is tried again with its turn. */
	if (file_open(&t->files, r->file) == 0)
		(void)place_settle(t, r);
	reader_ready(r);
}

/* The bytes that `kept` knows are in `found`: go on there. */
static void
go_on_in(struct tail *t, struct restored *kept, const struct trace_found *found)
{
	struct checkpoint *row = &kept->row;
	struct flow *flow = kept->flow;
	struct reader *r = follow_reader(t, flow, &found->who.id);

	log_info(
	    "flow %s: what %s held is in %s now: going on there at %" PRIu64,
	    flow->config->name, row->path, found->path, row->committed);
	place_rehome(t, kept, &found->who.id, found->path);
	if (found->read)
		row->size = row->committed;
	else if (found->packed && row->size <= row->committed)
		row->size = row->committed + 1;
	if (r != NULL) {
		r->file->born_ns = found->born_ns;
		begin_at_row(t, r, kept);
	} else
		follow_found(t, flow, found->path, &found->who, found->born_ns);
	archive_hand_over(
	    follow_reader(t, flow, &found->who.id), found->unpack);
}

static void
settle_row(struct tail *t, struct trace *trace, struct restored *kept)
{
	struct trace_found found;

	if (kept->there)
		return;
	if (!kept->homeless) {
		/* Another row has the file already. */
		if (follow_reader(t, kept->flow, &kept->row.id) != NULL) {
			give_row_up(t, kept);
			return;
		}
		if (found_by_handle(t, kept))
			return;
	}
	if (trace_row(trace, t, kept->flow, &kept->row, &found)) {
		go_on_in(t, kept, &found);
		return;
	}
	if (!kept->homeless && out_of_sight(t, kept))
		return;
	report_lost(t, kept->flow, &kept->row,
	    kept->homeless ? STATS_LOSS_TRUNCATED : STATS_LOSS_VANISHED,
	    kept->homeless ? "the file was truncated or replaced"
			   : "the file is gone");
	past_remember_row(t, kept->flow, &kept->row);
	give_row_up(t, kept);
}

static int
by_path(const void *a, const void *b)
{
	const struct restored *const *x = a, *const *y = b;

	return strcmp((*x)->row.path, (*y)->row.path);
}

/* Settle the rows whose files belong into `d`, or all if it is NULL, of which
 * `which` is true, if it is given. */
static void
settle_rows(struct tail *t, struct trace *trace, const struct directory *d,
    bool (*which)(const struct tail *t, const struct restored *kept))
{
	struct restored **all =
	    mem_new_array(t->restored.count + 1, sizeof(struct restored *));
	size_t count = 0;

	for (size_t i = 0; i <= t->restored.mask; i++) {
		struct list_node *n;

		list_for_each (n, &t->restored.buckets[i]) {
			struct restored *kept =
			    place_at(LIST_ENTRY(n, struct table_node, node));

			if ((d == NULL ||
				trace_is_near(d->path, kept->row.path)) &&
			    (which == NULL || which(t, kept)))
				all[count++] = kept;
		}
	}
	qsort(all, count, sizeof(*all), by_path);
	for (size_t i = 0; i < count; i++)
		all[i]->sought = &all[i];
	for (size_t i = 0; i < count; i++)
		if (all[i] != NULL)
			settle_row(t, trace, all[i]);
	for (size_t i = 0; i < count; i++)
		if (all[i] != NULL)
			all[i]->sought = NULL;
	free(all);
}

static bool
is_arriving(const struct tail *t, const struct restored *kept)
{
	(void)t;
	return kept->flow->arriving;
}

void
search_everything(struct tail *t)
{
	struct trace *trace = trace_new();
	struct list_node *at;

	list_for_each (at, &t->roster.directories)
		search_in(t, LIST_ENTRY(at, struct directory, node));
	settle_rows(t, trace, NULL, is_arriving);
	list_for_each (at, &t->roster.directories)
		missed_while_away(t, LIST_ENTRY(at, struct directory, node));
	trace_free(trace);
}

/* What waits for its directory has a time, which may pass while we run. What
 * left while we run is waited for. */
static bool
has_aged(const struct tail *t, const struct restored *kept)
{
	return !kept->there && !kept->homeless && kept->row.changed_ms != 0 &&
	       !out_of_sight(t, kept);
}

int64_t
search_due(struct tail *t)
{
	struct trace *trace;

	if (t->restored.count == 0)
		return CLOCK_NEVER;
	if (t->now_ms < t->aged_ms)
		return t->aged_ms;
	t->aged_ms = t->now_ms + AGED_MS;
	trace = trace_new();
	settle_rows(t, trace, NULL, has_aged);
	trace_free(trace);
	return t->aged_ms;
}

void
search_again(struct tail *t, struct directory *d)
{
	struct trace *trace;

	if (t->first_scan || t->restored.count == 0)
		return;
	search_in(t, d);
	trace = trace_new();
	settle_rows(t, trace, d, NULL);
	trace_free(trace);
}

void
search_homeless(struct tail *t, struct flow *flow, const struct checkpoint *row)
{
	struct restored *kept = place_put(t, flow, row);
	struct trace *trace;

	kept->homeless = true;
	if (t->first_scan)
		return;
	trace = trace_new();
	settle_row(t, trace, kept);
	trace_free(trace);
}

bool
search_onward(struct tail *t, struct reader *r)
{
	struct restored *kept;
	struct trace_found found;
	struct trace *trace;
	bool is;

	if (r->start != START_SETTLED || r->elder != NULL || r->row == 0)
		return false;
	kept = place_leave(t, r);
	trace = trace_new();
	is = trace_row(trace, t, r->flow, &kept->row, &found);
	if (is) {
		r->row = 0;
		go_on_in(t, kept, &found);
	} else {
		place_drop(t, kept);
	}
	trace_free(trace);
	return is;
}
