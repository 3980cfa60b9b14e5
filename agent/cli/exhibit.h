/* SPDX-License-Identifier: Apache-2.0
 *
 * exhibit: records on standard output: for people, or as lines of JSON.
 *
 * Thread: main.
 */
#ifndef EXHIBIT_H
#define EXHIBIT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct batch;
struct flow_config;

struct exhibit {
	bool json;
	bool terminal;                  /* what may steer it is shown instead */
	const struct flow_config *flow; /* borrowed: whose was shown last */
	struct buf room;
};

void exhibit_begin(struct exhibit *e, bool json);
void exhibit_end(struct exhibit *e);

/* Record `i` of `b`, as `flow` would send it. */
void exhibit_record(struct exhibit *e, const struct flow_config *flow,
    const struct batch *b, uint32_t i);

/* The dead letter `i`, which it would keep, and why. */
void exhibit_letter(struct exhibit *e, const struct flow_config *flow,
    const struct batch *b, uint32_t i);

/* Have what was shown on its way. False: standard output takes no more;
 * errno. */
bool exhibit_flush(struct exhibit *e);

#endif
