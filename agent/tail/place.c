/* SPDX-License-Identifier: Apache-2.0
 *
 * place: see place.h.
 *
 * Coming back, a row is believed where handle and marks agree: the head, and
 * the youngest mark that the file is still long enough to hold. A file that
 * is shorter than its row but begins the same was cut short by a power
 * failure (its tail, which we delivered, never reached the disk): we go on at
 * its end. Any other content is a new one and read from 0: in doubt repeat.
 *
 * Thread: tail.
 */
#include "place.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "chain.h"
#include "copy.h"
#include "header.h"
#include "inherit.h"
#include "line.h"
#include "log.h"
#include "mem.h"
#include "newcomer.h"
#include "reader.h"
#include "remainder.h"
#include "rotation.h"
#include "search.h"
#include "state.h"
#include "who.h"

#define SOON_MS   10   /* new readers are noted within */
#define COARSE_MS 50   /* a file's times may be older than the clock's */
#define KEPT_MAX  1000 /* rows of files that went where we do not look */

struct flow *
place_flow(const struct tail *t, const char *name)
{
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (!flow_is_empty(&t->flows[i]) &&
		    strcmp(t->flows[i].config->name, name) == 0)
			return &t->flows[i];
	return NULL;
}

static void
copy_row(struct checkpoint *to, const struct checkpoint *from)
{
	*to = *from;
	to->flow = mem_dup(from->flow);
	to->path = mem_dup(from->path);
	to->ranges = NULL;
	if (from->range_count == 0)
		return;
	to->ranges = mem_new_array(from->range_count, sizeof(*to->ranges));
	memcpy(
	    to->ranges, from->ranges, from->range_count * sizeof(*to->ranges));
}

struct restored *
place_put(struct tail *t, struct flow *flow, const struct checkpoint *row)
{
	struct restored *kept = mem_new(sizeof(*kept));

	kept->flow = flow;
	copy_row(&kept->row, row);
	if (row->imported)
		inherit_row(flow, row);
	table_add(
	    &t->restored, &kept->in_table, table_hash_number(row->id.ino));
	return kept;
}

void
place_restore(struct tail *t, const struct checkpoint *row)
{
	struct flow *flow = place_flow(t, row->flow);

	if (row->row > t->last_row)
		t->last_row = row->row;
	if (flow == NULL)
		return;
	if (row->changed_ms - COARSE_MS > flow->since_ms)
		flow->since_ms = row->changed_ms - COARSE_MS;
	(void)place_put(t, flow, row);
}

void
place_drop(struct tail *t, struct restored *kept)
{
	if (kept->sought != NULL)
		*kept->sought = NULL;
	table_remove(&t->restored, &kept->in_table);
	if (kept->row.imported)
		inherit_met(kept->flow, t->now_ms);
	checkpoint_fini(&kept->row);
	free(kept);
}

void
place_rehome(struct tail *t, struct restored *kept, const struct identity *id,
    const char *path)
{
	table_remove(&t->restored, &kept->in_table);
	free(kept->row.path);
	kept->row.path = mem_dup(path);
	kept->row.id = *id;
	kept->homeless = false;
	table_add(&t->restored, &kept->in_table, table_hash_number(id->ino));
}

static struct restored *
restored_for(
    const struct tail *t, const struct flow *flow, const struct identity *id)
{
	struct table_node *at =
	    table_first(&t->restored, table_hash_number(id->ino));

	for (; at != NULL; at = table_next(&t->restored, at)) {
		struct restored *kept = place_at(at);

		if (kept->flow == flow && !kept->homeless &&
		    who_same(&kept->row.id, id))
			return kept;
	}
	return NULL;
}

bool
place_knows(
    const struct tail *t, const struct flow *flow, const struct identity *id)
{
	return restored_for(t, flow, id) != NULL;
}

