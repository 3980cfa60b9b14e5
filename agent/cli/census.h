/* SPDX-License-Identifier: Apache-2.0
 *
 * census: what `check` finds of the files that flows would follow now: may
 * they be read, may their directories be looked into, are there more than
 * this process may hold, and does whoever rotates them do harm?
 */
#ifndef CENSUS_H
#define CENSUS_H

struct config;
struct findings;

/* `rotations`: logrotate's configuration; NULL: where it usually is. */
void census_check(
    struct findings *f, const struct config *config, const char *rotations);

#endif
