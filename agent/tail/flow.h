/* SPDX-License-Identifier: Apache-2.0
 *
 * flow: from records to sealed batches, for one destination.
 *
 * Thread: tail.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "buf.h"
#include "config.h"
#include "join.h"
#include "key.h"
#include "letter.h"
#include "list.h"
#include "log.h"
#include "pattern.h"
#include "record.h"
#include "span.h"
#include "stats.h"
#include "table.h"
#include "tally.h"
#include "window.h"

struct reader;
struct multiline;
struct parser;
struct regex;
struct remainder;
struct tail;
struct tail_doors;

/* What the Java agent left of a flow: up to when it is done. See inherit.h. */
struct heritage {
	uint64_t row;       /* of the place it noted last; 0: no heritage */
	int64_t done_ms;    /* a file not written since is done, */
	uint64_t done_size; /* one written just then if it is not smaller */
	uint32_t waiting;   /* rows whose files were not met yet */
	int64_t met_ms;     /* the turn in which the last one was */
};

struct flow {
	const struct flow_config *config; /* borrowed */
	const struct api *api;
	struct flow_stats *stats;   /* borrowed */
	struct pool *pool;          /* borrowed: the tail's */
	struct handoff *to_ship;    /* borrowed */
	struct handoff *to_letters; /* borrowed */
	size_t index;               /* in config->flows */
	size_t lane;                /* by which its batches go at present */
	struct patterns patterns;   /* owned: what it follows */
	struct excludes excludes;   /* owned: and what not */
	struct list_node ready;     /* chains with something to read */
	struct table chains;        /* struct chain, by the stem */
	int64_t since_ms;      /* wall clock: what was written before was seen
	                           * in an earlier life, or not meant to be */
	struct batch *filling; /* owned; NULL: none yet */
	struct window window;
	struct buf cut;          /* a truncated record is made here */
	struct multiline *lines; /* owned; NULL: each line is a record */
	struct buf held;         /* a record of two files is made here */
	struct parser *parser;   /* owned; NULL: records are their lines */
	struct log_gate mismatch_gate;
	struct regex *footer;     /* owned; NULL: footers are not looked for */
	struct list_node partial; /* see partial.h */
	struct log_gate long_gate, footer_gate;
	struct key_maker keys;
	size_t key_most;   /* bytes that a key may have */
	size_t max_record; /* bytes of a record with its key: the api's limit,
	                     * or more where the stream says so (limit.h) */
	int64_t limit_due_ms; /* wait for what it says until then; 0: it was
	                       * not asked */
	bool limit_known;
	struct join joined; /* records becoming one in the filling batch */
	struct reader *unpacking; /* whose archive is being read; NULL: none */
	bool starved;             /* no memory or a full window: wait for
	                           * a homecoming */
	bool known;               /* started in an earlier life */
	bool arriving;            /* its files are looked for the first time */
	bool comes;               /* it was not there before */
	bool leaving;             /* it is no longer configured, and reads no
	                           * more */
	uint32_t asked;           /* answers of the ledger it waits for */
	struct heritage heritage;
	uint64_t unread;       /* bytes: the sum of its readers' behind */
	uint64_t unread_files; /* how many of those are not 0 */
	int64_t caught_up_ms;  /* when nothing was left to read last */
	uint64_t rated_records, rated_bytes; /* delivered when its rate was
	                                      * reckoned last */
};

/* `f` is the place of a flow that may come. */
void flow_clear(struct flow *f);

static inline bool
flow_is_empty(const struct flow *f)
{
	return f->config == NULL;
}

/* `f` becomes a flow's place: what lasts as long as the flow does. */
void flow_open(struct flow *f, size_t index, size_t lane,
    struct flow_stats *stats, struct pool *pool,
    const struct tail_doors *doors);

/* The rest of it: what follows from the flow's settings, with patterns of such
 * manners. -1: malformed,
 * logged; flow_fini is the caller's. */
int flow_learn(
    struct flow *f, const struct flow_config *config, unsigned manners);

/* Do both follow the same files? */
bool flow_looks_alike(const struct flow_config *a, const struct flow_config *b);

/* From now on `f`, which fills nothing, is what `from` has learned, and goes by
 * its lane; with `elsewhere`, it follows other files, too. `from` has what `f`
 * needs no more. */
void flow_take_over(struct flow *f, struct flow *from, bool elsewhere);

/* Both together. -1: the pattern is malformed, logged. */
int flow_init(struct flow *f, const struct config *config, size_t index,
    struct flow_stats *stats, struct pool *pool,
    const struct tail_doors *doors);
void flow_fini(struct flow *f);

/* The most bytes of data a record may have. */
size_t flow_max_data(const struct flow *f);

/* Put `record` (at most flow_max_data) into the filling batch, by itself or
 * behind others that become one with it; it accounts for the next `covers`
 * bytes of `r`'s file, and `r->offset` moves over them. False: no room now;
 * the flow is starved, and what was put stays put. */
bool flow_put(struct flow *f, struct reader *r, const struct record *record,
    uint64_t covers, int64_t now_ms);

/* The same for a record longer than flow_max_data: cut, with the configured
 * terminator over its end. `head` holds its first flow_max_data bytes. */
bool flow_put_cut(struct flow *f, struct reader *r, struct span head,
    uint64_t covers, int64_t now_ms);

/* The same for data that cannot be sent, for `reason` (copied): it goes to the
 * flow's dead letters as `part` of its line. */
bool flow_put_dead(struct flow *f, struct reader *r, struct span data,
    uint64_t covers, enum letter_part part, const char *reason, int64_t now_ms);

/* Account for the bytes up to `to` without a record, since `fate` is theirs.
 * False as flow_put. */
bool flow_cover(struct flow *f, struct reader *r, uint64_t to,
    enum tally_fate fate, int64_t now_ms);

/* Seal and send the filling batch, if there is one with anything in it. */
void flow_seal(struct flow *f);

/* When the filling batch must go; CLOCK_NEVER: there is none. */
int64_t flow_due(const struct flow *f);

/* A batch is home: its verdict to the window, its memory to the pool. `*b` is
 * NULL after. What leaves the window is committed. One with dead letters that
 * are not on disk yet goes to the ledger first. */
void flow_welcome(struct tail *t, struct flow *f, struct batch **b);

/* Commit what is delivered at the window's old end; what leaves makes room,
 * so `f` is starved no more. */
void flow_commit(struct tail *t, struct flow *f);

/* The same of its remainder `m`. */
void flow_commit_old(struct tail *t, struct flow *f, struct remainder *m);

#endif
