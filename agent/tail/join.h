/* SPDX-License-Identifier: Apache-2.0
 *
 * join: records of one file that become one, up to a size.
 *
 * Thread: tail.
 */
#ifndef JOIN_H
#define JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "batch.h"
#include "buf.h"
#include "key.h"
#include "span.h"

struct reader;

/* While it is open it belongs to the batch being filled: the bytes of what it
 * holds are covered there, and room for it is reserved. */
struct join {
	size_t most;     /* bytes of data; 0: nothing is ever joined */
	bool apart;      /* a newline goes between: the records have none */
	bool open;       /* it holds something, maybe an empty record */
	struct buf data; /* owned */
	struct key key;
	const struct reader *reader; /* whose; it rides in the batch */
	uint32_t run;                /* of the batch, in which it begins */
	uint64_t from, to; /* bytes of the file; to: 0 before join_cover */
	uint64_t bytes;    /* of those: in its records; the others were
	                    * filtered in between */
};

void join_init(struct join *j, size_t most, bool apart);
void join_fini(struct join *j);

/* Begin with `data`, at most `most` bytes, for which `b` has reserved. */
void join_begin(struct join *j, const struct reader *r, struct span data,
    const struct key *key);

/* Put `data` of `r` behind what is open, if it may be one record with that,
 * and `b` has room for both. `key`: its own, or NULL where all records of a
 * file may share theirs. False: it may not, and nothing has changed. */
bool join_add(struct join *j, struct batch *b, const struct reader *r,
    struct span data, const struct key *key);

/* What was put last stands in bytes [from, to) of the file, and rides in run
 * `run` of the batch. */
void join_cover(struct join *j, uint32_t run, uint64_t from, uint64_t to);

/* Append what is open to `b` as a record, its key finished by `m`. */
void join_close(struct join *j, struct batch *b, const struct key_maker *m);

#endif
