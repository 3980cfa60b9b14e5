/* SPDX-License-Identifier: Apache-2.0
 *
 * adopt: flows that come, change and leave while the tail runs. What others may
 * ask of it is in tail.h.
 *
 * Thread: tail.
 */
#ifndef ADOPT_H
#define ADOPT_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct flow;
struct flow_config;
struct reader;
struct tail;

/* `r`, which was given up, is wanted again. */
void adopt_reclaim(struct reader *r);

/* Look for the files of the flows that are arriving, the first time. */
void adopt_look(struct tail *t);

/* Take in what the ledger answered, and let go of what has ended. Answers when
 * to come again. */
int64_t adopt_due(struct tail *t);

/* tail.h says what these do, as tail_prepare, tail_dismiss, tail_adopt and
 * tail_release. */
struct flow *adopt_prepare(struct tail *t, const struct config *all,
    const struct flow_config *config, size_t slot, size_t lane);
void adopt_dismiss(struct flow **f);
void adopt_flow(struct tail *t, struct flow **fresh);
void adopt_release(struct tail *t, size_t slot);

#endif
