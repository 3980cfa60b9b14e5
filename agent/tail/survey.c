/* SPDX-License-Identifier: Apache-2.0
 *
 * survey: see survey.h.
 *
 * A directory is watched first and listed then, so that nothing can come in
 * between. One that was found by a wildcard goes when it is gone; one in
 * which a pattern begins stays, and the first missing entry on the way to it
 * is watched (see trail.h). Listing anew is a safety net where the kernel
 * tells us what happens: it may take a hundredth of a core and no more. Where
 * it does not tell (no watches left, a file system of another machine),
 * looking is all there is, and may take a tenth.
 *
 * Directories are dropped at one place only (reap), since many lists lead to
 * them.
 *
 * Thread: tail.
 */
#include "survey.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "follow.h"
#include "interest.h"
#include "mem.h"
#include "missed.h"
#include "renames.h"
#include "rotation.h"
#include "search.h"
#include "state.h"
#include "stem.h"
#include "trail.h"
#include "unseen.h"
#include "watch.h"
#include "who.h"

#define POLL_MS         1000   /* what nothing is told about */
#define DOUBT_MS        10     /* so long may a removal take */
#define RESCAN_MS       10000  /* where no flow says otherwise */
#define LOOKS_MAX       200    /* in one go, so that reading goes on */
#define DIRECTORIES_MAX 100000 /* beyond, none is entered */
#define DIRECTORY_US    30     /* what listing costs, roughly: for each ... */
#define NAME_US         3      /* ... and for each name in it */

static bool
needed(const struct directory *d)
{
	return d->interests.count > 0 || !list_empty(&d->steps);
}

static bool
is_polled(const struct directory *d)
{
	return d->wd < 0 || d->mute || d->aliased;
}

/* The last part of its path. */
static const char *
own_name(const struct directory *d)
{
	return strrchr(d->path, '/') + 1;
}

void
survey_wake(struct tail *t, struct directory *d, bool thorough)
{
	d->scan_ms = t->now_ms;
	d->thorough = d->thorough || thorough;
	agenda_set(&t->roster.agenda, &d->due, t->now_ms);
}

void
survey_doubt(struct tail *t, struct directory *d)
{
	if (d->due.slot > 0 && d->due.due_ms > t->now_ms + DOUBT_MS)
		agenda_set(&t->roster.agenda, &d->due, t->now_ms + DOUBT_MS);
}

void
survey_alias(struct tail *t, struct directory *d, struct file *f)
{
	f->aliased = d->aliased = true;
	t->roster.changed = true;
	d->scan_ms = t->now_ms + POLL_MS;
	if (d->due.slot > 0 && d->due.due_ms > d->scan_ms)
		agenda_set(&t->roster.agenda, &d->due, d->scan_ms);
}

void
survey_everything(struct tail *t)
{
	struct list_node *at;

	list_for_each (at, &t->roster.directories)
		survey_wake(t, LIST_ENTRY(at, struct directory, node), false);
}

void
survey_begin(struct tail *t, struct flow *flow)
{
	for (size_t i = 0; i < flow->patterns.count; i++) {
		const struct pattern *p = &flow->patterns.at[i];
		struct interest one = { .flow = flow, .pattern = p };
		struct directory *d = roster_directory(&t->roster, p->root);

		one.rooted = d->rooted = true;
		interest_add(&d->interests, &one);
		/* What others look for in it is known by name. */
		survey_wake(t, d, d->scanned);
	}
}

/* No flow looks for anything in `d` any more. */
static void
abandon(struct tail *t, struct directory *d)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &d->children) {
		struct directory *child =
		    LIST_ENTRY(at, struct directory, of_parent);

		list_remove(at);
		child->parent = NULL;
	}
	if (!list_on(&d->idle_node))
		list_add_last(&t->roster.idle, &d->idle_node);
}

void
survey_end(struct tail *t, const struct flow *flow)
{
	struct list_node *at;

	list_for_each (at, &t->roster.directories) {
		struct directory *d = LIST_ENTRY(at, struct directory, node);

		if (!interest_drop(&d->interests, flow))
			continue;
		t->roster.changed = true;
		d->rooted = interest_is_rooted(&d->interests);
		if (!needed(d))
			abandon(t, d);
	}
}

/* ---- Coming and going ---- */

static void
unwatch(struct tail *t, struct directory *d)
{
	int wd = d->wd;

	roster_unwatched(&t->roster, d);
	if (wd >= 0 && roster_by_watch(&t->roster, wd, NULL) == NULL)
		watch_remove(wd);
}

/* `d` was found by a wildcard, and is not there any more. What was found in
 * it is not, either. */
