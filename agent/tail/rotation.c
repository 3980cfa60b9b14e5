/* SPDX-License-Identifier: Apache-2.0
 *
 * rotation: see rotation.h.
 *
 * An identity goes on under whatever name, or none, to its end and while it
 * may still grow: a writer may hold its descriptor for a while. Where no name
 * of a file matches a flow's pattern any more it is leaving for that flow:
 * looked at every LOOK_MS, and less often the longer it is quiet, since
 * nothing tells of a file without a name. It is retired when it has been quiet
 * for QUIET_MS, all read, all delivered and that noted. Its unfinished last
 * line is sent then, as it is.
 *
 * Thread: tail.
 */
#include "rotation.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "archive.h"
#include "chain.h"
#include "clock.h"
#include "copy.h"
#include "file.h"
#include "follow.h"
#include "line.h"
#include "log.h"
#include "missed.h"
#include "place.h"
#include "reader.h"
#include "search.h"
#include "state.h"
#include "stem.h"

#define QUIET_MS    10000
#define LOOK_MS     100
#define SELDOM_MS   1000 /* between two looks at most */
#define SELDOM_PART 8    /* of the time that a file has been quiet */

bool
rotation_is_rotated(const struct file *f)
{
	const char *slash = strrchr(f->path, '/');
	const char *text = slash != NULL ? slash + 1 : f->path;
	char stem[NAME_MAX + 1];

	stem_of(text, stem);
	return strcmp(text, stem) != 0;
}

/* Is `r` done with its file but for what a writer may still add? Either no
 * name of it matches, or it was rotated and a younger one has come. An old
 * rotation that we never read of is left alone. */
static bool
is_leaving(const struct reader *r)
{
	if (!r->wanted)
		return true;
	return r->start != START_AS_COPY && r->file->size != r->seen_at_end &&
	       chain_has_younger(r) && rotation_is_rotated(r->file);
}

static bool
anyone_leaving(const struct file *f)
{
	struct list_node *at;

	list_for_each (at, &f->readers)
		if (is_leaving(LIST_ENTRY(at, struct reader, of_file)))
			return true;
	return false;
}

static void
leave(struct tail *t, struct file *f)
{
	if (list_on(&f->leave_node) || !anyone_leaving(f))
		return;
	list_add_last(&t->leaving, &f->leave_node);
	f->look_ms = t->now_ms;
}

/* `r` may not read now. How far its file has grown must be known all the
 * same, lest nobody can tell what a truncation takes; and so must a
 * truncation, lest the next one hides where the bytes of this one went. */
static void
watch_it_grow(struct tail *t, struct reader *r)
{
	struct file *f = r->file;
	uint64_t most = f->most;

	if (r->start != START_SETTLED || f->fd < 0 || f->grown_ms == t->now_ms)
		return;
	if (reader_is_overtaken(t, r) || (r->offset == 0 && f->size < most))
		rotation_shrunk(t, r);
	else if (r->offset == 0)
		file_take_head(f);
}

void
rotation_written(struct tail *t, struct file *f)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		reader_ready(r);
		/* How long it is, should it be lost before it is read. */
		reader_moved(t, r);
		if (r->flow->starved)
			watch_it_grow(t, r);
	}
	leave(t, f);
}

void
rotation_seen(struct tail *t, struct file *f, uint64_t size)
{
	struct list_node *at;
	bool news = false;

	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		if (r->start != START_SETTLED ||
		    (f->packed == UNPACK_NONE ? r->scanned : f->packed_size) !=
			size)
			news = true;
	}
	if (news)
		rotation_written(t, f);
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
	if (!anyone_leaving(f))
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

/* Let another row of `r`'s flow, if there is one, say how late we looked last:
 * an archive of what `r` read is known by that not to be news. */
static void
note_another(struct tail *t, const struct reader *r)
{
	struct list_node *at, *n;

	list_for_each (at, &t->roster.files) {
		struct file *f = LIST_ENTRY(at, struct file, node);

		list_for_each (n, &f->readers) {
			struct reader *o =
			    LIST_ENTRY(n, struct reader, of_file);

			if (o == r || o->flow != r->flow || o->row == 0 ||
			    o->start != START_SETTLED)
				continue;
			reader_moved(t, o);
			return;
		}
	}
}

static void
retire(struct tail *t, struct file *f, bool forget)
{
	struct list_node *at, *after;

	/* An archive is done whatever it is called. */
	list_for_each_safe (at, after, &f->names)
		roster_drop_name(
		    &t->roster, LIST_ENTRY(at, struct name, of_file));
	list_for_each_safe (at, after, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		stats_add(&r->flow->stats->files, (uint64_t)-1);
		log_info(
		    "flow %s: done with %s", r->flow->config->name, f->path);
		if (forget)
			note_another(t, r);
		else
			place_keep(t, r);
		reader_detach(t, r, forget);
	}
	file_close(&t->files, f);
	roster_drop_file(&t->roster, f);
}