bool
place_awaits(
    const struct tail *t, const struct flow *flow, const struct identity *id)
{
	struct restored *kept = restored_for(t, flow, id);

	if (kept == NULL)
		return false;
	kept->there = archive_is_done(&kept->row);
	return !kept->there;
}

struct checkpoint *
place_claim(struct tail *t, const struct flow *flow, const struct identity *id)
{
	struct restored *kept = restored_for(t, flow, id);
	struct checkpoint *row;

	if (kept == NULL)
		return NULL;
	row = mem_new(sizeof(*row));
	copy_row(row, &kept->row);
	place_drop(t, kept);
	return row;
}

void
place_disown(struct checkpoint **row)
{
	if (*row != NULL)
		checkpoint_fini(*row);
	free(*row);
	*row = NULL;
}

uint64_t
place_new_row(struct tail *t)
{
	return ++t->last_row;
}

void
place_forget(struct tail *t, uint64_t row)
{
	/* What the ledger never heard of need not be deleted there. While it
	 * hangs it hears of nothing, so this list ends (I6). */
	if (row > t->told_row)
		return;
	t->forgotten = mem_resize(
	    t->forgotten, t->forgotten_count + 1, sizeof(*t->forgotten));
	t->forgotten[t->forgotten_count++] = row;
}

/* The end of the last record before `size`: behind the last newline. */
static int
last_boundary(
    struct tail *t, const struct file *f, uint64_t size, uint64_t *boundary)
{
	uint64_t end = size;

	while (end > 0) {
		size_t want = end < t->chunk_room ? (size_t)end : t->chunk_room;
		ssize_t n = file_read(f, t->chunk, want, end - want);
		const unsigned char *at;

		if (n < 0)
			return -1;
		at = memrchr(t->chunk, '\n', (size_t)n);
		if (at != NULL) {
			*boundary = end - want + (size_t)(at - t->chunk) + 1;
			return 0;
		}
		end -= want;
	}
	*boundary = 0;
	return 0;
}

/* The headers come first: while they are not all there, there is no end. */
static int
start_at_end(struct tail *t, struct reader *r)
{
	uint64_t seen = r->seen < r->file->size ? r->seen : r->file->size;
	bool whole;

	if (header_look(t, r, seen, &whole) != 0)
		return -1;
	if (!whole)
		return 0;
	return last_boundary(t, r->file, seen, &r->committed);
}

/* Does the open file hold what `row` remembers, as far as it is that long? */
static bool
row_agrees(const struct file *f, const struct checkpoint *row)
{
	bool proven = row->head.end == 0 && row->committed == 0;

	if (row->imported)
		return inherit_agrees(row, f->size);
	if (row->head.end > 0 && row->head.end <= f->size) {
		if (!file_holds(f, &row->head))
			return false;
		proven = true;
	}
	for (uint32_t i = row->mark_count; i-- > 0;) {
		if (row->marks[i].end > f->size)
			continue;
		return file_holds(f, &row->marks[i]);
	}
	return proven;
}

static void
resume(struct reader *r, struct checkpoint *row)
{
	struct file *f = r->file;

	r->committed = row->committed < f->size ? row->committed : f->size;
	if (r->committed < row->committed)
		log_warn("flow %s: %s: is %" PRIu64 " bytes long but %" PRIu64
			 " were delivered, and begins the same: going on at "
			 "its end",
		    r->flow->config->name, f->path, f->size, row->committed);
	else {
		r->skip = row->ranges;
		r->skip_count = row->range_count;
		row->ranges = NULL;
		row->range_count = 0;
	}
	while (r->skip_count > 0 && r->skip[r->skip_count - 1].to > f->size)
		r->skip_count--;
	if (f->head.end == 0 && row->head.end <= f->size)
		f->head = row->head;
	if (r->flow->footer != NULL && row->footer <= f->size)
		r->footer = row->footer;
	for (uint32_t i = 0; i < row->mark_count; i++)
		if (row->marks[i].end <= f->size)
			r->marks[r->mark_count++] = row->marks[i];
}

