/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes: see bytes.h. Doubles, so that growing costs nothing in the long run;
 * a reused buffer stops allocating after its largest request.
 *
 * Thread: whoever owns it.
 */
#include "bytes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
bytes_init(struct bytes *b, size_t ceiling)
{
	*b = (struct bytes){ .ceiling = ceiling };
}

void
bytes_fini(struct bytes *b)
{
	free(b->at);
	*b = (struct bytes){ 0 };
}

void
bytes_clear(struct bytes *b)
{
	b->length = 0;
	b->overflowed = false;
}

static bool
grow(struct bytes *b, size_t needed)
{
	size_t capacity = b->capacity < 2048 ? 4096 : b->capacity * 2;
	uint8_t *at;

	if (capacity < needed)
		capacity = needed;
	if (capacity > b->ceiling)
		capacity = b->ceiling;
	at = realloc(b->at, capacity);
	if (at == NULL)
		return false;
	b->at = at;
	b->capacity = capacity;
	return true;
}

bool
bytes_reserve(struct bytes *b, size_t more)
{
	size_t needed;

	if (__builtin_add_overflow(b->length, more, &needed) ||
	    needed > b->ceiling)
		return false;
	return needed <= b->capacity || grow(b, needed);
}

void
bytes_put(struct bytes *b, const void *from, size_t length)
{
	if (length == 0)
		return;
	if (!bytes_reserve(b, length)) {
		b->overflowed = true;
		return;
	}
	memcpy(b->at + b->length, from, length);
	b->length += length;
}

void
bytes_text(struct bytes *b, const char *text)
{
	bytes_put(b, text, strlen(text));
}

void
bytes_span(struct bytes *b, struct span s)
{
	bytes_put(b, s.at, s.length);
}

void
bytes_format(struct bytes *b, const char *format, ...)
{
	char text[1024];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	assert(length >= 0);
	if ((size_t)length >= sizeof(text)) {
		length = (int)sizeof(text) - 1;
		b->overflowed = true;
	}
	bytes_put(b, text, (size_t)length);
}