/* Where `r` reads on, or would begin. */
static uint64_t
whence(const struct reader *r)
{
	switch (r->start) {
	case START_SETTLED:
		return r->offset;
	case START_AT_ZERO:
	case START_AS_COPY:
		return 0;
	case START_AT_END:
		return r->seen;
	case START_AT_ROW:
		return r->row_found->committed;
	}
	return 0;
}

/* It cannot be opened again: what was not read is lost, unless it can be found
 * in an archive or a copy. */
static void
give_up(struct tail *t, struct file *f)
{
	struct list_node *at;
	int why = errno;

	/* Where to go on there is known when all of it is home. */
	list_for_each (at, &f->readers)
		if (LIST_ENTRY(at, struct reader, of_file)->riding > 0)
			return;
	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);
		uint64_t from = whence(r);
		uint64_t size = f->size > r->expected ? f->size : r->expected;
		uint64_t lost = size > from ? size - from : 0;

		if (r->given_up || search_onward(t, r) || lost == 0 ||
		    line_is_behind_footer(r) ||
		    (from == 0 && missed_packed_away(t, f->path, size)))
			continue;
		tally_lose(r->flow, STATS_LOSS_VANISHED, lost, f->path);
		log_warn("flow %s: %s: lost %" PRIu64 " bytes of [%" PRIu64
			 ", %" PRIu64 "): gone before they were read: %s",
		    r->flow->config->name, f->path, lost, from, size,
		    strerror(why));
		search_tell_cure(t, r->flow, f->path);
	}
	retire(t, f, true);
}

/* Has the unwanted reader `r` nothing left to do? */
static bool
finished(struct tail *t, struct reader *r)
{
	if (r->ready || !reader_finish(t, r))
		return false;
	return r->riding == 0 && r->elder == NULL && !list_on(&r->moved);
}

/* Is there no hope, as `why` says, to open the nameless `f` again? A new name
 * may be on its way, and descriptors may be had later. */
static bool
hopeless(const struct tail *t, const struct file *f, int why)
{
	if (why == ESTALE)
		return true;
	return why != EMFILE && why != ENFILE && why != ENOMEM &&
	       t->now_ms - f->grown_ms >= QUIET_MS;
}

/* When to look at `f` again. */
static int64_t
next_look(const struct tail *t, const struct file *f)
{
	int64_t wait = (t->now_ms - f->grown_ms) / SELDOM_PART;

	if (wait > SELDOM_MS)
		wait = SELDOM_MS;
	return t->now_ms + (wait > LOOK_MS ? wait : LOOK_MS);
}

/* One look at a leaving file, which may retire it. */
static void
look_at(struct tail *t, struct file *f)
{
	uint64_t size = f->size, packed = f->packed_size;
	bool all = true;

	f->look_ms = next_look(t, f);
	uint32_t links;
	struct list_node *at;

	if (f->packed != UNPACK_NONE && archive_is_finished(f)) {
		retire(t, f, false);
		return;
	}
	if (file_open(&t->files, f) != 0 ||
	    file_refresh(f, t->now_ms, &links) != 0) {
		if (list_empty(&f->names) && hopeless(t, f, errno))
			give_up(t, f);
		return;
	}
	if (f->size != size || f->packed_size != packed) {
		rotation_written(t, f);
		return;
	}
	if (t->now_ms - f->grown_ms < QUIET_MS)
		return;
	if (f->packed != UNPACK_NONE) {
		archive_is_quiet(f);
		return;
	}
	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		if (is_leaving(r) && !finished(t, r))
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

	if (list_empty(&t->leaving))
		return CLOCK_NEVER;
	if (t->now_ms < t->look_ms)
		return t->look_ms;
	list_for_each_safe (at, after, &t->leaving) {
		struct file *f = LIST_ENTRY(at, struct file, leave_node);

		if (f->look_ms <= t->now_ms)
			look_at(t, f);
	}
	t->look_ms = t->now_ms + LOOK_MS;
	return t->look_ms;
}

void
rotation_shrunk(struct tail *t, struct reader *r)
{
	struct file *f = r->file;
	uint64_t from = r->offset, held, lost, unsaid;
	uint32_t links;

	/* The first of the file's readers to see it tells the others. */
	if (r->generation == f->generation)
		file_renewed(f);
	held = f->most_before;
	if (copy_follow(t, r, held))
		return;
	lost = held > from && !line_is_behind_footer(r) ? held - from : 0;
	tally_lose(r->flow, STATS_LOSS_TRUNCATED, lost, f->path);
	if (log_gate_open(&t->renewed_gate, t->now_ms, &unsaid))
		log_warn("flow %s: %s: was truncated or written anew: reading "
			 "from 0 (unsaid since the last such line: %" PRIu64
			 ")",
		    r->flow->config->name, f->path, unsaid);
	if (lost > 0)
		log_warn("flow %s: %s: lost at least %" PRIu64
			 " bytes of [%" PRIu64 ", %" PRIu64
			 "): gone before they were read",
		    r->flow->config->name, f->path, lost, from, held);
	if (file_refresh(f, t->now_ms, &links) == 0)
		file_saw(f, f->size, t->now_ms);
	reader_succeed(t, r);
}
