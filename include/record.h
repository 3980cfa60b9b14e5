/* SPDX-License-Identifier: Apache-2.0
 *
 * record: what leaves the parsers: the bytes to send, and what was captured
 * from them by name (which partition keys are made of).
 *
 * Whoever makes a record says how long its bytes stay; who is handed one
 * copies what it keeps.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>

#include "span.h"

struct field {
	struct span name;  /* as the operator calls it */
	struct span value; /* as it was read: neither quoted nor escaped */
};

struct record {
	struct span data;           /* borrowed, like all below */
	const struct field *fields; /* the first of its name counts */
	size_t field_count;         /* 0: nothing was captured */
};

/* A record of nothing but `data`. */
static inline struct record
record_of(struct span data)
{
	return (struct record){ .data = data };
}

/* The field of `r` called `name`, or NULL. */
static inline const struct field *
record_field(const struct record *r, struct span name)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (span_eq(r->fields[i].name, name))
			return &r->fields[i];
	return NULL;
}

#endif
