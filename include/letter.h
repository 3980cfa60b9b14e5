/* SPDX-License-Identifier: Apache-2.0
 *
 * letter: dead letters: records of a batch that are never sent, and why.
 *
 * A dead record is appended and covered like any other, so that its bytes
 * ride in the batch; it is only never pending. The tail marks what cannot be
 * a record, the ship what AWS will never take; the ledger writes them to disk
 * before the batch counts as delivered (I5). Whoever holds the batch may call
 * these.
 */
#ifndef LETTER_H
#define LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "buf.h"
#include "span.h"

#define LETTER_REASONS 12  /* so many different ones a batch remembers */
#define LETTER_REASON  300 /* bytes of one that are kept */

/* A line that is longer than a record becomes several letters. */
enum letter_part { LETTER_WHOLE, LETTER_FIRST, LETTER_MIDDLE, LETTER_LAST };

/* The dead records of one batch. */
struct letters {
	uint32_t count;
	uint32_t reason_count;
	char *reasons[LETTER_REASONS]; /* owned */
	uint8_t mark[BATCH_RECORDS];   /* of record i; 0: it is not dead */
	char **paths; /* owned: names of the files of those runs that have
	                  * some; NULL before the first letter_name */
	const struct flow_config *flow; /* borrowed: that they were to go by */
	int64_t wall_ms;                /* when they came to be written */
};

/* One of them, as it is kept. */
struct letter {
	struct span data;          /* borrowed from the batch or `room` */
	const char *reason, *path; /* borrowed from the batch; path may be
	                            * NULL: nobody said */
	enum letter_part part;
	uint64_t from, to; /* of its file */
};

/* Record `i` of `b`, which was not accepted, is dead for `reason`. */
void letter_make(
    struct batch *b, uint32_t i, enum letter_part part, const char *reason);

static inline bool
letter_is(const struct batch *b, uint32_t i)
{
	return b->letters != NULL && b->letters->mark[i] != 0;
}

static inline uint32_t
letter_count(const struct batch *b)
{
	return b->letters != NULL ? b->letters->count : 0;
}

/* Where record `i` stands, which was placed: bytes [*from, *to) of the file of the
 * run whose number is the answer. */
uint32_t letter_origin(
    const struct batch *b, uint32_t i, uint64_t *from, uint64_t *to);

/* Do letters ride in run `run` of `b`, so that it needs a name? */
bool letter_wants_name(const struct batch *b, uint32_t run);

/* The file of run `run` of `b`, which is sealed and has letters, is called
 * `path` (copied). */
void letter_name(struct batch *b, uint32_t run, const char *path);

/* The dead record `i`. Data in base64 is decoded into `room`, which may grow
 * to the api's record limit and is cleared first. */
void letter_read(
    const struct batch *b, uint32_t i, struct buf *room, struct letter *letter);

/* Free what letter_make made: batch_free's. */
void letter_forget(struct batch *b);

#endif
