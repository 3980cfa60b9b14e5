/* SPDX-License-Identifier: Apache-2.0
 *
 * follow: see follow.h.
 *
 * There is one way to learn of anything: look at a name, ask the kernel who
 * is there now, and compare with what we believed. Events, scans and lost
 * events all end there, so they cannot disagree.
 *
 * One thing a look cannot tell: that a file had a wanted name and lost it
 * before we looked (two rotations in a moment). So renames are traced through
 * the events that are taken together, and what sits where a wanted name went
 * is followed too.
 *
 * Thread: tail.
 */
#include "follow.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "copy.h"
#include "glob.h"
#include "log.h"
#include "mem.h"
#include "place.h"
#include "reader.h"
#include "rotation.h"
#include "state.h"
#include "stem.h"
#include "watch.h"
#include "who.h"

#define RENAMES_MAX 256  /* traced at a time; those beyond are only looked at */
#define POLL_MS     1000 /* a directory without a watch, with links, or empty */

/* Owned by the caller. */
static char *
path_of(const struct directory *d, const char *text)
{
	return mem_format("%s/%s", strcmp(d->path, "/") ? d->path : "", text);
}

static bool
flow_matches(const struct flow *flow, const char *text)
{
	return !glob_is_compressed(text) && glob_matches(flow->glob, text);
}

/* A file that had a wanted name, on its way. Owned by tail.renames. */
struct rename {
	struct list_node node;
	const struct directory *from; /* borrowed: whose flows wanted it */
	char *wanted;                 /* owned: the name they matched */
	const struct directory *to;   /* borrowed; NULL: between two names */
	char *text;      /* owned: its name in `to`; NULL likewise */
	uint32_t cookie; /* while it is between two names */
};

static void
free_rename(struct tail *t, struct rename *r)
{
	list_remove(&r->node);
	t->rename_count--;
	free(r->wanted);
	free(r->text);
	free(r);
}

void
follow_quiet(struct tail *t)
{
	struct list_node *node;

	while ((node = list_take_first(&t->renames)) != NULL)
		free_rename(t, LIST_ENTRY(node, struct rename, node));
}

/* The rename that ended at `text` in `d`; NULL: none. */
static struct rename *
renamed_to(const struct tail *t, const struct directory *d, const char *text)
{
	struct list_node *at;

	list_for_each (at, &t->renames) {
		struct rename *r = LIST_ENTRY(at, struct rename, node);

		if (r->to == d && strcmp(r->text, text) == 0)
			return r;
	}
	return NULL;
}

static struct rename *
under_way(const struct tail *t, uint32_t cookie)
{
	struct list_node *at;

	list_for_each (at, &t->renames) {
		struct rename *r = LIST_ENTRY(at, struct rename, node);

		if (r->to == NULL && r->cookie == cookie)
			return r;
	}
	return NULL;
}

static bool
looks_into(const struct directory *d, const struct flow *flow)
{
	for (size_t i = 0; i < d->flow_count; i++)
		if (d->flows[i] == flow)
			return true;
	return false;
}

static bool
anyone_matches(const struct directory *d, const char *text)
{
	for (size_t i = 0; i < d->flow_count; i++)
		if (flow_matches(d->flows[i], text))
			return true;
	return false;
}

