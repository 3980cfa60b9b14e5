/* SPDX-License-Identifier: Apache-2.0
 *
 * predecessor: the Java Amazon Kinesis Agent, where we take its place.
 */
#ifndef PREDECESSOR_H
#define PREDECESSOR_H

#include <stdbool.h>
#include <sys/types.h>

/* Its configuration, which is ours where there is none of our own. */
#define PREDECESSOR_CONFIG "/etc/aws-kinesis/agent.json"

/* The process id of one that runs; 0: none that we can see. Never logs. */
pid_t predecessor_find(void);

/* Is none running? Otherwise logged, with the cure: both would ship the same
 * lines. */
bool predecessor_is_gone(void);

#endif
