/* SPDX-License-Identifier: Apache-2.0
 *
 * batch: the cargo. Records written in place, in wire format, ready to be the
 * middle of a request; and the stretches of files (runs) they came from.
 *
 * A request is prefix, records, suffix (api_wrap); the body here holds the
 * records only, so the failed ones, or any half of them, are a request again
 * without copying. Every JSON record begins with its comma; the first piece
 * of a request leaves it out.
 *
 * I3: a batch is on exactly one list and belongs to exactly one thread: the
 * tail fills and seals it, gives it to the ship, gets it back with its
 * outcome, and returns its memory to the pool. The pool is the tail's alone.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api.h"
#include "handoff.h"
#include "list.h"
#include "span.h"

struct reader; /* the tail's; nobody else looks inside */
struct buf;
struct letters;
struct pool;

#define BATCH_RECORDS 500
#define BATCH_RUNS    512 /* one per record and a few for filtered bytes */
#define BATCH_LEAST   ((size_t)32768) /* bytes that every batch is charged */

/* A stretch of one reader's file that rides in a batch. Covers filtered
 * bytes too: runs of one reader lie edge to edge (I2). */
struct run {
	struct reader *reader; /* borrowed; lives while it rides */
	uint64_t from, to;     /* bytes [from, to) of its file */
};

/* Where a record's bytes stand: `len` of them, `ahead` of its run's beginning.
 * Per-line work writes it, so it is small; see letter_origin. */
struct origin {
	uint32_t ahead;
	uint32_t len; /* UINT32_MAX: to the end of its run */
};

enum batch_outcome {
	BATCH_OPEN,      /* being filled, or on its way */
	BATCH_DELIVERED, /* every record accepted, or dead */
	BATCH_KEPT,      /* the same, and its dead letters are on disk */
	BATCH_ABANDONED  /* we stopped; some records may not have arrived */
};

/* Begins a mapping that holds its runs and its body too: one size reserved,
 * charged for what was touched, gone as a whole with batch_free. Whoever
 * needs the runs for longer copies them. */
struct batch {
	struct list_node node;
	struct pool *pool; /* tail */
	const struct api *api;
	size_t flow;         /* index in config->flows: whose it is */
	size_t lane;         /* by which it goes: a flow whose settings were
	                      * changed has another one since */
	size_t reserved;     /* bytes of the mapping */
	size_t charged;      /* bytes from its start charged to the flow */
	unsigned char *body; /* in the mapping, to its end */
	size_t len;          /* bytes of body written */
	size_t weight;       /* bytes as AWS counts: data and keys */
	size_t max_weight;   /* sealed before passing it */
	uint32_t max_records;
	uint32_t count; /* records */
	uint32_t run_count;
	struct run *runs; /* in the mapping: BATCH_RUNS of them */
	int64_t born_ms;  /* when the first byte was covered */
	enum batch_outcome outcome;
	uint64_t slot;   /* tail: its number in the window */
	uint64_t riding; /* tail: bytes that its records account for */
	uint64_t beside; /* tail: those of them in a second file */
	uint64_t gaps; /* tail: bytes where its records stand that need none */
	struct letters *letters; /* owned: its dead records; NULL: it has none.
	                          * See letter.h */

	/* The ship's, from handoff to homecoming. */
	uint32_t pending_count;
	uint64_t pending[(BATCH_RECORDS + 63) / 64]; /* bit i: record i not yet
	                                              * accepted */
	uint32_t attempts;           /* exchanges that left something pending */
	uint32_t reached;            /* records before this one have been out */
	int64_t due_ms;              /* not before, while in backoff */
	uint32_t part_from, part_to; /* these are next: all, or where the one
	                              * that is refused is looked for */
	uint32_t bad_from, bad_to;   /* one of these is refused, but which? (0,
	                              * 0: none is known to be) */

	/* Record i is body[start[i], start[i + 1]). */
	uint32_t start[BATCH_RECORDS + 1];

	/* The first so many records have a place: record i stands at
	 * origin[i] of run[i]. */
	uint32_t placed;
	uint16_t run[BATCH_RECORDS];
	struct origin origin[BATCH_RECORDS];
};

/* The memory of all batches: a budget of bytes over `flows` flows. Half of it
 * is shared out equally and kept for each flow (a single flow has it all);
 * the rest is lent, a flow borrowing at most as much as it leaves, but its
 * first record whatever is left: so that a flow whose destination is dead
 * holds nobody else up. Where the budget holds a largest record for every
 * flow, each flow's own share does. NULL: the budget is too small for `flows`
 * flows with records of `max_record` bytes (data and key); logged with the
 * least that would do. */
struct pool *pool_new(size_t budget, size_t flows, size_t max_record);

/* The same with `spare` accounts besides, for lanes that may be opened. They
 * have little that is their own, and borrow like all others; so nothing that
 * runs has to give anything back when a flow comes. */
struct pool *pool_new_roomy(
    size_t budget, size_t flows, size_t spare, size_t max_record);

/* `gone`, which holds nothing, is no more: what it had of its own is `heir`'s
 * if that has less. */
void pool_bequeath(struct pool *p, size_t gone, size_t heir);

/* Which of the two has more of its own? */
size_t pool_richest(const struct pool *p, size_t a, size_t b);

