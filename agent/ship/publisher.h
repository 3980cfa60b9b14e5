/* SPDX-License-Identifier: Apache-2.0
 *
 * publisher: bulletins to CloudWatch.
 *
 * A thread of its own that may wait; whatever becomes of a bulletin, nothing
 * waits for it.
 */
#ifndef PUBLISHER_H
#define PUBLISHER_H

#include "config.h"

struct bulletin;
struct publisher;

/* `agent_line` is the User-Agent header; it and `config` outlive it. NULL:
 * failed, logged. */
struct publisher *publisher_new(
    const struct config *config, const char *agent_line);

/* -1: failed, logged. */
int publisher_start(struct publisher *p);

/* Publish `*b`, soon. `*b` is NULL after. The ship's thread, or after its
 * end. */
void publisher_post(struct publisher *p, struct bulletin **b);

/* End the thread. Where all went well before, what was posted last is
 * published first, or is given up within a second. */
void publisher_stop(struct publisher *p);

/* After publisher_stop, or if never started. NULL is fine. */
void publisher_free(struct publisher *p);

#endif
