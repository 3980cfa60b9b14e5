/* SPDX-License-Identifier: Apache-2.0
 *
 * reach: what `check` finds beyond this machine: endpoints, credentials, and
 * the time.
 */
#ifndef REACH_H
#define REACH_H

#include <stdbool.h>

struct config;
struct findings;

/* A region that nobody wrote down is found and put into `config`. With
 * `offline` only what this machine tells by itself. */
void reach_check(struct findings *f, struct config *config, bool offline);

#endif
