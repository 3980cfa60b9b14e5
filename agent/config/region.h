/* SPDX-License-Identifier: Apache-2.0
 *
 * region: which region a flow signs for. Never guessed in silence.
 */
#ifndef REGION_H
#define REGION_H

#include <stdbool.h>

#include "config.h"
#include "report.h"

/* One per file: each warning is given once, not once a flow. */
struct region_notes {
	bool firehose, foreign, environment;
};

/* Where the pieces of a flow stand in its file, for what there is to say. */
struct region_places {
	struct place flow, region, target;
};

/* Fill in `f->region`; `f->endpoint` is already the one to use, and
 * `own_endpoint` says whether the flow itself named it. What the flow says
 * comes before what its service says, and the file before the environment
 * (AWS_REGION, AWS_DEFAULT_REGION). Where neither tells it, it stays NULL. */
void region_resolve(const struct config *c, struct flow_config *f,
    bool own_endpoint, const struct region_places *at,
    struct region_notes *notes, struct report *r);

/* The setting that tells the region of `f`'s service. */
const char *region_key(const struct flow_config *f);

/* Where `f` lacks a region, it is `region` (or NULL). Does it have one now? */
bool region_settle(struct flow_config *f, const char *region);

#endif
