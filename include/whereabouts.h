/* SPDX-License-Identifier: Apache-2.0
 *
 * whereabouts: the region this machine is in, where nobody wrote it down.
 */
#ifndef WHEREABOUTS_H
#define WHEREABOUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

#define WHEREABOUTS_REGION 64

/* Ask the AWS profile, then the instance's metadata, which may take seconds
 * while an instance starts. False: neither tells, and `why` (of `size` bytes)
 * says the reason. Before any thread starts. */
bool whereabouts_find(const struct config *config,
    char region[static WHEREABOUTS_REGION], char *why, size_t size);

#endif
