/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: owned bytes that grow up to a ceiling.
 *
 * Invariants: len <= room <= max; at is NULL only while room is 0. A buf
 * never shrinks by itself; buf_clear keeps the memory for the next use.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct buf {
	unsigned char *at; /* owned */
	size_t len;        /* bytes in use */
	size_t room;       /* bytes allocated */
	size_t max;        /* bytes it may ever hold */
};

/* An empty buf that may grow to `max` bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t max);

/* Free what `b` holds; it is as after buf_init then. */
void buf_fini(struct buf *b);

/* Is there room for `more` bytes behind the present ones, if need be after
 * growing? On false (the ceiling) `b` is unchanged. */
bool buf_reserve(struct buf *b, size_t more);

/* Append; false: it would pass the ceiling, and `b` is unchanged. */
bool buf_add(struct buf *b, const void *at, size_t len);
bool buf_add_span(struct buf *b, struct span s);
bool buf_add_str(struct buf *b, const char *text);
bool buf_addf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes as text with a NUL behind them (which is not counted in len);
 * "" for an empty buf. Borrowed until the next change of `b`. */
const char *buf_text(struct buf *b);

static inline void
buf_clear(struct buf *b)
{
	b->len = 0;
}

static inline struct span
buf_span(const struct buf *b)
{
	return span_of(b->at, b->len);
}

#endif
