/* SPDX-License-Identifier: Apache-2.0
 *
 * reload: a new configuration while everything runs.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

struct config;
struct reload;
struct ship;
struct tail;

/* The rooms that it changes; all borrowed. */
struct reload_rooms {
	struct config *config; /* with room: config_make_room */
	struct flow_stats *stats;
	struct ship *ship;
	struct tail *tail;
	const char *region; /* what was found at the start; "": not asked */
	bool host_known;    /* ADDEC2METADATA has what it needs */
};

struct reload *reload_new(const struct reload_rooms *rooms);

/* After the ship and the tail are gone: frees what they borrowed. NULL is
 * fine. */
void reload_free(struct reload *r);

/* Read the configuration's file again and adopt what it says, all of it or
 * nothing. False: it is not good, or needs a restart, as was said; what was in
 * force is. */
bool reload_now(struct reload *r);

/* The tail's doors: see tail.h. */
void reload_left_lane(void *owner, size_t lane);
void reload_left_slot(void *owner, size_t slot);

#endif
