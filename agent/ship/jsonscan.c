/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonscan: JSON in portions, told to a sink.
 *
 * A state machine over bytes with a fixed size: no allocation, no recursion,
 * and no look at the same byte twice. It is lenient where nothing turns on it
 * (the digits of a number that is not a plain count, bytes inside strings) and
 * strict about structure. An escaped character beyond ASCII is told as '?':
 * only messages for people can hold one.
 */
#include "jsonscan.h"

#include <string.h>

void
jsonscan_begin(struct jsonscan *j, scan_sink *sink, void *owner)
{
	j->sink = sink;
	j->owner = owner;
	j->state = SCAN_MORE;
	j->place = AT_VALUE;
	j->depth = 0;
	j->maps = 0;
	j->len = 0;
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool
is_literal(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

static bool
in_map(const struct jsonscan *j)
{
	return j->depth > 0 && (j->maps >> (j->depth - 1)) & 1;
}

static void
tell(struct jsonscan *j, enum scan_kind kind, uint64_t number)
{
	struct span text = span_of(j->text, j->len);

	if (!j->sink(j->owner, kind, text, number))
		j->state = SCAN_ENOUGH;
}

static void
keep(struct jsonscan *j, const unsigned char *at, size_t len)
{
	size_t room = sizeof(j->text) - j->len;

	if (len > room)
		len = room;
	memcpy(j->text + j->len, at, len);
	j->len += len;
}

/* A value is complete: what may come next? */
static void
after_value(struct jsonscan *j)
{
	j->place = j->depth > 0 ? AT_AFTER : AT_COMPLETE;
}

static void
open_level(struct jsonscan *j, bool map)
{
	if (j->depth == SCAN_DEPTH) {
		j->state = SCAN_BAD;
		return;
	}
	j->maps &= ~(1U << j->depth);
	j->maps |= (uint32_t)map << j->depth;
	j->depth++;
	j->place = map ? AT_FIRST_KEY : AT_FIRST_VALUE;
	tell(j, map ? SCAN_MAP : SCAN_LIST, 0);
}

static void
close_level(struct jsonscan *j, unsigned char c)
{
	if (j->depth == 0 || c != (in_map(j) ? '}' : ']')) {
		j->state = SCAN_BAD;
		return;
	}
	j->depth--;
	after_value(j);
	tell(j, SCAN_END, 0);
}

static void
begin_string(struct jsonscan *j, bool is_key)
{
	j->len = 0;
	j->is_key = is_key;
	j->place = AT_STRING;
}

static void
end_string(struct jsonscan *j)
{
	if (j->is_key) {
		j->place = AT_COLON;
		tell(j, SCAN_KEY, 0);
		return;
	}
	after_value(j);
	tell(j, SCAN_TEXT, 0);
}

static void
begin_value(struct jsonscan *j, unsigned char c)
{
	if (c == '{' || c == '[') {
		open_level(j, c == '{');
	} else if (c == '"') {
		begin_string(j, false);
	} else if (is_literal(c)) {
		j->len = 0;
		keep(j, &c, 1);
		j->place = AT_LITERAL;
	} else {
		j->state = SCAN_BAD;
	}
}

static bool
is_word(const struct jsonscan *j, const char *word)
{
	return span_eq(span_of(j->text, j->len), span_str(word));
}

/* Is the literal a plain count? No answer holds one of 19 digits. */
static bool
is_count(const struct jsonscan *j, uint64_t *number)
{
	if (j->len > 18 || (j->len > 1 && j->text[0] == '0'))
		return false;
	*number = 0;
	for (size_t i = 0; i < j->len; i++) {
		if (j->text[i] < '0' || j->text[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(j->text[i] - '0');
	}
	return true;
}

static void
end_literal(struct jsonscan *j)
{
	uint64_t number;

	after_value(j);
	if (is_count(j, &number)) {
		tell(j, SCAN_NUMBER, number);
	} else if (is_word(j, "null")) {
		tell(j, SCAN_NULL, 0);
	} else if (is_word(j, "true") || is_word(j, "false") ||
		   j->text[0] == '-' ||
		   (j->text[0] >= '0' && j->text[0] <= '9')) {
		tell(j, SCAN_OTHER, 0);
	} else {
		j->state = SCAN_BAD;
	}
}

static void
escape(struct jsonscan *j, unsigned char c)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *found = c != '\0' ? strchr(names, c) : NULL;

	j->place = AT_STRING;
	if (found != NULL) {
		keep(j, (const unsigned char *)&bytes[found - names], 1);
	} else if (c == 'u') {
		j->place = AT_HEX;
		j->digits = 4;
		j->code = 0;
	} else {
		j->state = SCAN_BAD;
	}
}

static void
hex_digit(struct jsonscan *j, unsigned char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	if (found == NULL) {
		j->state = SCAN_BAD;
		return;
	}
	/* '8' and '9' are found in the first row, capitals in the second. */
	j->code = j->code << 4 | (uint32_t)((found - digits) % 16);
	if (--j->digits > 0)
		return;
	unsigned char shown = j->code < 0x80 ? (unsigned char)j->code : '?';

	keep(j, &shown, 1);
	j->place = AT_STRING;
}

/* Everything outside strings and literals: one byte of structure. */
static void
structure(struct jsonscan *j, unsigned char c)
{
	bool first = j->place == AT_FIRST_VALUE || j->place == AT_FIRST_KEY;

	if (is_space(c))
		return;
	if ((first || j->place == AT_AFTER) && (c == ']' || c == '}')) {
		close_level(j, c);
	} else if (j->place == AT_VALUE || j->place == AT_FIRST_VALUE) {
		begin_value(j, c);
	} else if (j->place == AT_COLON && c == ':') {
		j->place = AT_VALUE;
	} else if (j->place == AT_AFTER && c == ',') {
		j->place = in_map(j) ? AT_KEY : AT_VALUE;
	} else if (c == '"' &&
		   (j->place == AT_KEY || j->place == AT_FIRST_KEY)) {
		begin_string(j, true);
	} else {
		j->state = SCAN_BAD;
	}
}

/* Take from the front of a string all bytes that mean themselves. */
static size_t
plain_bytes(struct jsonscan *j, struct span bytes)
{
	const unsigned char *quote = memchr(bytes.at, '"', bytes.len);
	size_t len = quote != NULL ? (size_t)(quote - bytes.at) : bytes.len;
	const unsigned char *slash = memchr(bytes.at, '\\', len);

	if (slash != NULL)
		len = (size_t)(slash - bytes.at);
	keep(j, bytes.at, len);
	return len;
}

/* Read at least one byte, and answer how many were read. */
static size_t
step(struct jsonscan *j, struct span bytes)
{
	unsigned char c = bytes.at[0];
	size_t plain;

	switch (j->place) {
	case AT_STRING:
		plain = plain_bytes(j, bytes);
		if (plain > 0)
			return plain;
		if (c == '"')
			end_string(j);
		else
			j->place = AT_ESCAPE;
		return 1;
	case AT_ESCAPE:
		escape(j, c);
		return 1;
	case AT_HEX:
		hex_digit(j, c);
		return 1;
	case AT_LITERAL:
		if (is_literal(c)) {
			keep(j, &c, 1);
			return 1;
		}
		end_literal(j);
		if (j->state == SCAN_MORE)
			structure(j, c);
		return 1;
	case AT_VALUE:
	case AT_FIRST_VALUE:
	case AT_KEY:
	case AT_FIRST_KEY:
	case AT_COLON:
	case AT_AFTER:
	case AT_COMPLETE:
		structure(j, c);
		return 1;
	}
	return 1; /* every place has returned */
}

enum scan_state
jsonscan_feed(struct jsonscan *j, struct span bytes)
{
	while (bytes.len > 0 && j->state == SCAN_MORE) {
		size_t read = step(j, bytes);

		bytes.at += read;
		bytes.len -= read;
	}
	if (j->state == SCAN_MORE && j->place == AT_COMPLETE)
		return SCAN_DONE;
	return j->state;
}
