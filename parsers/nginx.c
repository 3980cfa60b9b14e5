/* SPDX-License-Identifier: Apache-2.0
 *
 * nginx: see nginx.h. Any thread. Pure.
 *
 * The message is free text and may hold anything a client sent, also what
 * looks like the parts behind it. They begin where all that follows is such
 * parts, in nginx's order, each at most once.
 */
#include "nginx.h"

#include "cursor.h"

#define MESSAGE    5
#define FIRST_PART 6
#define PARTS      7
#define CANDIDATES 16 /* places tried: an attacker may offer many */

static const char *const parts[PARTS] = { ", client: ", ", server: ",
	", request: ", ", subrequest: ", ", upstream: ", ", host: ",
	", referrer: " };

/* Where, from `from` on, a part at or behind the `first` begins; NULL: none.
 * `*which` says which. A part with quotes must have one just behind. */
static const unsigned char *
next_part(const unsigned char *from, const unsigned char *end, size_t first,
    size_t *which)
{
	const unsigned char *at = from;

	while ((at = memchr(at, ',', (size_t)(end - at))) != NULL) {
		for (size_t i = first; i < PARTS; i++) {
			struct cursor c = { at, end };

			if (!cursor_word(&c, parts[i]))
				continue;
			if (i >= 2 && !cursor_is(&c, '"'))
				continue;
			*which = i;
			return at;
		}
		at++;
	}
	return NULL;
}

/* The value of a part, which is all between it and the next. */
static bool
take_value(struct span text, bool quoted, struct span *out)
{
	*out = text;
	if (!quoted)
		return memchr(text.at, '"', text.len) == NULL;
	if (text.len < 2 || text.at[text.len - 1] != '"')
		return false;
	*out = span_of(text.at + 1, text.len - 2);
	return true;
}

/* Take the parts from `at` to the end, the first being `which`. */
static bool
take_parts(const unsigned char *at, const unsigned char *end, size_t which,
    struct span *values)
{
	for (size_t i = 0; i < PARTS; i++)
		values[i] = span_of(NULL, 0);
	while (at != NULL) {
		const unsigned char *value = at + strlen(parts[which]);
		size_t following = PARTS;
		const unsigned char *next =
		    next_part(value, end, which + 1, &following);
		const unsigned char *to = next != NULL ? next : end;

		if (!take_value(span_of(value, (size_t)(to - value)),
			which >= 2, &values[which]))
			return false;
		which = following;
		at = next;
	}
	return true;
}

static void
take_message(struct cursor *c, struct span *values)
{
	const unsigned char *at = c->at;
	size_t which = 0;

	for (int i = 0; i < CANDIDATES; i++) {
		at = next_part(at, c->end, 0, &which);
		if (at == NULL)
			break;
		if (take_parts(at, c->end, which, &values[FIRST_PART])) {
			values[MESSAGE] = span_of(c->at, (size_t)(at - c->at));
			return;
		}
		at++;
	}
	for (size_t i = 0; i < PARTS; i++)
		values[FIRST_PART + i] = span_of(NULL, 0);
	values[MESSAGE] = cursor_rest(c);
}

enum format_answer
nginx_error_line(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line), star;

	if (!cursor_shape(&c, "0000/00/00 00:00:00"))
		return FORMAT_IS_NOT;
	values[0] = span_of(line.at, (size_t)(c.at - line.at));
	if (!cursor_word(&c, " [") || !cursor_until(&c, ']', &values[1]) ||
	    values[1].len == 0 || !cursor_pass(&c, ' ') ||
	    !cursor_digits(&c, &values[2]) || !cursor_pass(&c, '#') ||
	    !cursor_digits(&c, &values[3]) || !cursor_word(&c, ": "))
		return FORMAT_IS_NOT;
	star = c;
	if (cursor_pass(&star, '*') && cursor_digits(&star, &values[4]) &&
	    cursor_pass(&star, ' '))
		c = star;
	else
		values[4] = span_of(NULL, 0);
	take_message(&c, values);
	return FORMAT_IS;
}
