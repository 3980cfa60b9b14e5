/* SPDX-License-Identifier: Apache-2.0
 *
 * renames: see renames.h. Thread: tail.
 */
#include "renames.h"

#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "interest.h"
#include "mem.h"
#include "state.h"
#include "watch.h"

#define RENAMES_MAX 256 /* traced at a time; those beyond are only looked at */

static void
free_rename(struct tail *t, struct rename *r)
{
	list_remove(&r->node);
	t->rename_count--;
	free(r->wanted);
	free(r->text);
	free(r);
}

static void
tell_last_name(struct tail *t, const struct rename *r)
{
	char *from, *to;

	if (r->to == NULL || roster_name(&t->roster, r->to, r->text) != NULL)
		return;
	from = follow_path(r->from, r->wanted);
	to = follow_path(r->to, r->text);
	follow_gone_as(t, from, to);
	free(from);
	free(to);
}

void
renames_over(struct tail *t)
{
	struct list_node *node;

	while ((node = list_take_first(&t->renames)) != NULL) {
		struct rename *r = LIST_ENTRY(node, struct rename, node);

		tell_last_name(t, r);
		free_rename(t, r);
	}
}

void
renames_forget(struct tail *t, const struct directory *d)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->renames) {
		struct rename *r = LIST_ENTRY(at, struct rename, node);

		if (r->from == d || r->to == d)
			free_rename(t, r);
	}
}

static struct rename *
ended_at(const struct tail *t, const struct directory *d, const char *text)
{
	struct list_node *at;

	list_for_each (at, &t->renames) {
		struct rename *r = LIST_ENTRY(at, struct rename, node);

		if (r->to == d && r->text != NULL && strcmp(r->text, text) == 0)
			return r;
	}
	return NULL;
}

const struct rename *
renames_to(const struct tail *t, const struct directory *d, const char *text)
{
	return ended_at(t, d, text);
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

/* `event` took a name away: did a flow want it? */
static void
trace_from(struct tail *t, struct directory *d, const struct watch_event *event)
{
	struct rename *r = ended_at(t, d, event->name);

	if (r == NULL && t->rename_count < RENAMES_MAX &&
	    interest_in_any_file(d, event->name)) {
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
	struct rename *old = ended_at(t, d, event->name);
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
renames_trace(
    struct tail *t, struct directory *d, const struct watch_event *event)
{
	if (event->from)
		trace_from(t, d, event);
	if (event->to)
		trace_to(t, d, event);
}
