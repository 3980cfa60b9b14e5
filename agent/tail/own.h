/* SPDX-License-Identifier: Apache-2.0
 *
 * own: which files the agent writes itself. Following one would feed it with
 * what it says of following it.
 *
 * Thread: tail.
 */
#ifndef OWN_H
#define OWN_H

#include <stdbool.h>

struct config;
struct who;

/* Is the regular file `path`, which is `who`, the agent's log or a rotation of
 * it, what its standard output or error go to, a dead-letter file, or part of
 * the checkpoint database? */
bool own_is(
    const struct config *config, const char *path, const struct who *who);

#endif
