/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics: a port where Prometheus fetches the agent's numbers.
 *
 * It has a thread of its own and only reads counters: whoever connects, and
 * whatever he does then, delivery goes on.
 */
#ifndef METRICS_H
#define METRICS_H

#include "config.h"
#include "stats.h"

struct metrics;

/* Listen at config->metrics_listen and metrics_port. `stats` outlives it.
 * NULL: failed, logged; no reason to deliver nothing. */
struct metrics *metrics_new(
    const struct config *config, const struct flow_stats *stats);

/* The flows of `config` are what there is to tell of from now on. */
void metrics_flows(struct metrics *m, const struct config *config);

/* Ends its thread. NULL is fine. */
void metrics_free(struct metrics *m);

#endif