/* The Java agent has noted offsets inside of lines. We go on at the line's
 * beginning. */
static int
step_back(struct tail *t, const struct reader *r, struct checkpoint *row)
{
	uint64_t boundary;

	if (row == NULL || !row->imported ||
	    !inherit_agrees(row, r->file->size))
		return 0;
	if (last_boundary(t, r->file, row->committed, &boundary) != 0)
		return -1;
	if (boundary < row->committed)
		log_warn("flow %s: %s: the Java agent stopped inside of a "
			 "line, at byte %" PRIu64 ": going on at its "
			 "beginning, %" PRIu64,
		    r->flow->config->name, r->file->path, row->committed,
		    boundary);
	row->committed = boundary;
	return 0;
}

/* May what comes next for `r` be (the rest of) a hole at the file's head? */
static bool
stands_in_hole(const struct reader *r)
{
	unsigned char first = 1, last = 1;

	if (r->committed == 0)
		return true;
	return file_read(r->file, &first, 1, 0) == 1 && first == 0 &&
	       file_read(r->file, &last, 1, r->committed - 1) == 1 && last == 0;
}

static void
settle_at_row(struct tail *t, struct reader *r)
{
	struct checkpoint *row = r->row_found;

	r->row_found = NULL;
	if (r->file->packed != UNPACK_NONE) {
		archive_settle(r, row);
	} else if (row_agrees(r->file, row)) {
		resume(r, row);
		r->renewed = stands_in_hole(r);
	} else {
		log_info("flow %s: %s: its content is not the one the "
			 "checkpoint knows: reading from 0",
		    r->flow->config->name, r->file->path);
		r->row = place_new_row(t);
		search_homeless(t, r->flow, row);
		r->renewed = true;
		chain_date(r);
	}
	place_disown(&row);
}

int
place_settle(struct tail *t, struct reader *r)
{
	uint32_t links;

	if (file_refresh(r->file, t->now_ms, &links) != 0)
		return -1;
	switch (r->start) {
	case START_AT_END:
		if (start_at_end(t, r) != 0)
			return -1;
		break;
	case START_AT_ROW:
		if (step_back(t, r, r->row_found) != 0)
			return -1;
		settle_at_row(t, r);
		break;
	case START_AS_COPY:
		if (r->original != NULL && copy_is_cleared(t, r))
			newcomer_add(t, r);
		return 0;
	case START_AT_ZERO:
		/* It may have been truncated before we came, or be the copy of
		 * one that was. */
		r->renewed = r->file->packed == UNPACK_NONE &&
			     (rotation_is_rotated(r->file) ||
				 file_begins_with_hole(r->file));
		break;
	case START_SETTLED:
		break;
	}
	r->offset = r->scanned = r->committed;
	r->start = START_SETTLED;
	if (r->file->packed == UNPACK_NONE)
		reader_mark(r);
	r->amid = line_look_back(t, r);
	reader_moved(t, r);
	/* Who is renamed while we are dead is found by its row only. */
	if (t->note_ms > t->now_ms + SOON_MS)
		t->note_ms = t->now_ms + SOON_MS;
	return 0;
}

/* How long the file of `r` is, as far as its content is the one that `r`
 * passed. What waits to be looked at is not taken for seen. */
static uint64_t
size_of(const struct reader *r)
{
	const struct file *f = r->file;
	uint64_t size = f->packed == UNPACK_NONE ? file_size(f) : 0;

	if (size <= f->size)
		return f->size;
	/* In this order: what stands there now stood there before. */
	if (r->mark_count > 0 && !file_holds(f, &r->marks[r->mark_count - 1]))
		return f->size;
	return size;
}

/* What `row` has of the content of `r`'s file. One that waits unread, behind
 * its elders or for memory, has to be known again by it, too: it may be
 * compressed before anybody reads it. */
