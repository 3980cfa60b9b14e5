/* SPDX-License-Identifier: Apache-2.0
 *
 * whereabouts: the region this machine is in, where nobody wrote it down, and
 * which instance it is.
 */
#ifndef WHEREABOUTS_H
#define WHEREABOUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

#define WHEREABOUTS_REGION 64
#define WHEREABOUTS_FACT   64

/* What an EC2 instance is; "" where its metadata does not say. */
struct whereabouts_instance {
	char private_ip[WHEREABOUTS_FACT];
	char zone[WHEREABOUTS_FACT];
	char id[WHEREABOUTS_FACT];
	char type[WHEREABOUTS_FACT];
	char account[WHEREABOUTS_FACT];
	char image[WHEREABOUTS_FACT];
	char region[WHEREABOUTS_FACT];
};

/* Ask the AWS profile, then the instance's metadata, which may take seconds
 * while an instance starts. False: neither tells, and `why` (of `size` bytes)
 * says the reason. Before any thread starts. */
bool whereabouts_find(const struct config *config,
    char region[static WHEREABOUTS_REGION], char *why, size_t size);

/* Ask the instance's metadata once, for seconds at most. False: this is none,
 * or it does not tell; `why` (of `size` bytes) says the reason. Before any
 * thread starts. */
bool whereabouts_identify(const struct config *config,
    struct whereabouts_instance *instance, char *why, size_t size);

#endif