static void
forget(struct tail *t, struct directory *d)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &d->children)
		forget(t, LIST_ENTRY(at, struct directory, of_parent));
	list_remove(&d->of_parent);
	d->parent = NULL;
	interest_keep_rooted(&d->interests);
	if (needed(d))
		survey_wake(t, d, true);
	else if (!list_on(&d->idle_node))
		list_add_last(&t->roster.idle, &d->idle_node);
	if (!d->rooted)
		trail_forget(t, d);
}

void
survey_leave(struct tail *t, struct directory *d, const char *path)
{
	struct directory *child = roster_known(&t->roster, path);

	if (child != NULL && child->parent == d)
		forget(t, child);
}

static bool
is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static bool
too_many(struct tail *t, const char *path)
{
	uint64_t held;

	if (t->roster.directory_count < DIRECTORIES_MAX)
		return false;
	if (log_gate_open(&t->directory_gate, t->now_ms, &held))
		log_warn("%s: not entered: filePatterns lead to more than %d "
			 "directories; see excludePattern",
		    path, DIRECTORIES_MAX);
	return true;
}

bool
survey_enter(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who)
{
	bool link = is_link(path);
	struct interests found = { NULL, 0 };
	struct directory *child = roster_known(&t->roster, path);
	bool known;

	interest_pass_on(d, text, link, &found);
	if (found.count == 0) {
		survey_leave(t, d, path);
		return false;
	}
	if (child == NULL && too_many(t, path)) {
		free(found.at);
		return true;
	}
	child = roster_directory(&t->roster, path);
	known = child->parent == d;
	roster_put_under(d, child);
	child->seen = d->round;
	if (interest_replace(&child->interests, &found) || !known)
		survey_wake(t, child, true);
	else if (child->dev != who->id.dev || child->ino != who->id.ino)
		survey_wake(t, child, false);
	if (link)
		trail_of_directory(t, child);
	return true;
}

static void
drop_names(struct tail *t, struct directory *d)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &d->names)
		follow_drop(t, LIST_ENTRY(at, struct name, of_directory));
}

/* Drop the directories that nothing needs any more. */
static void
reap(struct tail *t)
{
	struct list_node *at;

	while ((at = list_take_first(&t->roster.idle)) != NULL) {
		struct directory *d =
		    LIST_ENTRY(at, struct directory, idle_node);

		if (needed(d) || d->rooted)
			continue;
		drop_names(t, d);
		trail_forget(t, d);
		renames_forget(t, d);
		unwatch(t, d);
		roster_drop_directory(&t->roster, d);
	}
}

/* ---- Watching ---- */

static void
say_unwatched(struct tail *t, const struct directory *d, int why)
{
	uint64_t held;

	if (!log_gate_open(&t->watch_gate, t->now_ms, &held))
		return;
	log_warn("%s: cannot be watched: %s; looking every %d ms instead, as "
		 "at all others that cannot%s",
	    d->path, strerror(why), POLL_MS,
	    why == ENOSPC   ? " (raise fs.inotify.max_user_watches)"
	    : why == EMFILE ? " (raise fs.inotify.max_user_instances)"
			    : "");
}

static int
add_watch(struct tail *t, const struct directory *d)
{
	int wd, why;

	/* The limit is everybody's: one try a second is enough. */
	if (t->now_ms < t->watch_ms)
		return -1;
	wd = watch_add(d->path);
	why = errno;
	if (wd >= 0)
		return wd;
	if (why == ENOSPC || why == EMFILE || why == ENOMEM)
		t->watch_ms = t->now_ms + POLL_MS;
	if (why != ENOENT && why != ENOTDIR)
		say_unwatched(t, d, why);
	return -1;
}

/* Have `d`, which is `st`, watched if that is possible. Answers whether it is
 * another directory than before, as far as we know. */
static bool
keep_watch(struct tail *t, struct directory *d, const struct stat *st)
{
	struct directory *same;
	int wd;

	if (d->wd >= 0 && d->dev == st->st_dev && d->ino == st->st_ino)
		return false;
	/* Replaced where no event tells: a parent was, or a link above. */
	unwatch(t, d);
	same = roster_same_directory(&t->roster, st->st_dev, st->st_ino);
	wd = same != NULL ? same->wd : add_watch(t, d);
	if (wd < 0)
		return false;
	roster_watched(&t->roster, d, wd, st->st_dev, st->st_ino);
	d->mute = !watch_tells(d->path);
	trail_all_changed(t, d);
	return true;
}

/* ---- Listing ---- */

/* `d` cannot be read. */
static void
is_missing(struct tail *t, struct directory *d, int why)
{
	uint64_t held;

	if (!d->missing) {
		trail_all_changed(t, d);
		if (d->interests.count > 0 &&
		    (d->rooted ||
			log_gate_open(&t->missing_gate, t->now_ms, &held)))
			log_warn("%s: cannot be read: %s; waiting for it",
			    d->path, strerror(why));
	}
	d->missing = true;
	if (why == ENOENT || why == ENOTDIR)
		drop_names(t, d);
}

