/* SPDX-License-Identifier: Apache-2.0
 *
 * letterbox: batches whose dead letters are to be written.
 */
#ifndef LETTERBOX_H
#define LETTERBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff.h"
#include "stats.h"

struct config;
struct letterbox;

/* `config`, `stats` (one for each flow) and `home`, where batches go back,
 * outlive it. NULL: failed, logged. */
struct letterbox *letterbox_new(const struct config *config,
    struct flow_stats *stats, struct handoff *home);
/* Empty. NULL is fine. */
void letterbox_free(struct letterbox *l);

/* Where they are put in. */
struct handoff *letterbox_inbox(struct letterbox *l);

/* Take what was put in, and write what is due at `now_ms`. What is on disk goes
 * home as BATCH_KEPT. Answers when to come again; CLOCK_NEVER: when something
 * is put in. */
int64_t letterbox_work(struct letterbox *l, int64_t now_ms);

/* Nothing more is put in. The thread that works (none: not `working`) tries
 * once more to write what waits and sends the rest home as BATCH_ABANDONED.
 * -1: not so within `wait_ms`, logged. */
int letterbox_end(struct letterbox *l, bool working, int64_t wait_ms);

#endif
