/* SPDX-License-Identifier: Apache-2.0
 *
 * mem: small allocations that do not fail. See mem.h.
 *
 * Any thread. Without memory it leaves with _exit: handlers and buffers of a
 * process that may be anywhere are not to be trusted with the rest.
 */
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static void *
had(void *at, size_t count, size_t size)
{
	if (at != NULL)
		return at;
	log_error("out of memory: %zu times %zu bytes; restart continues at "
		  "the last delivered byte",
	    count, size);
	_exit(EXIT_FAILURE);
}

void *
mem_new(size_t size)
{
	return mem_new_array(1, size);
}

void *
mem_new_array(size_t count, size_t size)
{
	return had(calloc(count, size), count, size);
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	/* realloc to nothing would free and answer NULL. */
	if (count == 0 || size == 0)
		count = size = 1;
	return had(reallocarray(old, count, size), count, size);
}

char *
mem_dup(const char *text)
{
	return mem_dup_span(text, strlen(text));
}

char *
mem_dup_span(const void *at, size_t len)
{
	size_t size;
	char *copy;

	if (__builtin_add_overflow(len, 1, &size))
		had(NULL, 1, len);
	copy = had(malloc(size), 1, size);
	if (len > 0)
		memcpy(copy, at, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_format(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return had(len < 0 ? NULL : text, 1, strlen(format));
}
