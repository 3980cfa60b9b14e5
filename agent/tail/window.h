/* SPDX-License-Identifier: Apache-2.0
 *
 * window: from verdicts to committed offsets.
 *
 * A flow's sealed batches stand here in the order they were sealed. Verdicts
 * arrive in any order; offsets may only be committed in that one (I4), so a
 * delivered batch's runs stay until every elder is delivered too. This is
 * TCP's cumulative acknowledgement with batches for segments.
 *
 * Thread: tail. Never blocks, never logs.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"

#define WINDOW_MAX 1024

/* A sealed batch's place. */
struct slot {
	struct run *runs; /* owned once delivered; NULL before */
	uint32_t run_count;
	int64_t born_ms; /* when its first byte was read */
	bool delivered;
};

struct window {
	struct slot *ring;    /* owned; `room` slots, number & (room - 1) */
	uint32_t room;        /* a power of two, up to WINDOW_MAX */
	uint64_t first, next; /* slots [first, next) are in use */
	size_t held; /* bytes of the runs in them, and of what is told of them
	              * to the ledger at a time */
};

void window_init(struct window *w);
void window_fini(struct window *w);

bool window_empty(const struct window *w);
bool window_full(const struct window *w);

/* `b` was sealed: the youngest. Not when full. */
void window_add(struct window *w, struct batch *b);

/* `b` is delivered: its runs are noted here, and its memory may go. */
void window_deliver(struct window *w, struct batch *b);

/* The eldest, if it is delivered: it leaves the window, and its runs are the
 * caller's to commit and free. False: the eldest is still out, or there is
 * none. */
bool window_take(struct window *w, struct slot *slot);

/* The slot with `number` in [first, next). */
const struct slot *window_slot(const struct window *w, uint64_t number);

#endif
