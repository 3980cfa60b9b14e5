/* SPDX-License-Identifier: Apache-2.0
 *
 * trail: see trail.h. A path is walked as the kernel walks it, entry by
 * entry, so that every link on it is met.
 *
 * Thread: tail.
 */
#include "trail.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "state.h"
#include "survey.h"

#define HOPS_MAX 40 /* links on one way: the kernel's own limit */

struct walk {
	struct tail *t;
	struct list_node *owner; /* the steps go here */
	struct directory *wakes;
	struct name *name; /* whose target is sought; NULL: a directory's way */
	char at[PATH_MAX]; /* where we are: no links in it, "" for the root */
	char *rest;        /* owned: what is still before us */
	int hops;
};

static void
forget(struct tail *t, struct list_node *owner)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, owner)
		roster_drop_step(
		    &t->roster, LIST_ENTRY(at, struct step, of_owner));
}

static struct directory *
add_step(struct walk *w, const char *text)
{
	struct directory *in =
	    roster_directory(&w->t->roster, w->at[0] == '\0' ? "/" : w->at);

	roster_add_step(&w->t->roster, in, text, w->owner, w->wakes);
	if (in->due.slot == 0)
		survey_wake(w->t, in, false);
	return in;
}

/* The target itself: events there are the file's. */
static void
arrive(struct walk *w, const char *text)
{
	struct roster *roster = &w->t->roster;
	struct directory *in;

	if (w->name == NULL || w->hops == 0)
		return;
	in = add_step(w, text);
	if (w->name->file != NULL && roster_name(roster, in, text) == NULL)
		(void)roster_add_name(roster, in, text, w->name->file);
}

/* Take the next part off `rest`, into `part`. False: none left. */
static bool
next_part(struct walk *w, char part[static NAME_MAX + 1])
{
	const char *from = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(from, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(part, from, len);
	part[len] = '\0';
	from += len;
	memmove(w->rest, from, strlen(from) + 1);
	return true;
}

static void
go_up(struct walk *w)
{
	char *slash = strrchr(w->at, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* Go on behind the link whose text is `target`. */
static void
follow_link(struct walk *w, const char *target)
{
	char *rest = mem_format("%s/%s", target, w->rest);

	free(w->rest);
	w->rest = rest;
	if (target[0] == '/')
		w->at[0] = '\0';
}

/* One part further. False: this is as far as it goes. */
static bool
go_on(struct walk *w, const char *part)
{
	char path[PATH_MAX + NAME_MAX + 2], target[PATH_MAX];
	ssize_t len;

	if (strcmp(part, ".") == 0)
		return true;
	if (strcmp(part, "..") == 0) {
		go_up(w);
		return true;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", w->at, part);
	len = readlink(path, target, sizeof(target) - 1);
	if (len >= 0) {
		target[len] = '\0';
		/* A name's own directory is watched as it is. */
		if (w->name == NULL || w->hops > 0)
			(void)add_step(w, part);
		follow_link(w, target);
		return ++w->hops <= HOPS_MAX;
	}
	if (errno != EINVAL) {
		if (w->name == NULL || w->hops > 0)
			(void)add_step(w, part);
		return false;
	}
	if (w->rest[strspn(w->rest, "/")] == '\0') {
		arrive(w, part);
		return false;
	}
	if (strlen(path) >= sizeof(w->at))
		return false;
	memcpy(w->at, path, strlen(path) + 1);
	return true;
}

static void
walk(struct walk *w, const char *rest)
{
	char part[NAME_MAX + 1];

	w->rest = mem_dup(rest);
	while (next_part(w, part) && go_on(w, part))
		continue;
	free(w->rest);
}

void
trail_of_name(struct tail *t, struct name *n)
{
	struct walk w = { t, &n->way, n->directory, n, "", NULL, 0 };

	forget(t, &n->way);
	if (realpath(n->directory->path, w.at) == NULL)
		return;
	if (strcmp(w.at, "/") == 0)
		w.at[0] = '\0';
	walk(&w, n->text);
}

void
trail_of_directory(struct tail *t, struct directory *d)
{
	struct walk w = { t, &d->way, d, NULL, "", NULL, 0 };

	forget(t, &d->way);
	walk(&w, d->path);
}

void
trail_forget(struct tail *t, struct directory *d)
{
	forget(t, &d->way);
}

void
trail_changed(struct tail *t, struct directory *d, const char *text)
{
	struct step *s = NULL;

	if (list_empty(&d->steps))
		return;
	while ((s = roster_step(&t->roster, d, text, s)) != NULL)
		survey_wake(t, s->wakes, true);
}

void
trail_all_changed(struct tail *t, struct directory *d)
{
	struct list_node *at;

	list_for_each (at, &d->steps)
		survey_wake(
		    t, LIST_ENTRY(at, struct step, of_directory)->wakes, true);
}
