/* SPDX-License-Identifier: Apache-2.0
 *
 * pool: the room's own side of the pool; what others may ask is in batch.h.
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "batch.h"

/* The longest partition key: 256 characters of UTF-8. */
#define POOL_KEY 1024

/* What a mapping begins with: the struct batch and its runs. */
#define POOL_HEAD 20480

/* A mapping for a batch of `lane`, whose body may grow to `body` bytes.
 * `pool`, `lane`, `flow`, `reserved` and `charged` are set, the rest is anything.
 * NULL: not now. */
struct batch *pool_take(struct pool *p, size_t lane, size_t body);

/* Charge `b` for `body` bytes of body, with room ahead if that is to be had.
 * False: not now, and nothing has changed. */
bool pool_grow(struct batch *b, size_t body);

/* `b` is full: it keeps what it needs, the rest is the flow's again. */
void pool_settle(struct batch *b);

/* Back to its pool. `*b` is NULL after. */
void pool_give(struct batch **b);

#endif