/* The most bytes, data and key, of a record that `lane` is sure to get memory
 * for sooner or later, in any encoding. */
size_t pool_largest(const struct pool *p, size_t lane);

/* All batches must be back. NULL is fine. */
void pool_free(struct pool *p);

/* Give back to the system what returned batches keep warm for the next: when
 * idle. The budget covers it, so this is a kindness and not a need. */
void pool_trim(struct pool *p);

/* Bytes charged now, for batches that are not back. Falls when one is freed:
 * then it is worth asking again after a NULL or a BATCH_NO_MEMORY. */
size_t pool_used(const struct pool *p);

/* `lane` keeps `bytes` in all beside its batches, of batches that it has
 * freed since it last said so: less than those held. Charged like them. */
void pool_keep(struct pool *p, size_t lane, size_t bytes);

/* An empty batch for `lane`, of the flow with the same index until the caller
 * says otherwise; full at `max_records` records or `max_weight`
 * bytes, or the api's limits where those are less. NULL: no memory now
 * (backpressure; not logged). A lane that has no batch always gets one, short
 * of the system refusing. */
struct batch *batch_new(struct pool *p, size_t lane, const struct api *api,
    uint32_t max_records, size_t max_weight);

/* Free `*b`, which is on no list, and return its memory to its pool; NULL
 * after. A NULL `*b` is fine. */
void batch_free(struct batch **b);

enum batch_append {
	BATCH_TAKEN,
	BATCH_FULL,     /* a limit of the request: seal it, try the next one */
	BATCH_NO_MEMORY /* the pool has none: seal it as it is; if it has no
	                 * records, keep it and wait till a batch is back */
};

/* Where a record goes: to the shard of the MD5 of `text`, or to that of the
 * number `hash`. The api without keys ignores both. */
struct batch_key {
	struct span text; /* UTF-8, 1 to 1,024 bytes */
	struct span hash; /* at most 39 decimal digits; len 0: none */
};

/* Append a record of `data`. With its key's text it fits the api's record
 * limit, or max_weight where the stream takes more (AWS does not count the
 * hash). An empty batch is never full: its first
 * record is taken even above max_weight. Says nothing of files: see
 * batch_cover. On FULL and NO_MEMORY `b` is unchanged. */
enum batch_append batch_append(
    struct batch *b, struct span data, struct batch_key key);

/* Would a record of `data` bytes be appended? TAKEN: yes, and there is memory
 * for it, so that its bytes may be covered before it is complete; it is then
 * appended by batch_append_reserved. */
enum batch_append batch_reserve(
    struct batch *b, size_t data, struct batch_key key);

/* Append a record that was reserved, or a shorter one. Nothing was appended
 * since; bytes may have been covered. */
void batch_append_reserved(
    struct batch *b, struct span data, struct batch_key key);

static inline struct batch_key
batch_key_of(struct span text)
{
	return (struct batch_key){ .text = text };
}

/* May bytes of `r`'s file from `from` on be covered? False: every run is
 * taken, seal it (it may hold runs and no record; nothing to send then). Need
 * not be asked for a record that was appended just now: its run is kept. */
bool batch_can_cover(
    const struct batch *b, const struct reader *r, uint64_t from);

/* Note that bytes [from, to) of `r`'s file ride in `b`: those of the record
 * appended just now, or bytes that need none. Contiguous stretches of one
 * reader become one run, as far as their origins reach. Sets born_ms to
 * `now_ms` if it is the first. */
void batch_cover(struct batch *b, struct reader *r, uint64_t from, uint64_t to,
    int64_t now_ms);

/* The next record without a place, which is appended and whose bytes are
 * covered, stands at [from, to) of its file, and begins in run `run`. */
void batch_place(struct batch *b, uint32_t run, uint64_t from, uint64_t to);

/* Called once when `b` leaves the tail: all records pending but the dead. */
void batch_seal(struct batch *b);

/* The pending records among [from, to) as pieces of body, neighbours joined,
 * in order; for JSON without the first comma. Answers how many pieces (0: none
 * pending); BATCH_RECORDS are room enough. `*records` is how many records they
 * hold. */
size_t batch_pieces(const struct batch *b, uint32_t from, uint32_t to,
    struct span *pieces, uint32_t *records);

/* The index of the `nth` (from 0) pending record: how the entries of an
 * answer map back. nth < pending_count. Accepting one moves those behind it
 * up: take an answer's entries from last to first, or look all up before. */
uint32_t batch_nth_pending(const struct batch *b, uint32_t nth);

/* Record `i` was accepted. Only while pending. */
void batch_accept(struct batch *b, uint32_t i);

/* What record `i` is: its data, borrowed from `b` or decoded into `room`, which
 * is cleared first and may grow to the api's record limit, and its key, which
 * only CBOR can tell (else it is of no length). For who shows it. */
void batch_read(const struct batch *b, uint32_t i, struct buf *room,
    struct span *data, struct batch_key *key);

static inline bool
batch_is_pending(const struct batch *b, uint32_t i)
{
	return (b->pending[i / 64] >> (i % 64)) & 1;
}

/* Type-safe fronts of the handoff: ownership moves, `*b` is NULL after. */
void batch_send(struct handoff *h, struct batch **b);

static inline struct batch *
batch_of(struct list_node *node)
{
	return LIST_ENTRY(node, struct batch, node);
}

#endif
