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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "handoff.h"
#include "stats.h"

struct ship;

struct ship_lane;

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

/* Lanes are opened and closed while the ship sails, by the thread that fills
 * batches. First what may fail: what a lane needs by which `flow` (borrowed as
 * config_flow says) goes, which counts in `stats`. NULL: not to be had before
 * the next start, logged. */
struct ship_lane *ship_prepare(struct ship *s, const struct flow_config *flow,
    size_t lane, struct flow_stats *stats);

/* It is not needed after all. NULL after. */
void ship_dismiss(struct ship_lane **prepared);

/* Open it, before the first batch by it is sent. NULL after. */
void ship_open(struct ship *s, struct ship_lane **prepared);

/* Everything that went by `lane` is home. */
void ship_close(struct ship *s, size_t lane);

/* Is it closed, so that nothing is borrowed for it? It may be opened again. */
bool ship_is_closed(const struct ship *s, size_t lane);

/* End the transfers, send every batch home, end the thread. Returns when the
 * thread has ended; batches wait in `home` then. */
void ship_stop(struct ship *s);

/* After ship_stop, or if never started. NULL is fine. */
void ship_free(struct ship *s);

#endif
