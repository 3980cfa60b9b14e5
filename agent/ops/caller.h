/* SPDX-License-Identifier: Apache-2.0
 *
 * caller: one connection to the desk: it asks a question, is answered, and is
 * gone.
 */
#ifndef CALLER_H
#define CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "question.h"

/* How long one may keep us: without a byte moving, and in all. */
#define CALLER_STILL_MS 10000
#define CALLER_MOST_MS  120000

enum caller_state {
	CALLER_ASKING,   /* its line is not whole yet: wait for bytes */
	CALLER_ANSWERED, /* there is more to send: wait for room */
	CALLER_DONE      /* it has it all, or is gone: free it */
};

/* Owned by the desk. */
struct caller {
	struct list_node node; /* on the desk's callers, the eldest first */
	struct desk *desk;     /* borrowed */
	int fd;                /* owned; in the desk's loop */
	struct buf line;       /* what was read of its question */
	const struct question *question; /* NULL: not understood yet */
	struct answer answer;
	bool stranger; /* may not ask, and is told so */
	bool complete; /* all of the answer is made */
	int64_t came_ms;
	int64_t moved_ms; /* a byte came or went */
	enum caller_state state;
};

/* Ours from now on: `fd`, which does not block. */
struct caller *caller_new(
    int fd, const struct desk_doors *doors, int64_t now_ms);

/* `c` is in no list, and its fd in no loop. */
void caller_free(struct caller *c);

/* Its descriptor is readable or writable: go on. Its question is a row of
 * `table`, which ends with a NULL word; about `slice` bytes of its answer are
 * made. Answers its state. */
enum caller_state caller_go_on(struct caller *c, const struct question *table,
    size_t slice, int64_t now_ms);

/* Has it kept us for too long? */
bool caller_is_late(const struct caller *c, int64_t now_ms);

#endif
