/* SPDX-License-Identifier: Apache-2.0
 *
 * transfer: one batch (or what is pending of it) in one HTTP exchange.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "buf.h"
#include "credentials.h"
#include "envelope.h"
#include "http.h"
#include "lane.h"
#include "list.h"
#include "reply.h"

struct ship;

/* Owned by the ship, and used again and again; ship thread only. */
struct transfer {
	struct list_node node;     /* of the ship: flying or idle */
	struct ship *ship;         /* borrowed */
	struct lane *lane;         /* borrowed, while flying */
	struct batch *batch;       /* borrowed from the lane, while flying */
	struct exchange *exchange; /* borrowed from http, while flying */
	int64_t began_ms;
	double cost;     /* to the destination, see api_cost */
	uint32_t serial; /* of the credentials it is signed with */
	int64_t skew_ms; /* added to the clock it is signed by */

	/* The request: what is pending of the batch's records [from, to). */
	uint32_t from, to;
	uint32_t records;
	uint32_t fresh; /* of these, those never sent before */
	size_t length;  /* of the body */
	struct buf prefix;
	struct envelope envelope;
	struct span pieces[BATCH_RECORDS + 2];
	size_t piece_count;

	struct reply reply;
};

struct transfer *transfer_new(struct ship *s);
/* NULL is fine. */
void transfer_free(struct transfer *t);

/* Which part of its batch `t` carries: all, or what its destination may be
 * given at once. */
void transfer_choose(struct transfer *t);

/* Make `t` the request for what is pending of its part of the batch, signed with
 * `credentials` at `wall_ms`. `agent` is the User-Agent header. Fills
 * `request`, which borrows from `t`, its lane and `agent`. -1: it cannot be
 * made, logged. */
int transfer_prepare(struct transfer *t, const struct credentials *credentials,
    int64_t wall_ms, const char *agent, struct http_request *request);

#endif
