/* SPDX-License-Identifier: Apache-2.0
 *
 * rotation: see rotation.h.
 *
 * An identity goes on under whatever name, or none, to its end and while it
 * may still grow: a writer may hold its descriptor for a while. Where no name
 * of a file matches a flow's pattern any more it is leaving for that flow:
 * looked at every LOOK_MS, since nothing tells of a file without a name, and
 * retired when it has been quiet for QUIET_MS, all read, all delivered and
 * that noted. Its unfinished last line is sent then, as it is.
 *
 * Thread: tail.
 */
#include "rotation.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "follow.h"
#include "log.h"
#include "place.h"
#include "reader.h"
#include "state.h"

#define QUIET_MS 10000
#define LOOK_MS  100

static bool
anyone_unwanted(const struct file *f)
{
	struct list_node *at;

	list_for_each (at, &f->readers)
		if (!LIST_ENTRY(at, struct reader, of_file)->wanted)
			return true;
	return false;
}

static void
leave(struct tail *t, struct file *f)
{
	if (anyone_unwanted(f) && !list_on(&f->leave_node))
		list_add_last(&t->leaving, &f->leave_node);
}

void
rotation_written(struct tail *t, struct file *f)
{
	struct list_node *at;

	list_for_each (at, &f->readers)
		reader_ready(LIST_ENTRY(at, struct reader, of_file));
	leave(t, f);
}

static void
ask_who_wants(struct file *f)
{
	struct list_node *at;

	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		r->wanted = follow_wants(r->flow, f);
	}
}

void
rotation_named(struct tail *t, struct file *f)
{
	ask_who_wants(f);
	if (!anyone_unwanted(f))
		list_remove(&f->leave_node);
	else
		leave(t, f);
}

void
rotation_unnamed(struct tail *t, struct file *f)
{
	f->grown_ms = t->now_ms;
	ask_who_wants(f);
	rotation_written(t, f);
	if (list_empty(&f->readers) && list_empty(&f->names)) {
		file_close(&t->files, f);
		roster_drop_file(&t->roster, f);
	}
}

static void
retire(struct tail *t, struct file *f, bool forget)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		stats_add(&r->flow->stats->files, (uint64_t)-1);
		log_info(
		    "flow %s: done with %s", r->flow->config->name, f->path);
		reader_detach(t, r, forget);
	}
	file_close(&t->files, f);
	roster_drop_file(&t->roster, f);
}

/* It cannot be opened again: what was not read is lost. */
static void
give_up(struct tail *t, struct file *f)
{
	struct list_node *at;
	int why = errno;

	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);
		uint64_t lost = f->size > r->offset ? f->size - r->offset : 0;

		if (lost == 0 || r->start != START_SETTLED)
			continue;
		stats_add(&r->flow->stats->bytes_lost, lost);
		log_warn("flow %s: %s: lost %" PRIu64 " bytes of [%" PRIu64
			 ", %" PRIu64 "): gone before they were read: %s",
		    r->flow->config->name, f->path, lost, r->offset, f->size,
		    strerror(why));
	}
	retire(t, f, true);
}

/* Has the unwanted reader `r` nothing left to do? */
static bool
finished(struct tail *t, struct reader *r)
{
	if (list_on(&r->node) || !reader_finish(t, r))
		return false;
	return r->riding == 0 && !list_on(&r->moved);
}

/* One look at a leaving file, which may retire it. */
static void
look_at(struct tail *t, struct file *f)
{
	uint64_t size = f->size;
	bool all = true;
	uint32_t links;
	struct list_node *at;

	if (file_open(&t->files, f) != 0 ||
	    file_refresh(f, t->now_ms, &links) != 0) {
		if (list_empty(&f->names))
			give_up(t, f);
		return;
	}
	if (f->size != size) {
		rotation_written(t, f);
		return;
	}
	if (t->now_ms - f->grown_ms < QUIET_MS)
		return;
	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		if (!r->wanted && !finished(t, r))
			all = false;
	}
	if (!all)
		return;
	if (list_empty(&f->names))
		retire(t, f, links == 0);
	else
		list_remove(&f->leave_node);
}

int64_t
rotation_due(struct tail *t)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->leaving)
		look_at(t, LIST_ENTRY(at, struct file, leave_node));
	return list_empty(&t->leaving) ? CLOCK_NEVER : t->now_ms + LOOK_MS;
}

void
rotation_shrunk(struct tail *t, struct reader *r)
{
	struct file *f = r->file;
	uint64_t lost = f->size > r->offset ? f->size - r->offset : 0;
	struct reader *next;
	uint32_t links;

	stats_add(&r->flow->stats->bytes_lost, lost);
	log_warn("flow %s: %s: was truncated or written anew: reading from 0%s",
	    r->flow->config->name, f->path,
	    lost > 0 ? "; bytes that were not read yet are lost" : "");
	if (lost > 0)
		log_warn("flow %s: %s: lost at least %" PRIu64
			 " bytes of [%" PRIu64 ", %" PRIu64 ")",
		    r->flow->config->name, f->path, lost, r->offset, f->size);
	next = reader_new(r->flow, f, START_AT_ZERO, r->row);
	next->wanted = r->wanted;
	next->start = START_SETTLED;
	r->row = 0;
	reader_detach(t, r, false);
	memset(&f->head, 0, sizeof(f->head));
	(void)file_refresh(f, t->now_ms, &links);
	reader_moved(t, next);
}
