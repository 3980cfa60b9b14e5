/* SPDX-License-Identifier: Apache-2.0
 *
 * ship: the network side. A thread that takes sealed batches, sends them with
 * many transfers in flight, and sends them home with their outcome.
 *
 * A batch comes home when all its records are accepted, however often it must
 * go out for that; or, after ship_stop, as BATCH_ABANDONED.
 */
#ifndef SHIP_H
#define SHIP_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "handoff.h"
#include "stats.h"

struct ship;

/* `stats` has config->flow_count entries; both outlive the ship. Batches come
 * home to `home`. NULL: failed (no credentials of any kind, bad CA file),
 * logged. */
struct ship *ship_new(const struct config *config, struct flow_stats *stats,
    struct handoff *home);

/* Where batches go. Valid from ship_new to ship_free. */
struct handoff *ship_inbox(struct ship *s);

/* -1: failed, logged. */
int ship_start(struct ship *s);

/* How often its thread has turned: it moves while the thread does, and after
 * a handoff_wake of the inbox. Any thread. */
uint64_t ship_beats(const struct ship *s);

/* End the transfers, send every batch home, end the thread. Returns when the
 * thread has ended; batches wait in `home` then. */
void ship_stop(struct ship *s);

/* After ship_stop, or if never started. NULL is fine. */
void ship_free(struct ship *s);

#endif
