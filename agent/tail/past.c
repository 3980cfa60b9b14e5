/* SPDX-License-Identifier: Apache-2.0
 *
 * past: see past.h.
 *
 * Proof is what proves a copy: the head and the youngest mark that is there.
 * Where the head is short another content may begin with it, too; then only
 * an archive that holds no byte more is known.
 *
 * Thread: tail.
 */
#include "past.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "flow.h"
#include "ledger.h"
#include "listing.h"
#include "mem.h"
#include "place.h"
#include "reader.h"
#include "state.h"
#include "stem.h"
#include "trace.h"
#include "who.h"

#define PASTS_MAX 1024   /* remembered at a time: the youngest */
#define KEPT_MS   300000 /* far longer than an archive is waited for */

/* A content that is gone, as far as a flow has read it. Owned by
 * tail.pasts. */
struct past {
	struct list_node node;
	const struct flow *flow; /* borrowed */
	struct reader *reader;   /* borrowed, while something of it rides */
	char *path;              /* owned: where it was */
	struct mark head, marks[MARKS_MAX];
	uint32_t mark_count;
	uint64_t passed;         /* so far was it read */
	int64_t gone_ms;         /* when it went */
	struct identity archive; /* what became of it, once that is known */
	bool archived;
};

static struct past *
past_at(struct list_node *node)
{
	return LIST_ENTRY(node, struct past, node);
}

static void
forget(struct tail *t, struct past *p)
{
	if (p->reader != NULL)
		p->reader->past = NULL;
	list_remove(&p->node);
	t->past_count--;
	free(p->path);
	free(p);
}

static void
forget_old(struct tail *t)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->pasts) {
		if (t->past_count < PASTS_MAX &&
		    t->now_ms - past_at(at)->gone_ms < KEPT_MS)
			return;
		forget(t, past_at(at));
	}
}

static struct past *
add(struct tail *t, const struct flow *flow, const char *path)
{
	struct past *p;

	forget_old(t);
	p = mem_new(sizeof(*p));
	p->flow = flow;
	p->path = mem_dup(path);
	p->gone_ms = t->now_ms;
	list_add_last(&t->pasts, &p->node);
	t->past_count++;
	return p;
}

/* The head of what `r` has read; NULL: not known. */
static const struct mark *
head_of(const struct reader *r)
{
	const struct file *f = r->file;
	const struct mark *head = NULL;

	if (r->generation == f->generation)
		head = &f->head;
	else if (r->generation + 1 == f->generation)
		head = &f->head_before;
	return head != NULL && head->end > 0 ? head : NULL;
}

void
past_remember(struct tail *t, struct reader *r)
{
	const struct mark *head = head_of(r);
	struct past *p;

	/* An archive is known by its row. */
	if (r->start != START_SETTLED || r->offset == 0 || head == NULL ||
	    r->file->packed != UNPACK_NONE)
		return;
	p = add(t, r->flow, r->file->path);
	p->reader = r;
	p->head = *head;
	memcpy(p->marks, r->marks, sizeof(p->marks));
	p->mark_count = r->mark_count;
	p->passed = r->offset;
	r->past = p;
}

void
past_remember_row(
    struct tail *t, const struct flow *flow, const struct checkpoint *row)
{
	struct past *p;

	if (row->committed == 0 || row->head.end == 0 ||
	    unpack_kind(row->path) != UNPACK_NONE)
		return;
	p = add(t, flow, row->path);
	p->head = row->head;
	memcpy(p->marks, row->marks, sizeof(p->marks));
	p->mark_count = row->mark_count;
	p->passed = row->committed;
}

void
past_landed(struct reader *r)
{
	if (r->past != NULL)
		r->past->reader = NULL;
	r->past = NULL;
}

/* Is `path` in the directory of `other`, or in one right below it? */
static bool
is_near(const char *other, const char *path)
{
	size_t len = (size_t)(strrchr(other, '/') - other);
	char *directory = len > 0 ? mem_dup_span(other, len) : mem_dup("/");
	bool near = trace_is_near(directory, path);

	free(directory);
	return near;
}

/* May the archive `e` be of the same log as `p`, as the names say? */
static bool
is_of(const struct past *p, const struct entry *e)
{
	char stem[NAME_MAX + 1], other[NAME_MAX + 1];

	stem_of(strrchr(p->path, '/') + 1, stem);
	stem_of(e->text, other);
	return strcmp(stem, other) == 0 &&
	       (is_near(p->path, e->path) || is_near(e->path, p->path));
}

static enum past_answer
ask(const struct past *p, struct entry *e)
{
	switch (trace_extent(e, &(struct trace_content){ &p->head, p->marks,
				    p->mark_count, p->passed })) {
	case EXTENT_OTHER:
		return PAST_UNKNOWN;
	case EXTENT_CUT:
		return PAST_EARLY;
	case EXTENT_PASSED:
		return PAST_READ;
	case EXTENT_LONGER:
		break;
	}
	if (p->head.end < HEAD_BYTES)
		return PAST_UNKNOWN;
	/* A crash would take what rides from where it was: it has to be home
	 * before a row may claim that it was read. */
	return p->reader != NULL ? PAST_EARLY : PAST_LONGER;
}

/* The place in `e` behind what `p` knows. */
static void
describe(struct tail *t, const struct past *p, const struct entry *e,
    struct checkpoint *row)
{
	*row = (struct checkpoint){
		.row = place_new_row(t),
		.flow = mem_dup(p->flow->config->name),
		.path = mem_dup(e->path),
		.id = e->who.id,
		.head = p->head,
		.mark_count = p->mark_count,
		.committed = p->passed,
		.size = p->passed + 1, /* more is to come */
		.changed_ms = t->looked_ms,
	};
	memcpy(row->marks, p->marks, sizeof(row->marks));
}

enum past_answer
past_is(struct tail *t, const struct flow *flow, struct entry *e,
    struct checkpoint *more)
{
	struct list_node *at;

	list_for_each (at, &t->pasts) {
		struct past *p = past_at(at);
		enum past_answer answer;

		if (p->flow != flow || !is_of(p, e) ||
		    (p->archived && !who_same(&p->archive, &e->who.id)))
			continue;
		answer = ask(p, e);
		if (answer == PAST_UNKNOWN)
			continue;
		if (answer == PAST_LONGER)
			describe(t, p, e, more);
		if (answer != PAST_EARLY) {
			p->archive = e->who.id;
			p->archived = true;
		}
		return answer;
	}
	return PAST_UNKNOWN;
}

void
past_forget_flow(struct tail *t, const struct flow *flow)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->pasts)
		if (past_at(at)->flow == flow)
			forget(t, past_at(at));
}

void
past_fini(struct tail *t)
{
	struct list_node *node;

	while ((node = list_take_first(&t->pasts)) != NULL)
		forget(t, past_at(node));
}
