/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: see arena.h. One thread at a time.
 *
 * Blocks are added while a record needs more; at the reset they become one
 * that would have been enough.
 */
#include "arena.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

#define FIRST_ROOM 1024

struct arena_block {
	struct arena_block *older;
	size_t room;
	unsigned char bytes[];
};

void
arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){ .max = max };
}

static void
free_from(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void
arena_fini(struct arena *a)
{
	free_from(a->first);
	arena_init(a, a->max);
}

static void
add_block(struct arena *a, size_t room)
{
	struct arena_block *b = mem_resize(NULL, sizeof(*b) + room, 1);

	b->older = a->first;
	b->room = room;
	a->first = b;
	a->used = 0;
}

void
arena_reset(struct arena *a)
{
	size_t room = a->taken;

	if (a->first != NULL && a->first->older != NULL) {
		free_from(a->first);
		a->first = NULL;
		add_block(a, room);
	}
	a->used = a->taken = 0;
}

unsigned char *
arena_take(struct arena *a, size_t len)
{
	unsigned char *at;

	if (len > a->max - a->taken)
		return NULL;
	if (a->first == NULL || len > a->first->room - a->used) {
		size_t room = a->taken > FIRST_ROOM ? a->taken : FIRST_ROOM;

		add_block(a, room > len ? room : len);
	}
	at = a->first->bytes + a->used;
	a->used += len;
	a->taken += len;
	return at;
}

void
arena_trim(struct arena *a, size_t len, size_t kept)
{
	assert(kept <= len && len <= a->used);
	a->used -= len - kept;
	a->taken -= len - kept;
}
