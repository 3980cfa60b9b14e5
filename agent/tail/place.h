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
#include "list.h"
#include "table.h"

struct directory;
struct flow;
struct reader;
struct tail;
struct window;

/* A row that came from disk, or whose file went away, and nobody took yet. */
struct restored {
	struct table_node in_table; /* tail.restored, by inode */
	struct checkpoint row;      /* owned copy */
	struct flow *flow;          /* borrowed */
	struct restored **sought;   /* where a search holds it, or NULL */
	bool homeless; /* its file holds other bytes: it is no claim to that */
	bool there;    /* its file was met, and nothing is to be done for it */
};

static inline struct restored *
place_at(struct table_node *node)
{
	return LIST_ENTRY(node, struct restored, in_table);
}

/* The flow called `name`; NULL: there is none. */
struct flow *place_flow(const struct tail *t, const char *name);

/* Nobody claims the restored rows of `flow` any more; they stay on disk. */
void place_forget_flow(struct tail *t, const struct flow *flow);

/* Bytes [from, to) of the file of `row` are delivered; `from` is not below that
 * of the range added last, or they were added before. */
void place_add_range(struct checkpoint *row, uint64_t from, uint64_t to);

/* The same of all that is delivered in `w`, for rows that are being noted. */
void place_add_window(const struct window *w);

/* Keep a copy of `row` until its file is found. */
void place_restore(struct tail *t, const struct checkpoint *row);

/* The restored row of `flow` for the file `id`, which becomes the caller's
 * (checkpoint_fini, free); NULL: none. */
struct checkpoint *place_claim(
    struct tail *t, const struct flow *flow, const struct identity *id);

/* Free a claimed row, or none; `*row` is NULL after. */
void place_disown(struct checkpoint **row);

/* Is there such a row? */
bool place_knows(
    const struct tail *t, const struct flow *flow, const struct identity *id);

/* The file `id` was met: is there such a row, and anything to do for it? */
bool place_awaits(
    const struct tail *t, const struct flow *flow, const struct identity *id);

/* What `r` would be known again by, were all home that rides of it. The
 * caller's, for checkpoint_fini. */
void place_describe(struct tail *t, struct reader *r, struct checkpoint *row);

/* Keep a copy of `row`, which is `flow`'s. */
struct restored *place_put(
    struct tail *t, struct flow *flow, const struct checkpoint *row);

/* The same of the row that `r`, of which nothing rides, has now. */
struct restored *place_leave(struct tail *t, struct reader *r);

/* Nobody needs `kept` any more. */
void place_drop(struct tail *t, struct restored *kept);

/* The bytes that `kept` knows are in the file `id` at `path` now. */
void place_rehome(struct tail *t, struct restored *kept,
    const struct identity *id, const char *path);

/* `r`, of which nothing rides, leaves a file that lives on where we do not
 * look. Keep its row, for the case that it comes back. */
void place_keep(struct tail *t, struct reader *r);

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
