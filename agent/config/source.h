/* SPDX-License-Identifier: Apache-2.0
 *
 * source: the configuration file's bytes.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "buf.h"

struct report;

#define SOURCE_MAX (1024 * 1024)

/* Read the whole of `path` into `out` (initialised, empty). -1: it is not
 * there, not readable, not a regular file, empty or larger than 1 MiB;
 * reported. Never waits, whatever `path` is. */
int source_read(const char *path, struct buf *out, struct report *r);

#endif
