/* SPDX-License-Identifier: Apache-2.0
 *
 * follow: see follow.h.
 *
 * There is one way to learn of anything: look at a name, ask the kernel who
 * is there now, and compare with what we believed. Events, scans and lost
 * events all end there, so they cannot disagree.
 *
 * Thread: tail.
 */
#include "follow.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adopt.h"
#include "archive.h"
#include "copy.h"
#include "glob.h"
#include "inherit.h"
#include "interest.h"
#include "log.h"
#include "mem.h"
#include "missed.h"
#include "newcomer.h"
#include "own.h"
#include "place.h"
#include "reader.h"
#include "renames.h"
#include "rotation.h"
#include "state.h"
#include "stem.h"
#include "survey.h"
#include "trace.h"
#include "trail.h"
#include "who.h"

#define SAID_FILES 100 /* each that is followed is said, up to so many */

char *
follow_path(const struct directory *d, const char *text)
{
	return mem_format("%s/%s", strcmp(d->path, "/") ? d->path : "", text);
}

struct directory *
follow_directory(const struct tail *t, const char *path)
{
	size_t len = (size_t)(strrchr(path, '/') - path);
	char *parent = len > 0 ? mem_dup_span(path, len) : mem_dup("/");
	struct directory *d = roster_known(&t->roster, parent);

	free(parent);
	return d;
}

bool
follow_wants(const struct flow *flow, const struct file *f)
{
	const struct list_node *at;

	list_for_each (at, &f->names) {
		const struct name *n = LIST_ENTRY(
		    (struct list_node *)(uintptr_t)at, struct name, of_file);

		if (interest_in_file(n->directory, flow, n->text))
			return true;
	}
	return false;
}

static struct reader *
reader_of(const struct file *f, const struct flow *flow)
{
	struct list_node *at;

	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		if (r->flow == flow)
			return r;
	}
	return NULL;
}

struct reader *
follow_reader(
    const struct tail *t, const struct flow *flow, const struct identity *id)
{
	const struct file *f = roster_file(&t->roster, id);

	return f != NULL ? reader_of(f, flow) : NULL;
}

void
follow_settle(struct tail *t, struct reader *r)
{
	struct file *f = r->file;

	if (file_open(&t->files, f) == 0 && place_settle(t, r) == 0)
		return;
	f->error = errno;
	remark_say(&r->flow->stats->tail_trouble, t->wall_ms,
	    "cannot be read: %s: %s", strerror(f->error), f->path);
	if (!f->denied)
		log_warn("flow %s: %s: cannot be read: %s; trying again "
			 "whenever it changes",
		    r->flow->config->name, f->path, strerror(f->error));
	f->denied = true;
}

void
follow_say(const struct reader *r)
{
	const struct flow *flow = r->flow;

	if (stats_get(&flow->stats->files) <= SAID_FILES)
		log_info("flow %s: following %s%s", flow->config->name,
		    r->file->path,
		    r->start != START_AT_END ? ""
		    : flow->known
			? " from its end (the Java agent was done with it)"
			: " from its end (initialPosition END_OF_FILE)");
}

/* Where a reader of `f` begins, which has `row` (NULL: none). */
static enum reader_start
start_of(const struct tail *t, const struct flow *flow, const struct file *f,
    const struct checkpoint *row)
{
	if (inherit_done(t, flow, f, row))
		return START_AT_END;
	if (row != NULL)
		return START_AT_ROW;
	if (t->first_scan && !flow->known &&
	    flow->config->position == POSITION_END_OF_FILE)
		return START_AT_END;
	return START_AT_ZERO;
}

/* `flow` follows `f` from now on, if it does not yet. */
static void
attach(struct tail *t, struct flow *flow, struct file *f)
{
	struct reader *r = reader_of(f, flow);
	struct checkpoint *row;
	enum reader_start start;

	if (r != NULL) {
		if (r->given_up)
			adopt_reclaim(r);
		r->wanted = follow_wants(flow, f);
		reader_ready(r);
		return;
	}
	row = place_claim(t, flow, &f->id);
	if (row != NULL && list_empty(&f->readers) &&
	    unpack_kind(row->path) != UNPACK_NONE)
		archive_adopt(f, unpack_kind(row->path));
	start = start_of(t, flow, f, row);
	if (start == START_AT_ZERO && f->packed == UNPACK_NONE &&
	    rotation_is_rotated(f))
		start = START_AS_COPY;
	r = reader_new(
	    flow, f, start, row != NULL ? row->row : place_new_row(t));
	if (start == START_AT_ROW)
		r->row_found = row;
	else
		place_disown(&row);
	r->wanted = follow_wants(flow, f);
	stats_add(&flow->stats->files, 1);
	if (start == START_AS_COPY) {
		newcomer_add(t, r);
		return;
	}
	follow_say(r);
	follow_settle(t, r);
}

