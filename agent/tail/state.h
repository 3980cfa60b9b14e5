/* SPDX-License-Identifier: Apache-2.0
 *
 * state: the tail's own struct, for the files of this room.
 *
 * Thread: tail.
 */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file.h"
#include "flow.h"
#include "ledger.h"
#include "list.h"
#include "log.h"
#include "roster.h"
#include "table.h"
#include "tail.h"

/* What it costs to list all directories once, roughly, in microseconds. */
struct survey_cost {
	int64_t watched_us, polled_us;
	int64_t counted_ms; /* when */
};

struct listing;

struct tail {
	const struct config *config;
	struct flow_stats *stats;
	struct tail_doors doors;
	struct pool *pool;
	struct flow *flows; /* one per config->flows */
	size_t turn;        /* the flow whose turn it is to read */
	struct roster roster;
	struct files files;
	struct list_node renames; /* traced in the events being taken */
	size_t rename_count;
	struct list_node leaving; /* files without a wanted name, watched until
	                            * they have been quiet for a while */
	struct list_node newcomers; /* readers of new files, to be judged */
	struct list_node archives;  /* struct missed: they may be news */
	size_t archive_count;
	struct listing
	    *listed; /* owned: by missed.c, in the turn of listed_ms */
	int64_t listed_ms;
	struct list_node pasts; /* struct past, eldest first */
	size_t past_count;
	struct list_node unseen; /* struct unseen, of the events being taken */
	size_t unseen_count;
	struct list_node moved;    /* readers to be noted */
	struct list_node departed; /* detached readers: something rides yet */
	struct list_node
	    remainders;        /* struct remainder: sent by old settings */
	bool giving_up;        /* there are readers that are given up */
	int64_t let_go_ms;     /* they are looked at again */
	struct table restored; /* struct restored: rows nobody took yet */
	uint64_t *forgotten;   /* rows to delete: owned array */
	uint32_t forgotten_count;
	uint64_t old_rows; /* those up to here are of an earlier life */
	uint64_t last_row; /* the highest row number given out */
	uint64_t told_row; /* the highest the ledger has heard of */
	int64_t now_ms;    /* this turn's time */
	int64_t wall_ms;   /* the same, since 1970: what records are told */
	int64_t looked_ms; /* wall clock: what came before has been looked at */
	int64_t sure_ms;   /* what came before has been looked at, even if
	                    * events were lost since */
	int64_t unsure_ms; /* so long that one counts: everything is looked at
	                    * anew meanwhile */
	int64_t note_ms;   /* checkpoints are due */
	int64_t look_ms;   /* files that are leaving are looked at */
	int64_t watch_ms;  /* a watch may be tried for again */
	int64_t aged_ms;   /* rows that wait are asked for their age */
	struct survey_cost survey_cost;
	int64_t listen_ms; /* events are looked at again */
	int64_t retry_ms;  /* flows without memory ask again; 0: none */
	int64_t lag_ms;    /* lag is looked at again */
	int64_t rated_ms;  /* how fast it goes was last reckoned */
	size_t lag_flow, lag_bucket; /* see lag.c: where its round is */
	bool lag_moving;             /* there will be other numbers soon */
	int64_t busy_ms;             /* last there was work; 0: trimmed since */
	bool busy;                   /* there is more to read or to look at */
	bool listening;              /* inotify's descriptor is in the loop */
	bool first_scan;             /* files found now were there before us */
	int stopping;                /* how often we were asked to stop */
	bool once;                   /* end when all that is there is read */
	bool met_all;                /* and it was */
	int64_t once_ms;      /* what is unfinished waits so long; 0: not yet */
	bool once_late;       /* it has waited so long */
	unsigned char *chunk; /* owned: bytes being cut */
	size_t chunk_room;
	struct log_gate watch_gate, missing_gate, directory_gate;
	struct log_gate overflow_gate, failure_gate, renewed_gate;
	struct log_gate archive_gate, unseen_gate;
};

/* tail_run's pieces, for whoever moves the clock by hand: look at everything
 * once, before the first turn; then a turn does what is due, waits, and
 * handles what came. */
void tail_begin(struct tail *t);
void tail_turn(struct tail *t);

#endif