bool
follow_wants(const struct flow *flow, const struct file *f)
{
	const struct list_node *at;

	list_for_each (at, &f->names) {
		const struct name *n = LIST_ENTRY(
		    (struct list_node *)(uintptr_t)at, struct name, of_file);

		if (looks_into(n->directory, flow) &&
		    flow_matches(flow, n->text))
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

bool
follow_has(
    const struct tail *t, const struct flow *flow, const struct identity *id)
{
	const struct file *f = roster_file(&t->roster, id);

	return f != NULL && reader_of(f, flow) != NULL;
}

/* Try to open and place a new reader at once, so that its start position can
 * be written down; a file that cannot be read yet is tried again later. */
static void
settle_now(struct tail *t, struct reader *r)
{
	struct file *f = r->file;

	if (file_open(&t->files, f) == 0 && place_settle(t, r) == 0)
		return;
	if (!f->denied)
		log_warn("flow %s: %s: cannot be read: %s; trying again "
			 "whenever it changes",
		    r->flow->config->name, f->path, strerror(errno));
	f->denied = true;
}

/* `flow` follows `f` from now on, if it does not yet. */
static void
attach(struct tail *t, struct flow *flow, struct file *f)
{
	struct reader *r = reader_of(f, flow);
	struct checkpoint *row;
	struct reader *original = NULL;
	enum reader_start start = START_AT_ZERO;

	if (r != NULL) {
		r->wanted = follow_wants(flow, f);
		reader_ready(r);
		return;
	}
	row = place_claim(t, flow, &f->id);
	if (row != NULL)
		start = START_AT_ROW;
	else if (t->first_scan && !flow->known &&
		 flow->config->position == POSITION_END_OF_FILE)
		start = START_AT_END;
	else if ((original = copy_original(t, flow, f)) != NULL)
		start = START_AS_COPY;
	r = reader_new(
	    flow, f, start, row != NULL ? row->row : place_new_row(t));
	r->row_found = row;
	r->wanted = follow_wants(flow, f);
	stats_add(&flow->stats->files, 1);
	if (original != NULL)
		copy_suspect(r, original);
	else
		log_info("flow %s: following %s%s", flow->config->name, f->path,
		    start == START_AT_END
			? " from its end (initialPosition END_OF_FILE)"
			: "");
	settle_now(t, r);
}

/* Is `text` what a file that `flow` wants is called after a rotation? */
static bool
is_rotation_for(const struct flow *flow, const char *text)
{
	char stem[NAME_MAX + 1];

	if (glob_is_compressed(text))
		return false;
	stem_of(text, stem);
	return strcmp(stem, text) != 0 && flow_matches(flow, stem);
}

/* Did `flow` miss the file `who`, rotated to `text`, while it had a name that
 * matches? It came and was rotated between two looks, or while we were down:
 * nobody has met it, and it was written to since. */
static bool
was_missed(const struct flow *flow, const char *text, const struct who *who)
{
	return flow->since_ms > 0 && who->written_ms > flow->since_ms &&
	       is_rotation_for(flow, text);
}

static bool
anyone_missed(
    const struct directory *d, const char *text, const struct who *who)
{
	for (size_t i = 0; i < d->flow_count; i++)
		if (was_missed(d->flows[i], text, who))
			return true;
	return false;
}

static bool
anyone_may_have_missed(const struct directory *d, const char *text)
{
	for (size_t i = 0; i < d->flow_count; i++)
		if (is_rotation_for(d->flows[i], text))
			return true;
	return false;
}

/* `who` is NULL where `f` was met before. */
static void
attach_all(struct tail *t, struct directory *d, const char *text,
    struct file *f, const struct who *who)
{
	for (size_t i = 0; i < d->flow_count; i++)
		if (flow_matches(d->flows[i], text) ||
		    (who != NULL && was_missed(d->flows[i], text, who)))
			attach(t, d->flows[i], f);
}

static void
rename_file(struct file *f, struct directory *d, const char *path)
{
	if (strcmp(f->path, path) == 0)
		return;
	log_debug("%s is now %s", f->path, path);
	free(f->path);
	f->path = mem_dup(path);
	f->directory = d;
}

/* The entry `n` is no longer what it was. A file with another name (a hard
 * link) is called by that from now on. */
static void
drop_name(struct tail *t, struct name *n)
{
	struct directory *d = n->directory;
	struct file *f = n->file;

	roster_drop_name(&t->roster, n);
	/* Nothing tells of a directory's removal while we hold a file that was
	 * in it. */
	if (list_empty(&d->names) && d->due_ms > t->now_ms + POLL_MS)
		d->due_ms = t->now_ms + POLL_MS;
	if (f == NULL)
		return;
	if (!list_empty(&f->names)) {
		struct name *other =
		    LIST_ENTRY(f->names.next, struct name, of_file);
		char *path = path_of(other->directory, other->text);

		rename_file(f, other->directory, path);
		free(path);
	}
	rotation_unnamed(t, f);
}

static struct file *
meet(struct tail *t, struct directory *d, const char *path,
    const struct who *who)
{
	struct file *f = roster_file(&t->roster, &who->id);

	if (f == NULL)
		return roster_add_file(&t->roster, d, path, who, t->now_ms);
	rename_file(f, d, path);
	return f;
}

/* A matching name that cannot be followed: said once. */
static void
note_stranger(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who)
{
	if (!anyone_matches(d, text))
		return;
	(void)roster_add_name(&t->roster, d, text, NULL);
	log_warn("%s: matches a filePattern but is a %s: not followed", path,
	    S_ISDIR(who->mode)    ? "directory"
	    : S_ISFIFO(who->mode) ? "FIFO"
	    : S_ISSOCK(who->mode) ? "socket"
				  : "device");
}

static bool
still_is(const struct name *n, const struct who *who)
{
	if (n->file == NULL)
		return !S_ISREG(who->mode);
	return n->file->id.dev == who->id.dev &&
	       who_same(&n->file->id, &who->id);
}

/* Follow what was renamed from a wanted name before we looked. */
static void
attach_renamed(struct tail *t, const struct rename *r, struct file *f)
{
	for (size_t i = 0; i < r->from->flow_count; i++)
		if (flow_matches(r->from->flows[i], r->wanted))
			attach(t, r->from->flows[i], f);
	rotation_unnamed(t, f);
}

/* The one place where names and files are brought up to date. */
static void
look(struct tail *t, struct directory *d, const char *text)
{
	struct name *n = roster_name(&t->roster, d, text);
	char *path = path_of(d, text);
	const struct rename *moved;
	struct who who;
	struct file *f;
	bool met;

	/* The caller's text may be the entry's, which may be dropped. */
	text = strrchr(path, '/') + 1;
	if (who_is(path, &who) != 0) {
		if (n != NULL)
			drop_name(t, n);
		goto done;
	}
	if (n != NULL && still_is(n, &who)) {
		n->round = d->round;
		if (n->file != NULL)
			rotation_seen(t, n->file, who.size);
		goto done;
	}
	if (n != NULL)
		drop_name(t, n);
	if (!S_ISREG(who.mode)) {
		note_stranger(t, d, text, path, &who);
		goto done;
	}
	met = roster_file(&t->roster, &who.id) != NULL;
	moved = glob_is_compressed(text) ? NULL : renamed_to(t, d, text);
	if (!met && moved == NULL && !anyone_matches(d, text) &&
	    !anyone_missed(d, text, &who))
		goto done;
	f = meet(t, d, path, &who);
	(void)roster_add_name(&t->roster, d, text, f);
	attach_all(t, d, text, f, met ? NULL : &who);
	if (moved != NULL)
		attach_renamed(t, moved, f);
	rotation_named(t, f);
done:
	free(path);
}

void
follow_old_name(struct tail *t, struct directory *d, const char *text)
{
	char *path = path_of(d, text);
	struct who who;
	bool ours = false;

	if (roster_name(&t->roster, d, text) != NULL ||
	    who_is(path, &who) != 0 || !S_ISREG(who.mode))
		goto done;
	for (size_t i = 0; i < d->flow_count; i++) {
		if (!place_knows(t, d->flows[i], &who.id))
			continue;
		attach(t, d->flows[i], meet(t, d, path, &who));
		ours = true;
	}
	if (ours) {
		struct file *f = meet(t, d, path, &who);

		(void)roster_add_name(&t->roster, d, text, f);
		rotation_unnamed(t, f);
	}
done:
	free(path);
}

void
follow_nameless(struct tail *t, struct flow *flow, struct directory *d,
    const char *path, const struct who *who)
{
	struct file *f = roster_file(&t->roster, &who->id);

	if (f == NULL)
		f = roster_add_file(&t->roster, d, path, who, t->now_ms);
	attach(t, flow, f);
	rotation_unnamed(t, f);
}

struct reader *
follow_copy(
    struct tail *t, struct reader *r, struct directory *d, const char *text)
{
	char *path = path_of(d, text);
	struct reader *s = NULL;
	struct who who;
	struct file *f;

	if (who_is(path, &who) == 0 && S_ISREG(who.mode)) {
		f = meet(t, d, path, &who);
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

static bool
is_alias(const struct tail *t, const struct directory *d)
{
	struct list_node *at;

	list_for_each (at, &t->roster.directories) {
		const struct directory *other =
		    LIST_ENTRY(at, struct directory, node);

		if (other != d && other->wd >= 0 && other->dev == d->dev &&
		    other->ino == d->ino)
			return true;
	}
	return false;
}

/* Have `d` watched if that is possible. */
static void
watch(struct tail *t, struct directory *d)
{
	struct stat st;
	bool there = stat(d->path, &st) == 0;

	/* Replaced where no event tells: a parent was, or a link above. */
	if (d->wd >= 0 &&
	    (!there || d->dev != st.st_dev || d->ino != st.st_ino)) {
		watch_remove(d->wd);
		d->wd = -1;
	}
	if (d->wd >= 0 || !there)
		return;
	d->dev = st.st_dev;
	d->ino = st.st_ino;
	/* One watch cannot have two directories. */
	if (is_alias(t, d))
		return;
	d->wd = watch_add(d->path);
	if (d->wd >= 0) {
		d->polled = false;
		return;
	}
	if (!d->polled)
		log_warn("%s: cannot be watched: %s; looking every %d ms "
			 "instead%s",
		    d->path, strerror(errno), POLL_MS,
		    errno == ENOSPC ? " (raise fs.inotify.max_user_watches)"
				    : "");
	d->polled = true;
}

/* `d` cannot be read. */
static void
directory_missing(struct tail *t, struct directory *d)
{
	struct list_node *at, *after;
	int why = errno;

	if (!d->missing)
		log_warn("%s: cannot be read: %s; looking every %d ms", d->path,
		    strerror(why), POLL_MS);
	d->missing = true;
	if (why != ENOENT && why != ENOTDIR)
		return;
	list_for_each_safe (at, after, &d->names)
		drop_name(t, LIST_ENTRY(at, struct name, of_directory));
}

static void
scan_entry(struct tail *t, struct directory *d, const struct dirent *e)
{
	struct name *n = roster_name(&t->roster, d, e->d_name);

	/* One of our files may have this name since no event told. */
	if (n == NULL && !anyone_matches(d, e->d_name) &&
	    !anyone_may_have_missed(d, e->d_name) &&
	    !roster_has_inode(&t->roster, (uint64_t)e->d_ino))
		return;
	if (e->d_type == DT_LNK)
		d->has_links = true;
	look(t, d, e->d_name);
}

/* Look at the entries that carry a rotation suffix, or at those that do not:
 * an original must be known before its copies are met. */
static void
scan_entries(struct tail *t, struct directory *d, DIR *dir, bool rotated)
{
	char stem[NAME_MAX + 1];
	struct dirent *e;

	rewinddir(dir);
	while ((e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		stem_of(e->d_name, stem);
		if ((strcmp(stem, e->d_name) != 0) == rotated)
			scan_entry(t, d, e);
	}
}

static void
scan(struct tail *t, struct directory *d)
{
	struct list_node *at, *after;
	bool found;
	DIR *dir;

	watch(t, d);
	dir = opendir(d->path);
	if (dir == NULL) {
		directory_missing(t, d);
		return;
	}
	found = d->missing;
	if (found)
		log_info("%s: can be read", d->path);
	d->missing = false;
	d->has_links = false;
	d->round++;
	scan_entries(t, d, dir, false);
	scan_entries(t, d, dir, true);
	(void)closedir(dir);
	list_for_each_safe (at, after, &d->names) {
		struct name *n = LIST_ENTRY(at, struct name, of_directory);

		if (n->round != d->round)
			look(t, d, n->text);
	}
	if (found)
		place_search_in(t, d);
}

static int64_t
scan_interval(const struct directory *d)
{
	int64_t interval = INT64_MAX;

	for (size_t i = 0; i < d->flow_count; i++)
		if (d->flows[i]->config->rescan_ms < interval)
			interval = d->flows[i]->config->rescan_ms;
	if ((d->wd < 0 || d->missing || d->has_links ||
		list_empty(&d->names)) &&
	    interval > POLL_MS)
		interval = POLL_MS;
	return interval;
}

int64_t
follow_scan_due(struct tail *t)
{
	int64_t next = INT64_MAX;
	struct list_node *at;

	list_for_each (at, &t->roster.directories) {
		struct directory *d = LIST_ENTRY(at, struct directory, node);

		if (d->due_ms <= t->now_ms) {
			scan(t, d);
			d->due_ms = t->now_ms + scan_interval(d);
		}
		if (d->due_ms < next)
			next = d->due_ms;
	}
	return next;
}

void
follow_everything(struct tail *t)
{
	struct list_node *at;

	list_for_each (at, &t->roster.directories)
		LIST_ENTRY(at, struct directory, node)->due_ms = t->now_ms;
}

static struct directory *
watched_as(const struct tail *t, int wd)
{
	struct list_node *at;

	list_for_each (at, &t->roster.directories) {
		struct directory *d = LIST_ENTRY(at, struct directory, node);

		if (d->wd == wd)
			return d;
	}
	return NULL;
}

/* `event` took a name away: did a flow want it? */
static void
trace_from(struct tail *t, struct directory *d, const struct watch_event *event)
{
	struct rename *r = renamed_to(t, d, event->name);

	if (r == NULL && t->rename_count < RENAMES_MAX &&
	    anyone_matches(d, event->name)) {
		r = mem_new(sizeof(*r));
		r->from = d;
		r->wanted = mem_dup(event->name);
		list_add_last(&t->renames, &r->node);
		t->rename_count++;
	}
	if (r == NULL)
		return;
	free(r->text);
	r->text = NULL;
	r->to = NULL;
	r->cookie = event->cookie;
}

static void
trace_to(struct tail *t, struct directory *d, const struct watch_event *event)
{
	struct rename *old = renamed_to(t, d, event->name);
	struct rename *r = under_way(t, event->cookie);

	if (r != NULL) {
		r->to = d;
		r->text = mem_dup(event->name);
	}
	/* What was there is overwritten. */
	if (old != NULL)
		free_rename(t, old);
}

void
follow_event(struct tail *t, const struct watch_event *event)
{
	struct directory *d = watched_as(t, event->wd);
	struct name *n;

	if (d == NULL)
		return;
	if (event->gone) {
		d->wd = -1;
		d->due_ms = t->now_ms;
		return;
	}
	if (event->name[0] == '\0')
		return;
	if (event->from)
		trace_from(t, d, event);
	if (event->to)
		trace_to(t, d, event);
	if (event->written) {
		n = roster_name(&t->roster, d, event->name);
		if (n == NULL && !anyone_matches(d, event->name))
			return;
		if (n != NULL && n->file != NULL) {
			rotation_written(t, n->file);
			return;
		}
	}
	look(t, d, event->name);
}
