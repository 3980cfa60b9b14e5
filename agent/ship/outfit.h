/* SPDX-License-Identifier: Apache-2.0
 *
 * outfit: what a ship needs before it can sail.
 */
#ifndef OUTFIT_H
#define OUTFIT_H

#include "stats.h"

struct ship;

/* Fill in what follows from s->config; `stats` has an entry for each flow. -1:
 * some of it is not to be had, logged; what is there is ship_free's. */
int outfit(struct ship *s, struct flow_stats *stats);

#endif
