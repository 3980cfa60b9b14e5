/* SPDX-License-Identifier: Apache-2.0
 *
 * state: the ship's own struct, for the files of this room.
 *
 * Thread: ship.
 */
#ifndef STATE_H
#define STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "handoff.h"
#include "list.h"
#include "ship.h"

struct http;
struct inquiry;
struct keyring;
struct lane;
struct pace;
struct publisher;
struct sigv4_key;

/* A lane to open, or to close. */
struct ship_lane {
	struct list_node node;
	size_t number;
	bool closes;
	struct flow_stats *stats;       /* borrowed */
	const struct flow_config *flow; /* borrowed */
	const struct credentials *keys; /* borrowed: the keyring's */
};

struct ship {
	const struct config *config; /* borrowed */
	struct handoff *home;        /* borrowed: batches go back there */
	struct handoff inbox;
	struct handoff orders; /* struct ship_lane: lanes to open and close */
	struct http *http;
	struct inquiry *inquiry;
	struct keyring *keyring;
	struct publisher *publisher; /* NULL: nothing is published */
	int64_t publish_ms;          /* when to next */
	int64_t published_ms;        /* when last */
	char *agent_line;            /* the User-Agent header */

	struct lane *lanes;     /* as many as there are slots for flows */
	atomic_bool *in_use;    /* as many: opened or about to be; the one that
	                         * opens sets it, the ship clears it */
	struct pace *paces;     /* as many, for their destinations */
	struct sigv4_key *keys; /* in secret memory, one for each lane */
	struct list_node round; /* lanes with batches, the next turn first */
	uint32_t kept;          /* connections kept for each lane */
	uint32_t reserved;      /* kept ones that are not in use */
	bool trusts;            /* there are certificates to trust */
	uint32_t guarded; /* where there are too few to keep any: not for lanes
	                   * whose last exchange was not answered */

	struct list_node flying, idle; /* transfers */
	uint32_t flying_count;

	int64_t skew_ms;      /* the service's clock minus ours */
	int64_t clock_set_ms; /* when last, or 0 */
	uint64_t dice;

	int64_t now_ms, wall_ms;           /* of this turn */
	int64_t landed_ms;                 /* when an exchange last ended */
	enum { BUSY, CALM, RESTING } ease; /* what was given back since */

	pthread_t thread;
	bool started;
	atomic_bool stopping;
	counter beats; /* turns of the thread */
};

/* Chance: spreads the retries of a fleet, nothing more. */
uint64_t ship_roll(struct ship *s);

#endif
