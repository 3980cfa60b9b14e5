/* SPDX-License-Identifier: Apache-2.0
 *
 * checkpoints: the database. See checkpoints.c for its schema.
 */
#ifndef CHECKPOINTS_H
#define CHECKPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

struct arrears;
struct checkpoints;

enum checkpoints_result {
	CHECKPOINTS_WRITTEN, /* all of it, in one transaction */
	CHECKPOINTS_FAILED   /* nothing of it; checkpoints_why says why */
};

/* Open the database `path`, an existing file; an empty one is given its
 * schema. NULL: it is not ours, too new, damaged or not to be read; one line
 * named it, the cause and the cure. */
struct checkpoints *checkpoints_open(const char *path);

/* The same only to read, while an agent may write to it: nothing in it is
 * changed, and it is not looked through for damage. */
struct checkpoints *checkpoints_peek(const char *path);

/* Moves the write-ahead log into the database, so it may block. NULL is
 * fine. */
void checkpoints_close(struct checkpoints *c);

/* Every row that makes sense, to `each`, who borrows it for the call; the
 * others are named in a warning and left out. -1: cannot be read, logged. */
int checkpoints_load(struct checkpoints *c,
    void (*each)(void *owner, const struct checkpoint *row), void *owner);

/* The next rows above number `*after`, as they are on disk at this moment: at
 * most `most` into `rows`, for checkpoint_fini; `*after` moves on. Rows that
 * make no sense are named and left out. With `inode` only those of it. How
 * many; 0: no more; -1: cannot be read, logged. A slice is a transaction of its
 * own, so that no writer waits for who reads slowly. */
int checkpoints_slice(struct checkpoints *c, int64_t *after,
    const uint64_t *inode, struct checkpoint *rows, size_t most);

/* The name of flow `i` of those that had been started when the database was
 * opened; NULL: there are no more. Borrowed. */
const char *checkpoints_flow(const struct checkpoints *c, size_t i);

/* Was this flow started when the database was opened? */
bool checkpoints_knows_flow(const struct checkpoints *c, const char *flow);

/* Fill in what is on disk of the flow that `n` asks for. -1: cannot be read;
 * checkpoints_why says why. */
int checkpoints_answer(struct checkpoints *c, struct notice *n);

/* The highest row number when the database was opened. */
uint64_t checkpoints_last_row(const struct checkpoints *c);

/* Write all that is owed; `a` stays as it is. Does not log: a caller that
 * tries for hours says it now and then. */
enum checkpoints_result checkpoints_write(
    struct checkpoints *c, const struct arrears *a);

/* Delete the `count` rows numbered `rows`, and everything of the flows named
 * in `flows` (then NULL), which were never started then: in one transaction.
 * Of a flow that loses rows another one says how late it was looked at. */
enum checkpoints_result checkpoints_forget(struct checkpoints *c,
    const uint64_t *rows, size_t count, const char *const *flows);

/* Cause and cure of the last failed write; borrowed until the next one. */
const char *checkpoints_why(const struct checkpoints *c);

#endif
