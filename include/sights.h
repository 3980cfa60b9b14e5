/* SPDX-License-Identifier: Apache-2.0
 *
 * sights: what may be seen of the files that the tail follows, for who tells
 * people. Looks at what the tail knows and asks no file system, so a look costs
 * no more than the memory it reads.
 *
 * Thread: tail, between two turns.
 */
#ifndef SIGHTS_H
#define SIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identity.h"

struct sights;
struct tail;

enum sight_state {
	SIGHT_NEW,        /* found, and not opened yet */
	SIGHT_READING,    /* there is more to be read */
	SIGHT_QUEUED,     /* so there is, but an elder of its log goes first */
	SIGHT_WAITING,    /* read to its end, for more to come */
	SIGHT_SUSPECT,    /* unread: it may be a copy of what was read */
	SIGHT_ROTATED,    /* read to its end; its writer may still hold it */
	SIGHT_ARCHIVE,    /* compressed, being read */
	SIGHT_DONE,       /* compressed, and read to its end */
	SIGHT_UNREADABLE, /* `error` says why; tried again when it changes */
	SIGHT_STATES
};

/* One flow's place in one file. Texts are borrowed until the next turn. */
struct sight {
	size_t flow; /* its index in config->flows */
	const char *flow_name;
	const char *path;
	enum sight_state state;
	int error;          /* errno; 0: none */
	uint64_t row;       /* of its checkpoint; 0: none yet */
	uint64_t size;      /* last seen; of an archive: of its content, as far
	                     * as it was seen */
	uint64_t offset;    /* every record before is on its way, or there */
	uint64_t committed; /* every byte before is accounted for */
	bool named;         /* a name of it is known: it is not deleted, nor
	                     * renamed to where nobody looks */
	bool polled;        /* the kernel does not tell when it changes */
};

/* A walk over all files, which may come and go between two steps: those that
 * are there all the while are met once. */
struct sights *sights_new(struct tail *t);
/* NULL is fine. */
void sights_free(struct sights *s);

/* The next place; false: there are no more. */
bool sights_next(struct sights *s, struct sight *one);

/* The place number `i`, from 0 on, in the file `id`; false: there is none. */
bool sights_of(const struct tail *t, const struct identity *id, size_t i,
    struct sight *one);

#endif
