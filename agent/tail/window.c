/* SPDX-License-Identifier: Apache-2.0
 *
 * window: see window.h. A ring that doubles up to WINDOW_MAX; a batch knows
 * its number, so a verdict finds its slot without searching.
 *
 * I4 holds by construction: window_take only ever looks at the eldest.
 *
 * Thread: tail.
 */
#include "window.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger.h"
#include "mem.h"

#define FIRST_ROOM 16
#define HEAP_ITEM  32 /* what malloc adds, at most */

void
window_init(struct window *w)
{
	w->room = FIRST_ROOM;
	w->ring = mem_new_array(w->room, sizeof(*w->ring));
	w->first = w->next = 0;
	w->held = 0;
}

void
window_fini(struct window *w)
{
	for (uint64_t n = w->first; n < w->next; n++)
		free(w->ring[n & (w->room - 1)].runs);
	free(w->ring);
	w->ring = NULL;
	w->first = w->next = 0;
}

bool
window_empty(const struct window *w)
{
	return w->first == w->next;
}

bool
window_full(const struct window *w)
{
	return w->next - w->first == WINDOW_MAX;
}

static void
grow(struct window *w)
{
	uint32_t room = w->room * 2;
	struct slot *ring = mem_new_array(room, sizeof(*ring));

	for (uint64_t n = w->first; n < w->next; n++)
		ring[n & (room - 1)] = w->ring[n & (w->room - 1)];
	free(w->ring);
	w->ring = ring;
	w->room = room;
}

void
window_add(struct window *w, struct batch *b)
{
	assert(!window_full(w));
	if (w->next - w->first == w->room)
		grow(w);
	b->slot = w->next++;
	w->ring[b->slot & (w->room - 1)] =
	    (struct slot){ .born_ms = b->born_ms };
}

/* A checkpoint may hold a range for each run. */
static size_t
cost_of(const struct slot *slot)
{
	return slot->run_count * (sizeof(struct run) + sizeof(struct range)) +
	       HEAP_ITEM;
}

_Static_assert(
    BATCH_RUNS *(sizeof(struct run) + sizeof(struct range)) + HEAP_ITEM <=
	BATCH_LEAST,
    "a batch that is freed held more than its runs cost");

void
window_deliver(struct window *w, struct batch *b)
{
	struct slot *slot = &w->ring[b->slot & (w->room - 1)];

	assert(w->first <= b->slot && b->slot < w->next);
	assert(!slot->delivered);
	slot->delivered = true;
	slot->runs = mem_new_array(b->run_count, sizeof(*slot->runs));
	slot->run_count = b->run_count;
	memcpy(slot->runs, b->runs, b->run_count * sizeof(*slot->runs));
	w->held += cost_of(slot);
}

bool
window_take(struct window *w, struct slot *slot)
{
	if (window_empty(w) || !w->ring[w->first & (w->room - 1)].delivered)
		return false;
	*slot = w->ring[w->first & (w->room - 1)];
	w->held -= cost_of(slot);
	w->first++;
	return true;
}

const struct slot *
window_slot(const struct window *w, uint64_t number)
{
	assert(w->first <= number && number < w->next);
	return &w->ring[number & (w->room - 1)];
}
