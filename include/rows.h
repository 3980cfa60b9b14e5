/* SPDX-License-Identifier: Apache-2.0
 *
 * rows: the checkpoints from outside, for who asks by hand: read while an agent
 * writes them or none does, and forgotten only while none does. Never makes a
 * database, and never touches the Java agent's.
 *
 * Root acts as the database's owner, so that nothing beside it is another's.
 * Thread: the caller's; may block on the disk.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

struct config;
struct rows;

enum rows_answer {
	ROWS_OPEN,
	ROWS_NONE,  /* there is no database yet; not logged */
	ROWS_HELD,  /* to change it: an agent runs on it; logged */
	ROWS_FAILED /* logged */
};

/* The database of `config`; for ROWS_OPEN and ROWS_NONE `*rows` is the
 * caller's to close. With `change` no agent can start on it until then. */
enum rows_answer rows_open(
    const struct config *config, bool change, struct rows **rows);
/* NULL is fine. */
void rows_close(struct rows *r);

/* Where it is, or would be. Borrowed. */
const char *rows_path(const struct rows *r);

/* The Java agent's database, from which flows without a checkpoint would go on
 * at the next start; NULL: none is there. Borrowed. */
const char *rows_source(const struct rows *r);

/* The name of known flow `i`; NULL: there are no more. Borrowed. */
const char *rows_flow(const struct rows *r, size_t i);

/* Every row to `each`, as it is on disk when its turn comes; borrowed for the
 * call, which may take its time: no lock is held. -1: cannot be read, logged. */
int rows_each(struct rows *r,
    void (*each)(void *owner, const struct checkpoint *row), void *owner);

/* The same of those whose file had the inode number `inode`. */
int rows_of_inode(struct rows *r, uint64_t inode,
    void (*each)(void *owner, const struct checkpoint *row), void *owner);

/* The row numbered `number` in `row`, for checkpoint_fini, if it is `there`.
 * -1: cannot be read, logged. */
int rows_at(
    struct rows *r, uint64_t number, struct checkpoint *row, bool *there);

/* Delete the `count` rows numbered `numbers`: their files are new ones then. The
 * flows in `flows` (then NULL) go with all they have: they were never started.
 * All or nothing. -1: logged. */
int rows_forget(struct rows *r, const uint64_t *numbers, size_t count,
    const char *const *flows);

#endif