static void
fill_content(struct tail *t, struct reader *r, struct checkpoint *row)
{
	struct file *f = r->file;
	uint64_t size = size_of(r);

	if (f->packed == UNPACK_NONE && r->offset == 0 &&
	    f->head.end < HEAD_BYTES && file_open(&t->files, f) == 0)
		row->head = file_head(f);
	else if (f->fd >= 0 && r->mark_count > 0)
		file_learn_head(f, &r->marks[r->mark_count - 1]);
	if (row->head.end < f->head.end)
		row->head = f->head;
	row->size = size > r->offset ? size : r->offset;
}

static void
fill_row(
    struct tail *t, struct reader *r, struct checkpoint *row, int64_t wall_ms)
{
	struct file *f = r->file;

	if (r->generation == f->generation)
		fill_content(t, r, row);
	else
		row->size =
		    f->most_before > r->offset ? f->most_before : r->offset;
	if (r->generation + 1 == f->generation)
		row->head = f->head_before;
	row->row = r->row;
	row->flow = mem_dup(r->flow->config->name);
	row->path = mem_dup(f->path);
	row->id = f->id;
	row->mark_count = r->mark_count;
	memcpy(row->marks, r->marks, sizeof(row->marks));
	row->committed = remainder_committed(r);
	/* What was passed in the original and the copy does not hold. */
	if (r->copied && row->committed > f->size)
		row->committed = f->size;
	if (f->packed != UNPACK_NONE)
		row->size = archive_size(r);
	/* Who leaves has not looked since. */
	row->changed_ms = r->flow->leaving && wall_ms > r->flow->since_ms
			      ? r->flow->since_ms
			      : wall_ms;
	row->footer = r->footer;
}

void
place_keep(struct tail *t, struct reader *r)
{
	struct checkpoint row;

	if (r->start != START_SETTLED || t->restored.count >= KEPT_MAX)
		return;
	memset(&row, 0, sizeof(row));
	fill_row(t, r, &row, 0);
	place_restore(t, &row);
	checkpoint_fini(&row);
}

/* [from, to) is delivered; `from` is not below that of the range added last.
 * What begins at the committed offset moves it instead: a batch of another
 * file's bytes may hold the window up. */
void
place_add_range(struct checkpoint *row, uint64_t from, uint64_t to)
{
	uint64_t *end = &row->committed;

	if (row->range_count > 0)
		end = &row->ranges[row->range_count - 1].to;
	if (from == to)
		return;
	if (from <= *end) {
		if (to > *end)
			*end = to;
		return;
	}
	row->ranges =
	    mem_resize(row->ranges, row->range_count + 1, sizeof(*row->ranges));
	row->ranges[row->range_count++] = (struct range){ from, to };
}

/* Add what an earlier life delivered: all of it above `committed`, since what
 * was passed over rides in a batch that may not be home. */
static void
add_skipped(struct checkpoint *row, const struct reader *r)
{
	struct range *window = row->ranges;
	uint32_t count = row->range_count, w = 0, k = 0;

	if (r->skip_count == 0)
		return;
	row->ranges = NULL;
	row->range_count = 0;
	while (w < count || k < r->skip_count) {
		const struct range *next;

		if (k == r->skip_count ||
		    (w < count && window[w].from < r->skip[k].from))
			next = &window[w++];
		else
			next = &r->skip[k++];
		place_add_range(row, next->from, next->to);
	}
	free(window);
}

void
place_describe(struct tail *t, struct reader *r, struct checkpoint *row)
{
	memset(row, 0, sizeof(*row));
	fill_row(t, r, row, t->looked_ms);
	row->committed = r->offset;
}

struct restored *
place_leave(struct tail *t, struct reader *r)
{
	struct checkpoint row;
	struct restored *kept;

	memset(&row, 0, sizeof(row));
	fill_row(t, r, &row, t->looked_ms);
	add_skipped(&row, r);
	kept = place_put(t, r->flow, &row);
	checkpoint_fini(&row);
	return kept;
}

