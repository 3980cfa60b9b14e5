/* SPDX-License-Identifier: Apache-2.0
 *
 * progress: the Java agent's progress lines.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

#include "config.h"
#include "stats.h"

/* Say them, of the agent and of each flow of `config`, which runs since
 * `uptime_ms`. `stats` has config->flow_count entries. */
void progress_say(const struct config *config, const struct flow_stats *stats,
    int64_t uptime_ms);

#endif