/* Is `text` what a file that `flow` wants is called after a rotation? */
static bool
is_rotation_for(
    const struct directory *d, const struct flow *flow, const char *text)
{
	char stem[NAME_MAX + 1];

	if (glob_is_compressed(text))
		return false;
	stem_of(text, stem);
	return strcmp(stem, text) != 0 && interest_in_file(d, flow, stem);
}

/* Did `flow` miss the file `who`, rotated to `text`, while it had a name that
 * matches? It came and was rotated between two looks, or while we were down:
 * nobody has met it, and it was written to since. */
static bool
was_missed(const struct directory *d, const struct flow *flow, const char *text,
    const struct who *who)
{
	return flow->since_ms > 0 && who->written_ms > flow->since_ms &&
	       is_rotation_for(d, flow, text);
}

static bool
anyone_missed(
    const struct directory *d, const char *text, const struct who *who)
{
	for (size_t i = 0; i < d->interests.count; i++)
		if (was_missed(d, d->interests.at[i].flow, text, who))
			return true;
	return false;
}

bool
follow_may_have_missed(const struct directory *d, const char *text)
{
	return is_rotation_for(d, NULL, text);
}

/* `who` is NULL where `f` was met before. */
static void
attach_all(struct tail *t, struct directory *d, const char *text,
    struct file *f, const struct who *who)
{
	for (size_t i = 0; i < d->interests.count; i++) {
		struct flow *flow = d->interests.at[i].flow;

		if (interest_in_file(d, flow, text) ||
		    (who != NULL && was_missed(d, flow, text, who)))
			attach(t, flow, f);
	}
}

static void
rename_file(struct file *f, const char *path)
{
	if (strcmp(f->path, path) == 0)
		return;
	/* Its path tells that it is an archive, also in the checkpoint. */
	if (f->packed != UNPACK_NONE && unpack_kind(path) == UNPACK_NONE)
		return;
	log_debug("%s is now %s", f->path, path);
	free(f->path);
	f->path = mem_dup(path);
}

/* The entry `n` is no longer what it was. A file with another name (a hard
 * link) is called by that from now on. */
void
follow_drop(struct tail *t, struct name *n)
{
	struct directory *d = n->directory;
	struct file *f = n->file;

	roster_drop_name(&t->roster, n);
	/* Nothing tells of a directory's removal while we hold a file that was
	 * in it. */
	if (list_empty(&d->names))
		survey_doubt(t, d);
	if (f == NULL)
		return;
	if (!list_empty(&f->names)) {
		struct name *other =
		    LIST_ENTRY(f->names.next, struct name, of_file);
		char *path = follow_path(other->directory, other->text);

		rename_file(f, path);
		free(path);
	}
	rotation_unnamed(t, f);
}

void
follow_gone_as(struct tail *t, const char *from, const char *to)
{
	struct list_node *at;

	list_for_each (at, &t->leaving) {
		struct file *f = LIST_ENTRY(at, struct file, leave_node);

		if (list_empty(&f->names) && strcmp(f->path, from) == 0) {
			rename_file(f, to);
			return;
		}
	}
}

static struct file *
meet(struct tail *t, const char *path, const struct who *who)
{
	struct file *f = roster_file(&t->roster, &who->id);

	if (f == NULL)
		return roster_add_file(&t->roster, path, who, t->now_ms);
	rename_file(f, path);
	return f;
}

/* A matching name that cannot be followed: said once. */
static void
note_stranger(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who)
{
	if (!interest_in_any_file(d, text))
		return;
	(void)roster_add_name(&t->roster, d, text, NULL);
	log_warn("%s: matches a filePattern but is a %s: not followed", path,
	    S_ISDIR(who->mode)    ? "directory"
	    : S_ISFIFO(who->mode) ? "FIFO"
	    : S_ISSOCK(who->mode) ? "socket"
				  : "device");
}

bool
follow_still_is(const struct name *n, const struct who *who)
{
	if (n->file == NULL)
		return !S_ISREG(who->mode);
	return n->file->id.dev == who->id.dev &&
	       who_same(&n->file->id, &who->id);
}

