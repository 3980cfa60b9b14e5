/* SPDX-License-Identifier: Apache-2.0
 *
 * agenda: see agenda.h. Thread: its owner's.
 */
#include "agenda.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "mem.h"

void
agenda_fini(struct agenda *a)
{
	free(a->heap);
	*a = (struct agenda){ NULL, 0, 0 };
}

static void
put(struct agenda *a, size_t at, struct errand *e)
{
	a->heap[at] = e;
	e->slot = at + 1;
}

/* Move `e`, for which place `at` is free, up to where it belongs. */
static void
rise(struct agenda *a, size_t at, struct errand *e)
{
	while (at > 0 && a->heap[(at - 1) / 2]->due_ms > e->due_ms) {
		put(a, at, a->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(a, at, e);
}

/* The same, downwards. */
static void
sink(struct agenda *a, size_t at, struct errand *e)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < a->count &&
		    a->heap[child + 1]->due_ms < a->heap[child]->due_ms)
			child++;
		if (child >= a->count || a->heap[child]->due_ms >= e->due_ms)
			break;
		put(a, at, a->heap[child]);
		at = child;
	}
	put(a, at, e);
}

void
agenda_set(struct agenda *a, struct errand *e, int64_t due_ms)
{
	bool later = due_ms > e->due_ms;

	e->due_ms = due_ms;
	if (e->slot > 0) {
		if (later)
			sink(a, e->slot - 1, e);
		else
			rise(a, e->slot - 1, e);
		return;
	}
	if (a->count == a->room) {
		a->room = a->room == 0 ? 16 : 2 * a->room;
		a->heap = mem_resize(a->heap, a->room, sizeof(*a->heap));
	}
	rise(a, a->count++, e);
}

void
agenda_drop(struct agenda *a, struct errand *e)
{
	size_t at = e->slot - 1;
	struct errand *last;

	if (e->slot == 0)
		return;
	assert(a->heap[at] == e);
	e->slot = 0;
	last = a->heap[--a->count];
	if (last == e)
		return;
	if (at > 0 && a->heap[(at - 1) / 2]->due_ms > last->due_ms)
		rise(a, at, last);
	else
		sink(a, at, last);
}

struct errand *
agenda_first(const struct agenda *a)
{
	return a->count > 0 ? a->heap[0] : NULL;
}
