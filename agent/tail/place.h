/* SPDX-License-Identifier: Apache-2.0
 *
 * place: readers' places on their way to the checkpoints and back.
 *
 * Thread: tail. I5 is made here: a notice never claims more than what is
 * committed, and what is delivered above it.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"
#include "ledger.h"

struct directory;
struct flow;
struct reader;
struct tail;

/* Keep a copy of `row` until its file is found. */
void place_restore(struct tail *t, const struct checkpoint *row);

/* The restored row of `flow` for the file `id`, which becomes the caller's
 * (checkpoint_fini, free); NULL: none. */
struct checkpoint *place_claim(
    struct tail *t, const struct flow *flow, const struct identity *id);

/* Is there such a row? */
bool place_knows(
    const struct tail *t, const struct flow *flow, const struct identity *id);

/* `r`, of which nothing rides, leaves a file that lives on where we do not
 * look. Keep its row, for the case that it comes back. */
void place_keep(struct tail *t, struct reader *r);

/* Look for the files of rows that no name of a pattern led to: renamed ones
 * in their directories, others by their handle. What is gone is reported with
 * the bytes lost, and its row forgotten. After the first scan. */
void place_search(struct tail *t);

/* The same in `d` alone, which could not be read before. */
void place_search_in(struct tail *t, struct directory *d);

/* A number for a new row. */
uint64_t place_new_row(struct tail *t);

/* Decide where `r`, whose file is open, begins. -1: it cannot be read now;
 * errno says why; not logged. */
int place_settle(struct tail *t, struct reader *r);

/* Delete the row numbered `row` with the next note. */
void place_forget(struct tail *t, uint64_t row);

/* Tell the ledger what moved since the last time. `wall_ms` goes into the
 * rows. */
void place_note(struct tail *t, int64_t wall_ms);

/* After the first scan: tell the ledger that `flow` is known, with the start
 * position of each of its files. */
void place_start(struct tail *t, struct flow *flow, int64_t wall_ms);

/* Free what nobody claimed. */
void place_fini(struct tail *t);

#endif
