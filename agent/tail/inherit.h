/* SPDX-License-Identifier: Apache-2.0
 *
 * inherit: what rows of the Java agent mean for files.
 *
 * Thread: tail.
 */
#ifndef INHERIT_H
#define INHERIT_H

#include <stdbool.h>
#include <stdint.h>

struct checkpoint;
struct file;
struct flow;
struct tail;

/* `row`, which is imported, waits for its file. The first one that comes for
 * `flow` decides what else of it is done. */
void inherit_row(struct flow *flow, const struct checkpoint *row);

/* An imported row of `flow` was claimed, or given up. */
void inherit_met(struct flow *flow, int64_t now_ms);

/* Had the Java agent finished with `f` when it stopped, so that `flow` only
 * reads what comes? `row`: what `f` was found to have; NULL: nothing. */
bool inherit_done(const struct tail *t, const struct flow *flow,
    const struct file *f, const struct checkpoint *row);

/* May a file of `size` bytes be the one of `row`, which is imported? */
bool inherit_agrees(const struct checkpoint *row, uint64_t size);

#endif
