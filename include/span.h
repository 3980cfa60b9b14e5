/* SPDX-License-Identifier: Apache-2.0
 *
 * span: bytes that belong to somebody else.
 *
 * A span never owns and never ends with a NUL by promise. Whoever hands one
 * out says in its contract how long the bytes stay where they are.
 */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const unsigned char *at; /* borrowed; may be NULL when len is 0 */
	size_t len;              /* bytes */
};

static inline struct span
span_of(const void *at, size_t len)
{
	return (struct span){ at, len };
}

static inline struct span
span_str(const char *text)
{
	return (struct span){ (const unsigned char *)text, strlen(text) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

#endif
