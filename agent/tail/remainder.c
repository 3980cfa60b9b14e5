/* SPDX-License-Identifier: Apache-2.0
 *
 * remainder: see remainder.h.
 *
 * A remainder has a window of its own: a destination that is dead holds up
 * nothing but what was meant for it. In each window batches leave in sealing
 * order (I4), and a reader owes each remainder a stretch of its file; so what is
 * accounted for of the file is what its eldest debt says, and what is delivered
 * above that are ranges like any others. Dying, we send the gap once more, by
 * the new settings.
 *
 * Thread: tail.
 */
#include "remainder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "mem.h"
#include "place.h"
#include "reader.h"
#include "state.h"

static struct remainder *
remainder_at(struct list_node *node)
{
	return LIST_ENTRY(node, struct remainder, node);
}

uint64_t
remainder_committed(const struct reader *r)
{
	return r->debt_count > 0 ? r->debts[0].committed : r->committed;
}

static void
owe(struct reader *r, const struct remainder *m)
{
	if (r->flow != m->flow || r->committed == r->offset)
		return;
	r->debts = mem_resize(r->debts, r->debt_count + 1, sizeof(*r->debts));
	r->debts[r->debt_count++] = (struct debt){ m, r->committed, r->offset };
	r->committed = r->offset;
}

static void
owe_all(const struct list_node *readers, const struct remainder *m)
{
	struct list_node *at;

	list_for_each (at, readers)
		owe(LIST_ENTRY(at, struct reader, of_file), m);
}

void
remainder_make(struct tail *t, struct flow *f)
{
	struct remainder *m = mem_new(sizeof(*m));
	struct list_node *at;

	assert(f->filling == NULL);
	m->flow = f;
	m->config = f->config;
	m->lane = f->lane;
	m->window = f->window;
	window_init(&f->window);
	list_add_last(&t->remainders, &m->node);
	list_for_each (at, &t->roster.files)
		owe_all(&LIST_ENTRY(at, struct file, node)->readers, m);
	owe_all(&t->departed, m);
}

struct remainder *
remainder_of(const struct tail *t, const struct batch *b)
{
	const struct list_node *at;

	list_for_each (at, &t->remainders) {
		struct remainder *m =
		    remainder_at((struct list_node *)(uintptr_t)at);

		if (m->lane == b->lane)
			return m;
	}
	return NULL;
}

void
remainder_pay(struct reader *r, const struct remainder *m, uint64_t end)
{
	uint32_t i = 0, paid = 0;

	while (i < r->debt_count && r->debts[i].to != m)
		i++;
	assert(i < r->debt_count && end <= r->debts[i].end); /* I2 */
	r->debts[i].committed = end;
	/* It may be gone before those that are older. */
	if (end == r->debts[i].end)
		r->debts[i].to = NULL;
	while (paid < r->debt_count &&
	       r->debts[paid].committed == r->debts[paid].end)
		paid++;
	r->debt_count -= paid;
	memmove(r->debts, r->debts + paid, r->debt_count * sizeof(*r->debts));
}

void
remainder_commit(struct tail *t, struct flow *f)
{
	struct list_node *at;

	list_for_each (at, &t->remainders) {
		struct remainder *m = remainder_at(at);

		if (m->flow == f)
			flow_commit_old(t, f, m);
	}
}

bool
remainder_left(const struct tail *t, const struct flow *f)
{
	const struct list_node *at;

	list_for_each (at, &t->remainders)
		if (f == NULL ||
		    remainder_at((struct list_node *)(uintptr_t)at)->flow == f)
			return true;
	return false;
}

/* Add what `r`'s debts up to the one numbered `last` have paid above the
 * eldest. What was added before is there already. */
static void
note_debts(const struct reader *r, uint32_t last)
{
	for (uint32_t i = 1; i <= last; i++)
		place_add_range(
		    r->noting, r->debts[i - 1].end, r->debts[i].committed);
}

void
remainder_note(struct tail *t, struct reader *const *readers, size_t count)
{
	struct list_node *at;

	list_for_each (at, &t->remainders) {
		const struct remainder *m = remainder_at(at);

		for (size_t i = 0; i < count; i++)
			for (uint32_t k = 1; k < readers[i]->debt_count; k++)
				if (readers[i]->debts[k].to == m)
					note_debts(readers[i], k);
		place_add_window(&m->window);
	}
	for (size_t i = 0; i < count; i++) {
		const struct reader *r = readers[i];

		if (r->debt_count == 0)
			continue;
		note_debts(r, r->debt_count - 1);
		place_add_range(
		    r->noting, r->debts[r->debt_count - 1].end, r->committed);
	}
}

void
remainder_due(struct tail *t)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->remainders) {
		struct remainder *m = remainder_at(at);
		size_t lane = m->lane;

		if (!window_empty(&m->window))
			continue;
		pool_bequeath(t->pool, lane, m->flow->lane);
		list_remove(&m->node);
		window_fini(&m->window);
		free(m);
		t->doors.left_lane(t->doors.owner, lane);
	}
}

void
remainder_fini(struct tail *t)
{
	struct list_node *node;

	while ((node = list_take_first(&t->remainders)) != NULL) {
		struct remainder *m = remainder_at(node);

		pool_keep(t->pool, m->lane, 0);
		window_fini(&m->window);
		free(m);
	}
}
