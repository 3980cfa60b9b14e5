/* SPDX-License-Identifier: Apache-2.0
 *
 * standings: how far each flow is with one file, as the running agent says and
 * as is noted on disk. Only what is noted counts as done: what was delivered
 * and not noted would be missed by a restart, if the file were gone by then.
 *
 * Thread: main; there is no other.
 */
#ifndef STANDINGS_H
#define STANDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct proof;
struct rows;

#define STANDING_STATE 16

/* One flow's. */
struct standing {
	char *flow;      /* owned: its name */
	bool expected;   /* it follows the file, or did */
	bool done;       /* up to the end, and noted */
	bool lost_sight; /* the row that counted is gone, or of other bytes: all
	                  * that was read before is accounted for */
	uint64_t row;    /* the checkpoint that counts; 0: none does */
	uint64_t committed;         /* as noted */
	char state[STANDING_STATE]; /* as the agent says; "": it does not */
	uint64_t read, answered;    /* then: how far, whether noted or not */
};

struct standings {
	const struct config *config; /* borrowed */
	const char *only;            /* borrowed: this flow; NULL: all */
	const char *path;            /* borrowed: the file's */
	struct proof *proof;         /* borrowed */
	uint64_t end;                /* so far it has to be */
	struct standing *at;         /* owned */
	size_t count;
	bool looked;  /* once at least */
	bool rotated; /* a flow follows files of the name that it had before */
	bool asked;   /* an agent was, if there is one */
	bool running; /* and it answered, the last time */
};

enum standings_answer {
	STANDINGS_DONE,    /* every flow that follows it is */
	STANDINGS_PENDING, /* one at least is not */
	STANDINGS_NOBODY,  /* no flow follows it */
	STANDINGS_FAILED   /* said */
};

/* Look once more: ask the agent at the socket `where` (NULL: none is to be
 * asked) and read `rows`. */
enum standings_answer standings_look(
    struct standings *s, const char *where, struct rows *rows);

/* How much is left of it. */
uint64_t standings_left(const struct standings *s, const struct standing *one);

void standings_fini(struct standings *s);

#endif
