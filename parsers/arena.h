/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: memory for what lives as long as one record, given back all at once.
 *
 * Nothing that was handed out moves. After records of some size were met,
 * others of that size allocate nothing.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#include "span.h"

struct arena_block;

struct arena {
	struct arena_block *first; /* owned; the newest; NULL: none yet */
	size_t used;               /* of the newest */
	size_t taken;              /* of all */
	size_t max;                /* that may be taken at a time */
};

void arena_init(struct arena *a, size_t max);
void arena_fini(struct arena *a);

/* What was taken is gone. */
void arena_reset(struct arena *a);

/* Room for `len` bytes, not cleared; NULL: it would pass the ceiling. */
unsigned char *arena_take(struct arena *a, size_t len);

/* Of what was taken last with `len` bytes, only `kept` are needed. */
void arena_trim(struct arena *a, size_t len, size_t kept);

#endif
