/* SPDX-License-Identifier: Apache-2.0
 *
 * unseen: see unseen.h.
 *
 * A file that was renamed in the same moment is met under its new name; the
 * renames traced (renames.h) tell which one that is. How much another one held
 * nobody can say. One that came and went in the place of another which was
 * there when we looked is not noticed.
 *
 * Thread: tail.
 */
#include "unseen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "interest.h"
#include "mem.h"
#include "missed.h"
#include "renames.h"
#include "state.h"

#define UNSEEN_MAX 256 /* kept at a time; those beyond go uncounted */

struct unseen {
	struct list_node node;
	char *path; /* owned */
};

static struct unseen *
unseen_at(struct list_node *node)
{
	return LIST_ENTRY(node, struct unseen, node);
}

static void
forget(struct tail *t, struct unseen *u)
{
	t->unseen_count--;
	free(u->path);
	free(u);
}

void
unseen_fini(struct tail *t)
{
	struct list_node *node;

	while ((node = list_take_first(&t->unseen)) != NULL)
		forget(t, unseen_at(node));
}

/* Was what was called `path` met, and is read to its end? Who holds a file
 * that was removed still makes events with its name. */
static bool
is_read_on(const struct tail *t, const char *path)
{
	struct list_node *at;

	list_for_each (at, &t->leaving)
		if (strcmp(LIST_ENTRY(at, struct file, leave_node)->path,
			path) == 0)
			return true;
	return false;
}

void
unseen_written(struct tail *t, const struct directory *d, const char *text)
{
	char *path = follow_path(d, text);
	struct list_node *at;
	struct unseen *u;

	list_for_each (at, &t->unseen)
		if (strcmp(unseen_at(at)->path, path) == 0)
			goto known;
	/* One that got this name by a rename is asked for by its first. */
	if (t->unseen_count == UNSEEN_MAX || renames_to(t, d, text) != NULL ||
	    is_read_on(t, path))
		goto known;
	u = mem_new(sizeof(*u));
	u->path = path;
	list_add_last(&t->unseen, &u->node);
	t->unseen_count++;
	return;

known:
	free(path);
}

/* Is the file that was called `text` in `d` known by another name now? */
static bool
moved_on(const struct tail *t, const struct directory *d, const char *text)
{
	struct list_node *at;

	list_for_each (at, &t->renames) {
		const struct rename *r = LIST_ENTRY(at, struct rename, node);

		if (r->from == d && strcmp(r->wanted, text) == 0 &&
		    r->to != NULL && roster_name(&t->roster, r->to, r->text))
			return true;
	}
	return false;
}

static void
report(struct tail *t, const struct directory *d, const struct unseen *u)
{
	const char *text = strrchr(u->path, '/') + 1;
	uint64_t held;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		struct flow *flow = &t->flows[i];

		if (!interest_in_file(d, flow, text))
			continue;
		stats_add(&flow->stats->files_unseen, 1);
		if (log_gate_open(&t->unseen_gate, t->now_ms, &held))
			log_warn("flow %s: %s: came, was written to and went "
				 "before it could be read: lost, how much is "
				 "not known (unsaid since the last such line: "
				 "%" PRIu64 ")",
			    flow->config->name, u->path, held);
	}
}

void
unseen_settle(struct tail *t)
{
	struct list_node *node;

	while ((node = list_take_first(&t->unseen)) != NULL) {
		struct unseen *u = unseen_at(node);
		const struct directory *d = follow_directory(t, u->path);
		const char *text = strrchr(u->path, '/') + 1;

		if (d != NULL && !moved_on(t, d, text) &&
		    !missed_packed(t, u->path))
			report(t, d, u);
		forget(t, u);
	}
}
