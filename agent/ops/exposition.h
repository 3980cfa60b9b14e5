/* SPDX-License-Identifier: Apache-2.0
 *
 * exposition: the agent's numbers in Prometheus's text format.
 */
#ifndef EXPOSITION_H
#define EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "config.h"
#include "stats.h"

/* What one exposition_next may append: a histogram of a flow with a name of
 * the longest kind. */
#define EXPOSITION_CHUNK ((size_t)32 << 10)

/* Whose numbers there are. Immutable: names are copied, so that flows may go
 * while somebody reads. */
struct exposition_flow {
	size_t slot;  /* in the stats */
	char *labels; /* owned: flow="..." */
	char *more;   /* owned: what else is known of the flow, as labels */
};

struct exposition_roll {
	size_t count;
	struct exposition_flow flows[];
};

/* The flows that `config` has now. The caller frees. */
struct exposition_roll *exposition_roll_new(const struct config *config);
/* NULL is fine. */
void exposition_roll_free(struct exposition_roll *roll);

/* One reading of all numbers, in portions. */
struct exposition {
	const struct exposition_roll *roll; /* borrowed */
	const struct flow_stats *stats;     /* borrowed */
	int64_t started_ms;                 /* since 1970: when the agent was */
	size_t family;                      /* which is next, from 0 */
	size_t flow;                        /* of it */
};

/* Append the next portion to `out`: whole lines, at most EXPOSITION_CHUNK.
 * False: that was all. */
bool exposition_next(struct exposition *e, struct buf *out);

#endif
