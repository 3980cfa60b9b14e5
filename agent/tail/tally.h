/* SPDX-License-Identifier: Apache-2.0
 *
 * tally: where every byte that a flow met is counted, so that nothing goes
 * without a name (I7, see stats.h).
 *
 * Thread: tail.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

#include "stats.h"

struct batch;
struct flow;

/* What becomes of bytes that a reader moves over. */
enum tally_fate {
	TALLY_RIDES,    /* a record in the filling batch accounts for them */
	TALLY_BESIDE,   /* the same, though they stand in another file */
	TALLY_FILTERED, /* by the operator's rule */
	TALLY_SKIPPED   /* delivered in an earlier life */
};

/* A reader of `f` moved over `bytes`, which are covered by f->filling. */
void tally_cover(struct flow *f, enum tally_fate fate, uint64_t bytes);

/* `bytes` of the file `path` are known to have been there, and will never be
 * read. */
void tally_lose(
    struct flow *f, enum stats_loss reason, uint64_t bytes, const char *path);

/* `b` is home: each of its records was accepted, or its letter is on disk. */
void tally_home(struct flow *f, const struct batch *b);

#endif
