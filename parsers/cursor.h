/* SPDX-License-Identifier: Apache-2.0
 *
 * cursor: a line being read from left to right. Every taker answers false, and
 * leaves the cursor anywhere, where what it wants is not there.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "span.h"

struct cursor {
	const unsigned char *at, *end;
};

static inline struct cursor
cursor_of(struct span s)
{
	return (struct cursor){ s.at, s.at + s.len };
}

static inline size_t
cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static inline struct span
cursor_rest(const struct cursor *c)
{
	return span_of(c->at, cursor_left(c));
}

static inline bool
cursor_is(const struct cursor *c, unsigned char wanted)
{
	return c->at < c->end && *c->at == wanted;
}

/* Pass over `wanted`. */
static inline bool
cursor_pass(struct cursor *c, unsigned char wanted)
{
	if (!cursor_is(c, wanted))
		return false;
	c->at++;
	return true;
}

/* Pass over the text `wanted`. */
static inline bool
cursor_word(struct cursor *c, const char *wanted)
{
	size_t len = strlen(wanted);

	if (cursor_left(c) < len || memcmp(c->at, wanted, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* Take what stands before the next `stop`, and pass over that. */
static inline bool
cursor_until(struct cursor *c, unsigned char stop, struct span *out)
{
	const unsigned char *at = memchr(c->at, stop, cursor_left(c));

	if (at == NULL)
		return false;
	*out = span_of(c->at, (size_t)(at - c->at));
	c->at = at + 1;
	return true;
}

/* Take digits, at least one. */
static inline bool
cursor_digits(struct cursor *c, struct span *out)
{
	const unsigned char *at = c->at;

	while (at < c->end && *at >= '0' && *at <= '9')
		at++;
	*out = span_of(c->at, (size_t)(at - c->at));
	c->at = at;
	return out->len > 0;
}

/* Behind an opening quote: take what stands before the closing one, and pass
 * over that. A quote behind a backslash does not close, if nothing takes that
 * one's meaning away. */
static inline bool
cursor_quoted(struct cursor *c, struct span *out)
{
	const unsigned char *from = c->at, *at = from, *slash;

	for (;; at++) {
		at = memchr(at, '"', (size_t)(c->end - at));
		if (at == NULL)
			return false;
		slash = at;
		while (slash > from && slash[-1] == '\\')
			slash--;
		if ((at - slash) % 2 == 0)
			break;
	}
	*out = span_of(from, (size_t)(at - from));
	c->at = at + 1;
	return true;
}

/* Pass over what looks like `shape`: 0 is a digit, A a letter, _ a digit or a
 * blank, everything else itself. */
static inline bool
cursor_shape(struct cursor *c, const char *shape)
{
	size_t len = strlen(shape);

	if (cursor_left(c) < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char is = c->at[i], letter = is | 0x20;
		bool digit = is >= '0' && is <= '9', fits;

		if (shape[i] == '0')
			fits = digit;
		else if (shape[i] == '_')
			fits = digit || is == ' ';
		else if (shape[i] == 'A')
			fits = letter >= 'a' && letter <= 'z';
		else
			fits = is == (unsigned char)shape[i];
		if (!fits)
			return false;
	}
	c->at += len;
	return true;
}

#endif
