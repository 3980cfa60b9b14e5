/* SPDX-License-Identifier: Apache-2.0
 *
 * who: ask the kernel which file this is (see identity.h in the treaties).
 */
#ifndef WHO_H
#define WHO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "identity.h"

/* What one look at a file says. */
struct who {
	struct identity id;
	uint64_t size;
	int64_t written_ms; /* last modification, wall clock */
	mode_t mode;        /* of the target, where it is a link */
	uint32_t links;     /* 0: deleted, alive only by its descriptors */
};

/* Who is `path`, links followed? -1: errno says why; not logged. */
int who_is(const char *path, struct who *who);

/* Who is the entry `name` of the open directory `dir`, links followed, as far
 * as one cheap call can tell: without a handle. -1: errno says why, also
 * ENOTSUP where it can tell too little; not logged. */
int who_glance(int dir, const char *name, struct who *who);

/* Who is behind `fd`? -1: errno says why; not logged. */
int who_is_open(int fd, struct who *who);

/* The same file, as far as the kernel can tell. Where both have a handle the
 * device does not count: it may change over a reboot. */
bool who_same(const struct identity *a, const struct identity *b);

/* Open for reading, by handle, the file `id` on the file system that `near`
 * (a directory's path; the nearest one above it that is
 * there) is on. -1: not allowed, or it is gone (ESTALE); errno
 * says which; not logged. */
int who_open(const struct identity *id, const char *near);

#endif