void
place_add_window(const struct window *w)
{
	for (uint64_t at = w->first; at < w->next; at++) {
		const struct slot *slot = window_slot(w, at);

		for (uint32_t k = 0; slot->delivered && k < slot->run_count;
		     k++) {
			const struct run *run = &slot->runs[k];

			if (run->reader->noting != NULL)
				place_add_range(
				    run->reader->noting, run->from, run->to);
		}
	}
}

/* What is delivered above `committed`: in the windows, and in an earlier
 * life. */
static void
add_ranges(struct tail *t, struct notice *n, struct reader *const *readers)
{
	remainder_note(t, readers, n->count);
	for (size_t i = 0; i < t->config->flow_count; i++)
		place_add_window(&t->flows[i].window);
	for (uint32_t i = 0; i < n->count; i++) {
		add_skipped(&n->rows[i], readers[i]);
		readers[i]->noting = NULL;
	}
}

/* Send the rows of the `count` readers on `moved` as one notice. */
static void
send_rows(struct tail *t, enum notice_kind kind, const char *flow,
    struct list_node *moved, uint32_t count, int64_t wall_ms)
{
	struct notice *n = notice_new(kind, count);
	struct reader **readers = mem_new_array(count + 1, sizeof(*readers));
	struct list_node *at;
	uint32_t i = 0;

	while ((at = list_take_first(moved)) != NULL) {
		struct reader *r = LIST_ENTRY(at, struct reader, moved);

		readers[i] = r;
		fill_row(t, r, &n->rows[i], wall_ms);
		if (r->row > t->told_row)
			t->told_row = r->row;
		r->noting = &n->rows[i++];
	}
	assert(i == count);
	add_ranges(t, n, readers);
	if (flow != NULL)
		n->flow = mem_dup(flow);
	free(readers);
	notice_send(t->doors.to_ledger, &n);
}

static uint32_t
length(const struct list_node *head)
{
	const struct list_node *at;
	uint32_t n = 0;

	list_for_each (at, head)
		n++;
	return n;
}

void
place_note(struct tail *t, int64_t wall_ms)
{
	uint32_t count = length(&t->moved);

	if (count > 0)
		send_rows(t, NOTICE_SAVE, NULL, &t->moved, count, wall_ms);
	if (t->forgotten_count > 0) {
		struct notice *n =
		    notice_new(NOTICE_FORGET, t->forgotten_count);

		for (uint32_t i = 0; i < t->forgotten_count; i++)
			n->rows[i].row = t->forgotten[i];
		t->forgotten_count = 0;
		notice_send(t->doors.to_ledger, &n);
	}
}

void
place_start(struct tail *t, struct flow *flow, int64_t wall_ms)
{
	struct list_node mine, *at, *after;

	list_init(&mine);
	list_for_each_safe (at, after, &t->moved) {
		struct reader *r = LIST_ENTRY(at, struct reader, moved);

		if (r->flow != flow)
			continue;
		list_remove(at);
		list_add_last(&mine, at);
	}
	send_rows(
	    t, NOTICE_START, flow->config->name, &mine, length(&mine), wall_ms);
	flow->known = true;
}

void
place_forget_flow(struct tail *t, const struct flow *flow)
{
	for (size_t i = 0; i <= t->restored.mask; i++) {
		struct list_node *n, *after;

		list_for_each_safe (n, after, &t->restored.buckets[i]) {
			struct restored *kept =
			    place_at(LIST_ENTRY(n, struct table_node, node));

			if (kept->flow == flow)
				place_drop(t, kept);
		}
	}
}

void
place_fini(struct tail *t)
{
	for (size_t i = 0; i <= t->restored.mask; i++) {
		struct list_node *n, *after;

		list_for_each_safe (n, after, &t->restored.buckets[i])
			place_drop(t,
			    place_at(LIST_ENTRY(n, struct table_node, node)));
	}
	table_fini(&t->restored);
	free(t->forgotten);
}
