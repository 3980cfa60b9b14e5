/* SPDX-License-Identifier: Apache-2.0
 *
 * lane: one flow's batches on their way, and how hard its destination may be
 * pressed at the moment.
 */
#ifndef LANE_H
#define LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "api.h"
#include "batch.h"
#include "config.h"
#include "list.h"
#include "log.h"
#include "sigv4.h"
#include "stats.h"
#include "tally.h"

struct credentials;

/* Owned by the ship; ship thread only. */
struct lane {
	struct list_node node;    /* on the ship's round, or on none */
	size_t number;            /* among the ship's; batch->lane */
	const struct lane *elder; /* borrowed: its flow's, and goes first; or
	                           * NULL */
	const struct flow_config *flow; /* borrowed */
	const struct api *api;          /* static */
	struct flow_stats *stats;       /* borrowed */
	struct sigv4_key *key;          /* borrowed: in secret memory */
	int64_t ask_ms;    /* its stream is not asked for its limit before */
	struct pace *pace; /* borrowed: other lanes to its destination have
	                    * the same */
	const struct credentials *credentials; /* borrowed: the keyring's */
	uint32_t refused; /* the serial of those that AWS refused, or 0 */
	struct address address;
	char *host_line, *type_line, *target_line; /* owned: headers */

	/* All of the flow's batches that are not home, in sealing order: so
	 * who is first here goes first. In flight: due_ms is CLOCK_NEVER. */
	struct list_node batches;

	uint32_t flying;   /* batches in flight */
	uint32_t allowed;  /* how many may be, 1 to flow->max_in_flight: one
	                   * more for each success, half on failure */
	uint32_t failures; /* rounds of failure without a success */
	bool answered;     /* the last round ended well */
	int64_t judged_ms; /* exchanges begun before then belong to a round
	                    * of failure that is counted */
	int64_t due_ms;    /* nothing goes out before */

	/* Records that may be given up before the next one is accepted: see
	 * landing.c. */
	uint32_t mercy;

	/* What the operator was told. */
	struct log_gate gate, dead_gate;
	bool complained;    /* since it last went well */
	int64_t trouble_ms; /* when it last began to go wrong */
	uint64_t troubles;  /* failed exchanges since */

	/* What is to be published of it: see bulletin.h. */
	struct tally tally;
};

/* `flow`, `stats` and `key` outlive the lane. It has no pace yet. */
void lane_init(struct lane *l, const struct flow_config *flow,
    struct flow_stats *stats, struct sigv4_key *key);

/* Does nothing go by it: zeroed, or after lane_fini? */
static inline bool
lane_is_empty(const struct lane *l)
{
	return l->flow == NULL;
}

/* Do both lead to the same stream or delivery stream? */
bool lane_same_destination(const struct lane *l, const struct lane *other);

/* No batches may be left. After lane_init, or zeroed. */
void lane_fini(struct lane *l);

/* `*b` joins the end; NULL after. */
void lane_add(struct lane *l, struct batch **b);

/* The batch to send next, or NULL; then `*due_ms` is when to ask again at the
 * latest (CLOCK_NEVER: when an exchange has ended). */
struct batch *lane_next(const struct lane *l, int64_t now_ms, int64_t *due_ms);

/* `b` goes out. */
void lane_depart(struct lane *l, struct batch *b);

/* `b` is back from its exchange with nothing pending, and leaves the lane.
 * The caller owns it. */
void lane_deliver(struct lane *l, struct batch *b);

/* `b` is back from its exchange with something pending, and goes again at
 * `due_ms`. */
void lane_keep(struct lane *l, struct batch *b, int64_t due_ms);

/* Exchanges of this lane succeed. */
void lane_press_on(struct lane *l);

/* What it waited for is there: nothing waits any longer. */
void lane_resume(struct lane *l);

/* An exchange that began at `began_ms` failed: press the destination less,
 * and where failures follow each other leave it alone for a while. */
void lane_back_off(
    struct lane *l, int64_t began_ms, int64_t now_ms, uint64_t dice);

/* How long to wait after the `nth` failure (from 1): anything from nothing to
 * the full backoff, so that a crowd spreads out. `dice` is random. */
int64_t lane_pause(const struct lane *l, uint32_t nth, uint64_t dice);

#endif