void
follow_seen(struct tail *t, struct name *n, const struct who *who)
{
	if (who->links > 1 && !n->file->aliased)
		survey_alias(t, n->directory, n->file);
	rotation_seen(t, n->file, who->size);
}

/* The entry leads nowhere, at least now. */
static void
look_at_nothing(
    struct tail *t, struct directory *d, const char *text, const char *path)
{
	struct name *n = roster_name(&t->roster, d, text);
	struct stat st;
	bool link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);

	if (n != NULL && (n->file != NULL || !link)) {
		follow_drop(t, n);
		n = NULL;
	}
	survey_leave(t, d, path);
	if (!link)
		return;
	/* A link whose target may come. */
	if (n == NULL &&
	    (interest_in_any_file(d, text) || interest_goes_on(d, text)))
		n = roster_add_name(&t->roster, d, text, NULL);
	if (n != NULL)
		trail_of_name(t, n);
}

/* The entry is no regular file. */
static void
look_at_other(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who)
{
	struct name *n = roster_name(&t->roster, d, text);
	bool enters = S_ISDIR(who->mode) && survey_enter(t, d, text, path, who);

	if (!S_ISDIR(who->mode))
		survey_leave(t, d, path);
	/* Known as what it is; a link that led nowhere is not. */
	if (n != NULL && n->file == NULL && list_empty(&n->way) && !enters) {
		n->round = d->round;
		return;
	}
	if (n != NULL)
		follow_drop(t, n);
	if (!enters)
		note_stranger(t, d, text, path, who);
}

/* Follow what was renamed from a wanted name before we looked. */
static void
attach_renamed(struct tail *t, const struct rename *r, struct file *f)
{
	for (size_t i = 0; i < r->from->interests.count; i++) {
		struct flow *flow = r->from->interests.at[i].flow;

		if (interest_in_file(r->from, flow, r->wanted))
			attach(t, flow, f);
	}
	rotation_unnamed(t, f);
}

/* Where the unknown file `text` belongs among the rotations of its log can
 * only be told when it is known who has the live name. */
static void
look_at_live_name(struct tail *t, struct directory *d, const char *text)
{
	char stem[NAME_MAX + 1];

	stem_of(text, stem);
	if (strcmp(stem, text) != 0 && roster_name(&t->roster, d, stem) != NULL)
		follow_look(t, d, stem);
}

/* The entry is a regular file that it was not before. */
static void
look_at_new(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who)
{
	bool met = roster_file(&t->roster, &who->id) != NULL;
	const struct rename *moved =
	    glob_is_compressed(text) ? NULL : renames_to(t, d, text);
	struct name *n;
	struct file *f;

	if (!met && moved == NULL && !interest_in_any_file(d, text) &&
	    !anyone_missed(d, text, who)) {
		missed_met(t, d, text, who);
		return;
	}
	if (!met)
		look_at_live_name(t, d, text);
	f = meet(t, path, who);
	n = roster_name(&t->roster, d, text);
	if (n == NULL)
		n = roster_add_name(&t->roster, d, text, f);
	trail_of_name(t, n);
	if (who->links > 1 || f->aliased)
		survey_alias(t, d, f);
	attach_all(t, d, text, f, met ? NULL : who);
	if (moved != NULL)
		attach_renamed(t, moved, f);
	rotation_named(t, f);
}

static void
look_at_file(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who)
{
	struct name *n = roster_name(&t->roster, d, text);

	survey_leave(t, d, path);
	if (n != NULL && follow_still_is(n, who)) {
		n->round = d->round;
		follow_seen(t, n, who);
		trail_of_name(t, n);
		/* A flow may have come since. */
		if (n->file != NULL)
			attach_all(t, d, text, n->file, NULL);
		return;
	}
	if (n != NULL)
		follow_drop(t, n);
	look_at_new(t, d, text, path, who);
}

/* The entry is a file of ours: said once. */
static void
look_at_own(
    struct tail *t, struct directory *d, const char *text, const char *path)
{
	struct name *n = roster_name(&t->roster, d, text);

	survey_leave(t, d, path);
	if (n != NULL && n->file == NULL) {
		n->round = d->round;
		return;
	}
	if (n != NULL)
		follow_drop(t, n);
	if (!interest_in_any_file(d, text))
		return;
	(void)roster_add_name(&t->roster, d, text, NULL);
	log_warn("%s: matches a filePattern but is written by this agent "
		 "itself: not followed",
	    path);
}

/* Did a look at `text` fail for want of something of ours, which says nothing
 * of the entry? Then what we believe of it stands, and a later scan asks. */
