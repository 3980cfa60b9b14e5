/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: owned bytes that grow up to a ceiling. See buf.h.
 *
 * The allocation is one byte longer than `room`, so that a full buf can still
 * be read as text. Room doubles, so that appending costs constant time a byte.
 *
 * Thread: that of the buf's owner. Refuses to pass `max`; never logs.
 */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

#define FIRST_ROOM 63

void
buf_init(struct buf *b, size_t max)
{
	assert(max < SIZE_MAX); /* the byte for the NUL */
	*b = (struct buf){ .max = max };
}

void
buf_fini(struct buf *b)
{
	free(b->at);
	buf_init(b, b->max);
}

bool
buf_reserve(struct buf *b, size_t more)
{
	size_t need;
	size_t room;

	assert(b->len <= b->room && b->room <= b->max);
	if (__builtin_add_overflow(b->len, more, &need) || need > b->max)
		return false;
	if (need <= b->room)
		return true;

	if (__builtin_mul_overflow(b->room, 2, &room) || room >= b->max)
		room = b->max;
	else
		room++;
	if (room < FIRST_ROOM)
		room = FIRST_ROOM < b->max ? FIRST_ROOM : b->max;
	if (room < need)
		room = need;
	b->at = mem_resize(b->at, room + 1, 1);
	b->room = room;
	return true;
}

bool
buf_add(struct buf *b, const void *at, size_t len)
{
	if (!buf_reserve(b, len))
		return false;
	if (len > 0)
		memcpy(b->at + b->len, at, len);
	b->len += len;
	return true;
}

bool
buf_add_span(struct buf *b, struct span s)
{
	return buf_add(b, s.at, s.len);
}

bool
buf_add_str(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

/* How many bytes the text has; those that fit the present room are there
 * already, behind len. Negative: `format` cannot be printed. */
static int __attribute__((format(printf, 2, 0)))
print_behind(struct buf *b, const char *format, va_list args)
{
	if (b->at == NULL)
		return vsnprintf(NULL, 0, format, args);
	return vsnprintf(
	    (char *)b->at + b->len, b->room - b->len + 1, format, args);
}

bool
buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	int printed;
	size_t len;

	va_start(args, format);
	printed = print_behind(b, format, args);
	va_end(args);
	if (printed < 0)
		return false;

	len = (size_t)printed;
	if (len > b->room - b->len) {
		if (!buf_reserve(b, len))
			return false;
		va_start(args, format);
		(void)print_behind(b, format, args);
		va_end(args);
	}
	b->len += len;
	return true;
}

const char *
buf_text(struct buf *b)
{
	if (b->at == NULL)
		return "";
	b->at[b->len] = '\0';
	return (const char *)b->at;
}
