/* SPDX-License-Identifier: Apache-2.0
 *
 * desk: where a running agent is asked what it does. A Unix socket that
 * status.socket names; one question a connection, answered in JSON.
 *
 * Thread: the loop's, which is the tail's: what is told is of one moment.
 * Whatever comes in there, reading and delivering go on.
 */
#ifndef DESK_H
#define DESK_H

#include <stdint.h>

#include "config.h"
#include "stats.h"

struct desk;
struct loop;
struct tail;

/* What questions are answered from; all of it outlives the desk. */
struct desk_doors {
	struct loop *loop;
	const struct config *config;
	const struct flow_stats *stats; /* one per flow */
	struct tail *tail;
	int64_t started_ms; /* wall clock: when the agent did */
};

/* Listen at config->status_socket. Where that cannot be had one line says why,
 * and nobody is answered: delivering is worth more. NULL: out of descriptors
 * for what waits in the loop, logged. */
struct desk *desk_new(const struct desk_doors *doors);

/* Whoever is being answered is cut off; the socket's name goes. NULL is
 * fine. */
void desk_free(struct desk *d);

#endif
