/* SPDX-License-Identifier: Apache-2.0
 *
 * agenda: which of many things is due next. A binary heap, since there may be
 * ten thousand directories and the loop asks every few milliseconds.
 *
 * Thread: its owner's. Its ceiling is that of what is put in.
 */
#ifndef AGENDA_H
#define AGENDA_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in what is due. Zeroed: on no agenda. */
struct errand {
	int64_t due_ms;
	size_t slot; /* 1 + its place in the heap; 0: in none */
};

struct agenda {
	struct errand **heap; /* owned array; the errands are borrowed */
	size_t count, room;
};

/* Zero-initialised is empty. */
void agenda_fini(struct agenda *a);

/* `e` is due at `due_ms`, whether it was on the agenda before or not. */
void agenda_set(struct agenda *a, struct errand *e, int64_t due_ms);

/* Take `e` off. Harmless if it is on none. */
void agenda_drop(struct agenda *a, struct errand *e);

/* The errand that is due first; NULL: there is none. */
struct errand *agenda_first(const struct agenda *a);

#endif
