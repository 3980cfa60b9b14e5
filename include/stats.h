/* SPDX-License-Identifier: Apache-2.0
 *
 * stats: what happened, counted where it happens.
 *
 * Each counter has one writing thread (named beside it) and any readers, so
 * adding is a plain load and store, without a locked instruction. A reader
 * sees each counter whole, and may see one a moment before another.
 */
#ifndef STATS_H
#define STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remark.h"

typedef _Atomic uint64_t counter;

/* Only the counter's own thread. */
static inline void
stats_add(counter *c, uint64_t n)
{
	atomic_store_explicit(c,
	    atomic_load_explicit(c, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

/* The same. */
static inline void
stats_set(counter *c, uint64_t n)
{
	atomic_store_explicit(c, n, memory_order_relaxed);
}

static inline uint64_t
stats_get(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* How long something took, counted in buckets: one thread adds. */
#define STATS_BUCKETS 14

static const int64_t stats_bucket_ms[STATS_BUCKETS] = { 10, 25, 50, 100, 250,
	500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 1800000 };

struct stats_times {
	counter bucket[STATS_BUCKETS + 1]; /* up to that long; then longer */
	counter sum_ms;
};

static inline void
stats_took(struct stats_times *t, int64_t ms)
{
	size_t i = 0;

	while (i < STATS_BUCKETS && ms > stats_bucket_ms[i])
		i++;
	stats_add(&t->bucket[i], 1);
	stats_add(&t->sum_ms, ms > 0 ? (uint64_t)ms : 0);
}

/* Why bytes that were there can never be read. */
enum stats_loss {
	STATS_LOSS_VANISHED,   /* the file was gone */
	STATS_LOSS_TRUNCATED,  /* it was truncated, or written anew */
	STATS_LOSS_COPY,       /* written between a copy and the truncation */
	STATS_LOSS_UNREADABLE, /* the archive they are in is broken */
	STATS_LOSSES
};

/* What the tail waits for before it reads on. */
enum stats_tail_wait {
	STATS_TAIL_NOTHING, /* it reads */
	STATS_TAIL_NEWS,    /* everything there is was read */
	STATS_TAIL_FILES,   /* no file is there */
	STATS_TAIL_MEMORY,  /* the flow's share is used up */
	STATS_TAIL_WINDOW,  /* too many batches wait for their elders */
	STATS_TAIL_LIMIT    /* what the stream takes, for a long record */
};

/* What the ship waits for before it sends more. */
enum stats_ship_wait {
	STATS_SHIP_NOTHING,   /* it has nothing to send */
	STATS_SHIP_ANSWERS,   /* all it may send is on its way */
	STATS_SHIP_BACKOFF,   /* until ship_due_ms: it failed before */
	STATS_SHIP_PACE,      /* the destination takes no more a second */
	STATS_SHIP_KEYS,      /* credentials */
	STATS_SHIP_CONNECTION /* all of maxConnections are in use */
};

/* One flow's numbers since start. Bytes are bytes of the log files.
 *
 * I7: bytes_seen = bytes_delivered + bytes_filtered + bytes_skipped +
 * bytes_dead + bytes_in_flight + bytes_lost, whenever the tail is between two
 * steps. Each is counted where it happens; see agent/tail/tally.c. */
struct flow_stats {
	/* tail */
	counter bytes_seen;          /* a reader moved over them, or they are
	                       * known to be lost */
	counter bytes_in_flight;     /* of records that are not home (set) */
	counter bytes_read;          /* put into batches or filtered */
	counter records_read;        /* put into batches */
	counter bytes_filtered;      /* accounted for without a record */
	counter lines_filtered;      /* headers, footers, what follows those */
	counter records_unmatched;   /* an option did not understand them */
	counter records_transformed; /* made anew by options */
	counter records_dropped;     /* made nothing of by options */
	counter records_too_hard;    /* of these, because it gave up */
	counter bytes_skipped; /* delivered before a restart, not read again */
	counter bytes_delivered; /* of records that were accepted; of those
	                          * that were cut the whole line */
	counter bytes_committed; /* accounted for, with all before them */
	counter records_delivered;
	counter records_truncated; /* longer than the limit: cut */
	counter bytes_truncated;   /* what was cut off */
	counter records_dead;      /* in the dead-letter file, not delivered */
	counter bytes_dead;        /* what they were in the log files */
	counter records_split;     /* pieces cut off lines that are longer */
	counter keys_random;       /* for want of the field they are made of */
	counter hashes_refused;    /* explicit hash keys that are none */
	counter bytes_lost;        /* gone from disk before they were read */
	counter bytes_lost_by[STATS_LOSSES]; /* why; their sum is bytes_lost */
	counter unbalanced;    /* I7 did not hold: a mistake of ours */
	counter files_unseen;  /* gone before they could be looked at */
	counter partial_lines; /* sent without newline: the file had retired,
	                        * or it had not grown for long enough */
	counter files;         /* followed now (set, not added) */
	counter directories;   /* looked into now (the same) */
	counter directories_polled; /* of them without news from the kernel */
	counter bytes_behind;       /* stand in its files, not delivered (set
	                         * about once a second, like the next five) */
	counter millis_behind;      /* how long the eldest of them has, as far
	                         * as this run knows */
	counter files_behind;       /* files that hold unread ones */
	counter records_a_second;   /* delivered, over the last second */
	counter bytes_a_second;
	counter tail_waits;   /* enum stats_tail_wait (set) */
	counter limit_wanted; /* a record waits to know what the stream takes
	                       * that its lane leads to: 1 + the lane (set,
	                       * not added) */
	/* ship */
	counter record_limit;    /* bytes of a record, as the stream says; 0: it
	                       * was not asked, or has not answered (set) */
	counter limit_told;      /* the same, and which lane's that is: see
	                       * stats_limit */
	counter requests;        /* HTTP exchanges begun */
	counter requests_failed; /* ended without a verdict for any record */
	counter records_sent;    /* went out, repeats included */
	counter records_again;   /* of these, not for the first time */
	counter records_refused; /* per-record failures, sent again later */
	counter bytes_on_wire;   /* request bodies */
	counter told_lost;       /* of the bytes lost, dead letters that went
	                    * included: published already (set) */
	counter told_dead;       /* of records_dead: the same */
	struct stats_times exchanges;  /* from begin to end, failed ones too */
	struct stats_times deliveries; /* from a batch's first byte to its
	                                * last record's acceptance */
	counter ship_waits;            /* enum stats_ship_wait (set) */
	counter ship_due_ms;           /* wall clock: until when (set) */
	counter failing_since_ms;      /* wall clock; 0: nothing sent waits for
	                       * another attempt (set) */
	/* ledger */
	counter records_lost_dead; /* dead letters that made room for newer */
	counter bytes_lost_dead;   /* what they were in the log files */
	counter letters_wait;      /* 1: its disk does not take them (set) */

	/* What went wrong last, in each thread. */
	struct remark tail_trouble, ship_trouble, ledger_trouble;
};

/* What the stream that `lane` leads to has said of a record's bytes; 0: nothing
 * yet. */
static inline uint64_t
stats_limit(const struct flow_stats *s, uint64_t lane)
{
	uint64_t said = stats_get(&s->limit_told);

	return said >> 32 == lane ? said & UINT32_MAX : 0;
}

/* It says so. The ship's. */
static inline void
stats_set_limit(struct flow_stats *s, uint64_t lane, uint64_t bytes)
{
	stats_set(&s->record_limit, bytes);
	stats_set(&s->limit_told, lane << 32 | bytes);
}

/* Does I7 hold? On the tail's thread. */
static inline bool
stats_balance(const struct flow_stats *s)
{
	return stats_get(&s->bytes_seen) ==
	       stats_get(&s->bytes_delivered) + stats_get(&s->bytes_filtered) +
		   stats_get(&s->bytes_skipped) + stats_get(&s->bytes_dead) +
		   stats_get(&s->bytes_in_flight) + stats_get(&s->bytes_lost);
}

#endif
