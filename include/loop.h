/* SPDX-License-Identifier: Apache-2.0
 *
 * loop: waiting for descriptors. Rooms register theirs; the thread that owns
 * the loop says how long nothing is due.
 *
 * Thread: the one that calls loop_wait. A callback may add and remove
 * descriptors, its own included.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

typedef void loop_ready_fn(void *owner);

/* NULL: failed, logged. */
struct loop *loop_new(void);
void loop_free(struct loop *l);

/* Call `ready(owner)` whenever `fd` can be read. The fd stays the caller's,
 * who removes it here before closing it (twice does no harm). -1: failed,
 * logged. */
int loop_add(struct loop *l, int fd, loop_ready_fn *ready, void *owner);
void loop_remove(struct loop *l, int fd);

/* From now on `fd`, which was added, is waited for until it can be written
 * (`write`), or read again. An end or error of it is told either way. */
void loop_turn(struct loop *l, int fd, bool write);

/* Wait at most `wait_ms` (0: only look; CLOCK_NEVER: until something comes)
 * and call what became readable. */
void loop_wait(struct loop *l, int64_t wait_ms);

#endif