static void
look_again(struct tail *t, struct name *n, int fd, bool thorough)
{
	struct directory *d = n->directory;
	struct who who;

	n->round = d->round;
	if (n->file != NULL && n->file->aliased)
		d->aliased = true;
	if (thorough || who_glance(fd, n->text, &who) != 0 ||
	    !follow_still_is(n, &who))
		follow_look(t, d, n->text);
	else if (n->file != NULL)
		follow_seen(t, n, &who);
}

static void
scan_entry(struct tail *t, struct directory *d, const struct dirent *e, int fd,
    bool thorough)
{
	struct name *n = roster_name(&t->roster, d, e->d_name);
	struct directory *child;
	struct who who;
	char *path;

	if (n != NULL) {
		look_again(t, n, fd, thorough);
		return;
	}
	if (e->d_type == DT_DIR || e->d_type == DT_LNK ||
	    e->d_type == DT_UNKNOWN) {
		path = follow_path(d, e->d_name);
		child = roster_known(&t->roster, path);
		free(path);
		if (child != NULL && child->parent == d) {
			child->seen = d->round;
			if (thorough || e->d_type != DT_DIR)
				follow_look(t, d, e->d_name);
			return;
		}
		if (interest_goes_on(d, e->d_name)) {
			follow_look(t, d, e->d_name);
			return;
		}
	}
	/* One of our files may have this name since no event told. */
	if (interest_in_any_file(d, e->d_name) ||
	    follow_may_have_missed(d, e->d_name) ||
	    roster_has_inode(&t->roster, (uint64_t)e->d_ino))
		follow_look(t, d, e->d_name);
	else if (missed_may_be(d, e->d_name) &&
		 who_glance(fd, e->d_name, &who) == 0)
		missed_met(t, d, e->d_name, &who);
}

/* Look at the entries that carry a rotation suffix, or at those that do not:
 * an original must be known before its copies are met. */
static void
scan_entries(
    struct tail *t, struct directory *d, DIR *dir, bool rotated, bool thorough)
{
	char stem[NAME_MAX + 1];
	struct dirent *e;

	rewinddir(dir);
	while ((e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		stem_of(e->d_name, stem);
		if ((strcmp(stem, e->d_name) != 0) == rotated)
			scan_entry(t, d, e, dirfd(dir), thorough);
	}
}

/* Look at what we knew and did not meet. */
static void
look_for_the_rest(struct tail *t, struct directory *d, int fd, bool thorough)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &d->names) {
		struct name *n = LIST_ENTRY(at, struct name, of_directory);

		if (n->round != d->round)
			look_again(t, n, fd, thorough);
	}
	list_for_each_safe (at, after, &d->children) {
		struct directory *child =
		    LIST_ENTRY(at, struct directory, of_parent);

		if (child->seen != d->round)
			follow_look(t, d, own_name(child));
	}
}

/* What its entries are now. Only where patterns look for unknown ones is it
 * listed. -1: errno; not logged. */
