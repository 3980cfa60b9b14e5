/* SPDX-License-Identifier: Apache-2.0
 *
 * tail: the disk side. Follows files, cuts them into records, fills batches,
 * and turns verdicts into committed offsets.
 *
 * Thread: one, the caller of tail_run.
 */
#ifndef TAIL_H
#define TAIL_H

#include <stdbool.h>

#include "config.h"
#include "handoff.h"
#include "ledger.h"
#include "stats.h"

struct flow;
struct loop;
struct parser_host;
struct tail;

struct tail_doors {
	struct loop *loop;         /* the tail waits here; main's signals too */
	struct handoff *home;      /* batches come back */
	struct handoff *to_ship;   /* batches go out */
	struct handoff *to_ledger; /* notices go out */
	struct handoff *to_letters;     /* batches with dead letters go out */
	struct handoff *answers;        /* the ledger's; NULL: no flow comes */
	const struct parser_host *host; /* NULL: nothing is known of it */
	/* Nothing goes by `lane` any more, and all that did is home; the slot
	 * is empty. The settings they had may go. */
	void (*left_lane)(void *owner, size_t lane);
	void (*left_slot)(void *owner, size_t slot);
	void *owner;
};

/* `config`, `stats` (one per flow) and what the doors lead to outlive the tail.
 * NULL: failed (inotify, budget), logged. */
struct tail *tail_new(const struct config *config, struct flow_stats *stats,
    const struct tail_doors *doors);
void tail_free(struct tail *t);

/* Before tail_run: a checkpoint that was on disk. Copies what it keeps. */
void tail_restore(struct tail *t, const struct checkpoint *row);

/* Before tail_run: flow `flow` was started in an earlier life, so files
 * without a checkpoint are new ones and read from 0. */
void tail_know_flow(struct tail *t, size_t flow);

/* Follow until tail_stop; then seal and send what is read, wait for the
 * batches (bounded by shutdownTimeoutMillis), and return. Batches still out
 * then must be brought back by ending the ship before tail_finish. */
void tail_run(struct tail *t);

/* From a callback of the loop: bring the numbers that are measured now and
 * then (lag, what is waited for) up to date. */
void tail_measure(struct tail *t);

/* Before tail_run: end by itself when everything that is there is read, and
 * wait for the answers for as long as it takes; until tail_stop. */
void tail_once(struct tail *t);

/* At the end of such a run: say what is there and was not sent, and why.
 * Answers whether everything else is delivered or accounted for. */
bool tail_tell_rest(const struct tail *t);

/* From a callback of the loop: begin to stop. A second call: do not wait for
 * the batches. */
void tail_stop(struct tail *t);

/* Flows come, change and leave while the tail runs, from a callback of the
 * loop. First what may fail: a flow made ready to stand in `slot` and go by
 * `lane`, with the settings `flow` of `config` (the former is borrowed as
 * config_flow says). NULL: they are no good, logged. */
struct flow *tail_prepare(struct tail *t, const struct config *config,
    const struct flow_config *flow, size_t slot, size_t lane);

/* It is not needed after all. NULL after. */
void tail_dismiss(struct flow **prepared);

/* The flow takes its slot. One that is there already goes on from where its
 * readers are; what it has sealed goes by its old lane. NULL after. */
void tail_adopt(struct tail *t, struct flow **prepared);

/* The flow in `slot` reads no more, and leaves when all is home. */
void tail_release(struct tail *t, size_t slot);

/* How many lanes still carry what was made by settings that are no longer in
 * force. */
size_t tail_remainders(const struct tail *t);

/* After the ship has ended: take in what it sent home. What of it has dead
 * letters goes on to the ledger. */
void tail_gather(struct tail *t);

/* After the ledger has ended its letters: take in the last homecomings and
 * send the last checkpoints to the ledger. */
void tail_finish(struct tail *t);

/* `path` is a file that a flow would follow (`error` 0), or a directory on the
 * way that cannot be looked into, and why (an errno). Borrowed. */
typedef void tail_found_fn(void *owner, const char *path, int error);

/* Tell `found` of all files that flow `flow` of `config` would follow now; a
 * file that several patterns match, several times. Before anything runs: it
 * needs no tail. -1: a pattern is malformed, logged. */
int tail_find(const struct config *config, size_t flow, tail_found_fn *found,
    void *owner);

/* Which file is at `path` now, links followed? -1: errno; not logged. */
int tail_row_identify(const char *path, struct identity *id);

/* Is `row` of the file `id`, whatever it was called when it was noted? */
bool tail_row_is_of(const struct checkpoint *row, const struct identity *id);

#endif
