/* SPDX-License-Identifier: Apache-2.0
 *
 * proof: is all of a file delivered, as its checkpoints tell? For who asks by
 * hand, without a tail. Compressed files are looked into.
 *
 * A checkpoint counts where it is this file's and what it remembers is in there:
 * so a file that was written anew is not taken for what it was. Blocks on the
 * file's disk. Thread: the caller's; after digest_setup.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

struct config;
struct proof;

/* Look at the file `path` as it is now. NULL: errno says why it cannot be read
 * (EINVAL: no regular file); not logged. */
struct proof *proof_new(const char *path);
/* NULL is fine. */
void proof_free(struct proof *p);

/* Which file it is. Borrowed. */
const struct identity *proof_identity(const struct proof *p);

/* Behind its last newline: where its last whole record ended then. */
uint64_t proof_end(const struct proof *p);

/* How many bytes came behind that: a line that is not whole. */
uint64_t proof_rest(const struct proof *p);

/* Is it compressed? Then both are of its content. */
bool proof_is_packed(const struct proof *p);

/* Why its content cannot be known: static text; NULL: it is. */
const char *proof_trouble(const struct proof *p);

/* Does `row` tell how far it is delivered: this file, or if it is compressed
 * the one that was, with this content? */
bool proof_counts(struct proof *p, const struct checkpoint *row);

/* Does flow `flow` of `config` follow files of this name? `rotated`: or of the
 * name that it had before it was rotated or compressed. */
bool proof_is_wanted(
    const struct config *config, size_t flow, const char *path, bool *rotated);

#endif
