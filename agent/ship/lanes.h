/* SPDX-License-Identifier: Apache-2.0
 *
 * lanes: which lanes there are, and how connections are shared out to them.
 */
#ifndef LANES_H
#define LANES_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

struct flow_config;
struct ship;
struct ship_lane;

/* Before anything else: lanes for the flows of s->config. -1: no memory,
 * logged. */
int lanes_make(struct ship *s, struct flow_stats *stats);

/* Ship: do what was ordered. What was ordered before a batch was sent is done
 * before that is looked at if the inbox is emptied first. */
void lanes_obey(struct ship *s);

/* No batches may be left. After lanes_make, or before. */
void lanes_free(struct ship *s);

/* ship.h says of their namesakes there what these do. */
struct ship_lane *lanes_prepare(struct ship *s, const struct flow_config *flow,
    size_t lane, struct flow_stats *stats);
void lanes_dismiss(struct ship_lane **prepared);
void lanes_open(struct ship *s, struct ship_lane **prepared);
void lanes_close(struct ship *s, size_t lane);
bool lanes_is_closed(const struct ship *s, size_t lane);

#endif