static int
scan(struct tail *t, struct directory *d)
{
	bool lists = d->interests.count > 0, thorough = d->thorough;
	int fd = open(
	    d->path, (lists ? O_RDONLY : O_PATH) | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 && lists ? fdopendir(fd) : NULL;

	if (fd < 0)
		return -1;
	d->thorough = d->aliased = false;
	d->round++;
	if (dir != NULL) {
		scan_entries(t, d, dir, false, thorough);
		scan_entries(t, d, dir, true, thorough);
	}
	look_for_the_rest(t, d, fd, thorough);
	(void)(dir != NULL ? closedir(dir) : close(fd));
	return 0;
}

static void
scan_and_say(struct tail *t, struct directory *d, bool renewed)
{
	bool found = d->missing || ((renewed || !d->scanned) && !t->first_scan);

	if (scan(t, d) != 0) {
		is_missing(t, d, errno);
		return;
	}
	if (d->missing && d->interests.count > 0)
		log_info("%s: can be read", d->path);
	d->missing = false;
	d->scanned = true;
	if (found)
		search_again(t, d);
}

/* ---- When ---- */

/* How long to wait before listing `d` anew. */
static int64_t
scan_interval(const struct tail *t, const struct directory *d)
{
	const struct survey_cost *cost = &t->survey_cost;
	int64_t interval = INT64_MAX, least;

	for (size_t i = 0; i < d->interests.count; i++) {
		const struct flow *flow = d->interests.at[i].flow;

		if (flow->config->rescan_ms < interval)
			interval = flow->config->rescan_ms;
	}
	if (interval == INT64_MAX)
		interval = RESCAN_MS;
	if (is_polled(d) && interval > POLL_MS)
		interval = POLL_MS;
	least = is_polled(d) ? cost->polled_us / 100 : cost->watched_us / 10;
	return interval > least ? interval : least;
}

static void
count_directory(struct tail *t, const struct directory *d, uint64_t *counts)
{
	const struct interests *all = &d->interests;
	int64_t cost = DIRECTORY_US + NAME_US * (int64_t)d->name_count;

	if (is_polled(d))
		t->survey_cost.polled_us += cost;
	else
		t->survey_cost.watched_us += cost;
	for (size_t i = 0; i < all->count; i++) {
		const struct flow *flow = all->at[i].flow;
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again = again || all->at[k].flow == flow;
		if (again)
			continue;
		counts[2 * flow->index]++;
		counts[2 * flow->index + 1] += is_polled(d) && !d->missing;
	}
}

/* What status tells, and what scans cost; once a second is often enough. */
static void
count_all(struct tail *t)
{
	size_t flows = t->config->flow_count;
	uint64_t *counts;
	struct list_node *at;

	if (!t->roster.changed ||
	    t->now_ms < t->survey_cost.counted_ms + POLL_MS)
		return;
	t->roster.changed = false;
	t->survey_cost = (struct survey_cost){ .counted_ms = t->now_ms };
	counts = mem_new_array(2 * flows, sizeof(*counts));
	list_for_each (at, &t->roster.directories)
		count_directory(
		    t, LIST_ENTRY(at, struct directory, node), counts);
	for (size_t i = 0; i < flows; i++) {
		struct flow_stats *s = &t->stats[i];

		stats_add(&s->directories,
		    counts[2 * i] - stats_get(&s->directories));
		stats_add(&s->directories_polled,
		    counts[2 * i + 1] - stats_get(&s->directories_polled));
	}
	free(counts);
}

static void
wake_children(struct tail *t, const struct directory *d)
{
	struct list_node *at;

	list_for_each (at, &d->children)
		survey_wake(
		    t, LIST_ENTRY(at, struct directory, of_parent), false);
}

/* One look: is it there, is it the same, what is in it? */
static void
look_into(struct tail *t, struct directory *d)
{
	struct stat st;
	bool there = stat(d->path, &st) == 0 && S_ISDIR(st.st_mode);
	int why = there ? 0 : errno;
	bool renewed = there && keep_watch(t, d, &st);
	int64_t next;

	if (!there && d->parent != NULL && !d->rooted) {
		follow_look(t, d->parent, own_name(d));
		if (!needed(d))
			return;
	}
	if (renewed)
		wake_children(t, d);
	if (d->rooted && (renewed || !there || d->thorough))
		trail_of_directory(t, d);
	if (!there)
		is_missing(t, d, why == 0 ? ENOTDIR : why);
	else if (renewed || d->missing || d->scan_ms <= t->now_ms)
		scan_and_say(t, d, renewed);
	if (d->scan_ms <= t->now_ms)
		d->scan_ms = t->now_ms + scan_interval(t, d);
	next = d->scan_ms;
	if ((d->rooted || d->missing) && next > t->now_ms + POLL_MS)
		next = t->now_ms + POLL_MS;
	agenda_set(&t->roster.agenda, &d->due, next);
}

int64_t
survey_due(struct tail *t)
{
	struct errand *e;
	int looks = 0;

	while ((e = agenda_first(&t->roster.agenda)) != NULL &&
	       e->due_ms <= t->now_ms && (looks++ < LOOKS_MAX || t->first_scan))
		look_into(t, LIST_ENTRY(e, struct directory, due));
	reap(t);
	count_all(t);
	e = agenda_first(&t->roster.agenda);
	return e != NULL ? e->due_ms : CLOCK_NEVER;
}

/* ---- Events ---- */

static void
entry_event(
    struct tail *t, struct directory *d, const struct watch_event *event)
{
	struct name *n = roster_name(&t->roster, d, event->name);

	renames_trace(t, d, event);
	if (event->written) {
		if (n != NULL && n->file != NULL) {
			rotation_written(t, n->file);
			return;
		}
		if (n == NULL && !interest_in_any_file(d, event->name))
			return;
	}
	trail_changed(t, d, event->name);
	follow_look(t, d, event->name);
	if (event->grew && roster_name(&t->roster, d, event->name) == NULL)
		unseen_written(t, d, event->name);
}

void
survey_event(struct tail *t, const struct watch_event *event)
{
	struct directory *d = roster_by_watch(&t->roster, event->wd, NULL);

	while (d != NULL) {
		struct directory *next =
		    roster_by_watch(&t->roster, event->wd, d);

		if (event->gone) {
			roster_unwatched(&t->roster, d);
			survey_wake(t, d, true);
		} else if (event->name[0] != '\0') {
			entry_event(t, d, event);
		}
		d = next;
	}
}
