/* SPDX-License-Identifier: Apache-2.0
 *
 * limit: how long a record may be where a stream takes more than usual.
 *
 * Thread: tail.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stddef.h>

struct flow;
struct tail;

/* A line longer than a record of `f` is there. Is it to wait, because the
 * stream may take it? It is asked, and has a few seconds to answer; `f` is
 * starved meanwhile. */
bool limit_awaited(struct tail *t, struct flow *f);

/* Has the stream answered? Then records may be so long from now on. Not while
 * a chunk is being cut. */
void limit_learn(struct tail *t, struct flow *f);

/* Records of `record` bytes are cut from now on. */
void limit_make_room(struct tail *t, size_t record);

#endif
