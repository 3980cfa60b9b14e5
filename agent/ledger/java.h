/* SPDX-License-Identifier: Apache-2.0
 *
 * java: what stands in the Java agent's checkpoint database.
 */
#ifndef JAVA_H
#define JAVA_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

/* How to go on without an import, for the end of a message. */
#define JAVA_WITHOUT "move it away and every flow starts at its initialPosition"

/* One row, borrowed. `fault` is NULL, or what is wrong with it; then only the
 * texts count, and those may be NULL too. */
struct java_row {
	const char *flow, *path;
	struct identity id; /* bare */
	int64_t modified_ms;
	uint64_t size, offset;
	const char *fault;
};

enum java_result {
	JAVA_READ,
	JAVA_EMPTY, /* a database in which nothing was ever made */
	JAVA_FAILED /* logged */
};

/* Does the file `path` look like the Java agent's database? Only read. */
bool java_looks_like(const char *path);

/* Every row of the database `copy`, which may be written, to `each`: what was
 * noted last comes first. It is called `name` in messages. */
enum java_result java_read(const char *copy, const char *name,
    void (*each)(void *owner, const struct java_row *row), void *owner);

#endif
