/* SPDX-License-Identifier: Apache-2.0
 *
 * host: what records may be told of the instance that they are read on.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "parser.h"
#include "whereabouts.h"

struct config;
struct flow_config;

struct host {
	struct whereabouts_instance instance;
	char stamp[40];
	struct parser_host facts; /* of the above */
};

/* Where one of `flows` has an option that wants it, ask the instance, once,
 * which may take seconds. The facts, read-only from here on, live as long as
 * `h`. NULL: nobody wants them, or there are none, which is logged. Before any
 * thread starts. */
const struct parser_host *host_find(struct host *h, const struct config *config,
    const struct flow_config *flows, size_t count);

/* Has `flow` an option that needs it? */
bool host_is_wanted(const struct flow_config *flow);

#endif