static bool
look_was_blind(struct tail *t, struct directory *d, const char *text, int why)
{
	struct name *n = roster_name(&t->roster, d, text);
	uint64_t held;

	if (why != EMFILE && why != ENFILE && why != ENOMEM)
		return false;
	if (n != NULL)
		n->round = d->round;
	if (log_gate_open(&t->failure_gate, t->now_ms, &held))
		log_warn("%s/%s: cannot be looked at: %s; asking again at the "
			 "next scan",
		    d->path, text, strerror(why));
	return true;
}

/* The one place where names and files are brought up to date. */
void
follow_look(struct tail *t, struct directory *d, const char *text)
{
	char *path = follow_path(d, text);
	struct who who;

	/* The caller's text may be the entry's, which may be dropped. */
	text = strrchr(path, '/') + 1;
	if (who_is(path, &who) != 0) {
		if (!look_was_blind(t, d, text, errno))
			look_at_nothing(t, d, text, path);
	} else if (S_ISREG(who.mode) && own_is(t->config, path, &who))
		look_at_own(t, d, text, path);
	else if (S_ISREG(who.mode))
		look_at_file(t, d, text, path, &who);
	else
		look_at_other(t, d, text, path, &who);
	free(path);
}

void
follow_old_name(struct tail *t, struct directory *d, const char *text)
{
	char *path = follow_path(d, text);
	struct who who;
	bool ours = false;

	if (roster_name(&t->roster, d, text) != NULL ||
	    who_is(path, &who) != 0 || !S_ISREG(who.mode))
		goto done;
	for (size_t i = 0; i < d->interests.count; i++) {
		struct flow *flow = d->interests.at[i].flow;

		if (!place_awaits(t, flow, &who.id))
			continue;
		attach(t, flow, meet(t, path, &who));
		ours = true;
	}
	if (ours) {
		struct file *f = meet(t, path, &who);

		(void)roster_add_name(&t->roster, d, text, f);
		rotation_unnamed(t, f);
	}
done:
	free(path);
}

void
follow_nameless(
    struct tail *t, struct flow *flow, const char *path, const struct who *who)
{
	struct file *f = roster_file(&t->roster, &who->id);

	if (f == NULL)
		f = roster_add_file(&t->roster, path, who, t->now_ms);
	attach(t, flow, f);
	rotation_unnamed(t, f);
}

/* The file that was found, unless it is known already, and its name. */
static struct file *
meet_found(struct tail *t, const char *path, const struct who *who,
    enum unpack_kind kind)
{
	const char *text = strrchr(path, '/') + 1;
	struct directory *d = follow_directory(t, path);
	struct file *f = roster_file(&t->roster, &who->id);

	if (f == NULL)
		f = roster_add_file(&t->roster, path, who, t->now_ms);
	if (list_empty(&f->readers) && kind != UNPACK_NONE)
		archive_adopt(f, kind);
	if (d != NULL && roster_name(&t->roster, d, text) == NULL)
		(void)roster_add_name(&t->roster, d, text, f);
	return f;
}

void
follow_found(struct tail *t, struct flow *flow, const char *path,
    const struct who *who, int64_t born_ns)
{
	struct file *f = meet_found(t, path, who, unpack_kind(path));

	if (list_empty(&f->readers))
		f->born_ns = born_ns;
	attach(t, flow, f);
	rotation_unnamed(t, f);
}

struct reader *
follow_moved(
    struct tail *t, const struct reader *r, const struct trace_found *found)
{
	struct file *f =
	    meet_found(t, found->path, &found->who, unpack_kind(found->path));
	struct reader *s =
	    reader_new(r->flow, f, START_AS_COPY, place_new_row(t));

	s->wanted = follow_wants(r->flow, f);
	stats_add(&r->flow->stats->files, 1);
	return s;
}

struct reader *
follow_copy(
    struct tail *t, struct reader *r, struct directory *d, const char *text)
{
	char *path = follow_path(d, text);
	struct reader *s = NULL;
	struct who who;
	struct file *f;

	if (who_is(path, &who) == 0 && S_ISREG(who.mode)) {
		f = meet(t, path, &who);
		if (roster_name(&t->roster, d, text) == NULL)
			(void)roster_add_name(&t->roster, d, text, f);
		s = reader_new(r->flow, f, START_AS_COPY, place_new_row(t));
		s->wanted = follow_wants(r->flow, f);
		stats_add(&r->flow->stats->files, 1);
		copy_suspect(s, r);
	}
	free(path);
	return s;
}
