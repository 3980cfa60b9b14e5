/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonout: see jsonout.h. Any thread. Pure.
 *
 * Nearly all text needs no escapes: it is looked at and copied eight bytes at
 * a time. Only where a byte is special is room made for the worst.
 */
#include "jsonout.h"

#include <stdint.h>

#include "utf8.h"

#define ESCAPE_MAX 6 /* \u0000 */

static unsigned char *
escape(unsigned char *to, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char brief[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	*to++ = '\\';
	for (size_t i = 0; i + 1 < sizeof(brief) - 1; i += 2)
		if (brief[i] == (char)c) {
			*to++ = (unsigned char)brief[i + 1];
			return to;
		}
	memcpy(to, "u00", 3);
	to[3] = (unsigned char)hex[c >> 4];
	to[4] = (unsigned char)hex[c & 15];
	return to + 5;
}

/* Write the first character of `*rest`, whatever it is. */
static unsigned char *
write_one(unsigned char *to, struct span *rest)
{
	unsigned char c = rest->at[0];
	size_t len = utf8_length(*rest);

	if (len == 0) {
		memcpy(to, UTF8_REPLACEMENT, 3);
		to += 3;
		len = utf8_bad_length(*rest);
	} else if (len > 1 || (c >= 0x20 && c != '"' && c != '\\')) {
		memcpy(to, rest->at, len);
		to += len;
	} else {
		to = escape(to, c);
	}
	*rest = span_of(rest->at + len, rest->len - len);
	return to;
}

/* Is there a byte of these eight that JSON does not take as it is, or that is
 * not ASCII? */
static inline bool
is_special(uint64_t eight)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quote = eight ^ (ones * '"');
	uint64_t slash = eight ^ (ones * '\\');

	/* A byte below what is taken off it borrows: its top bit comes up. */
	return ((eight | (eight - ones * 0x20) | (quote - ones) |
		    (slash - ones)) &
		   (ones * 0x80)) != 0;
}

/* Copy what needs no escape. */
static unsigned char *
write_plain(unsigned char *to, struct span *rest)
{
	const unsigned char *at = rest->at, *end = at + rest->len;
	uint64_t eight;

	while ((size_t)(end - at) >= sizeof(eight)) {
		memcpy(&eight, at, sizeof(eight));
		if (is_special(eight))
			break;
		memcpy(to, &eight, sizeof(eight));
		at += sizeof(eight);
		to += sizeof(eight);
	}
	while (
	    at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
		*to++ = *at++;
	*rest = span_of(at, (size_t)(end - at));
	return to;
}

bool
jsonout_inside(struct buf *out, struct span text)
{
	struct span rest = text;
	size_t most;
	unsigned char *to;

	/* One byte more than need be: for jsonout_text's last quote. */
	if (!buf_reserve(out, text.len + 1))
		return false;
	if (text.len == 0)
		return true;
	to = write_plain(out->at + out->len, &rest);
	out->len = (size_t)(to - out->at);
	if (rest.len == 0)
		return true;
	if (__builtin_mul_overflow(rest.len, ESCAPE_MAX, &most) ||
	    !buf_reserve(out, most + 1))
		return false;
	to = out->at + out->len;
	while (rest.len > 0) {
		to = write_one(to, &rest);
		to = write_plain(to, &rest);
	}
	out->len = (size_t)(to - out->at);
	return true;
}

bool
jsonout_text(struct buf *out, struct span text)
{
	if (!buf_reserve(out, text.len + 2))
		return false;
	out->at[out->len++] = '"';
	if (!jsonout_inside(out, text))
		return false;
	out->at[out->len++] = '"';
	return true;
}

bool
jsonout_break(struct buf *out, unsigned depth)
{
	if (!buf_reserve(out, 1 + (size_t)depth * 2))
		return false;
	out->at[out->len++] = '\n';
	memset(out->at + out->len, ' ', (size_t)depth * 2);
	out->len += (size_t)depth * 2;
	return true;
}

/* The length of the string that `s` begins with. */
static size_t
string_length(struct span s)
{
	size_t i = 1;

	while (i < s.len && s.at[i] != '"')
		i += s.at[i] == '\\' ? 2 : 1;
	return i + 1 < s.len ? i + 1 : s.len;
}

static struct span
without_blanks(struct span s)
{
	while (s.len > 0 && s.at[0] <= ' ')
		s = span_of(s.at + 1, s.len - 1);
	return s;
}

/* A bracket or a comma or colon of pretty JSON: objects break lines, lists do
 * not. `kinds` has a bit for each depth: an object. */
static bool
pretty_mark(struct buf *out, unsigned char c, unsigned *depth, uint64_t *kinds)
{
	switch (c) {
	case '{':
	case '[':
		*kinds = *kinds << 1 | (c == '{');
		++*depth;
		if (c == '[')
			return buf_add(out, "[ ", 2);
		return buf_add(out, "{", 1) && jsonout_break(out, *depth);
	case '}':
	case ']':
		*kinds >>= 1;
		--*depth;
		if (c == ']')
			return buf_add(out, " ]", 2);
		return jsonout_break(out, *depth) && buf_add(out, "}", 1);
	case ':':
		return buf_add(out, " : ", 3);
	default:
		if ((*kinds & 1) == 0)
			return buf_add(out, ", ", 2);
		return buf_add(out, ",", 1) && jsonout_break(out, *depth);
	}
}

/* An opening bracket and its closing one with nothing between. */
static bool
is_empty_pair(struct span rest)
{
	struct span inside = span_of(rest.at + 1, rest.len - 1);

	inside = without_blanks(inside);
	return (rest.at[0] == '{' || rest.at[0] == '[') && inside.len > 0 &&
	       (inside.at[0] == '}' || inside.at[0] == ']');
}

static size_t
word_length(struct span s)
{
	size_t i = 0;

	while (i < s.len && s.at[i] > ' ' && s.at[i] != ',' && s.at[i] != '}' &&
	       s.at[i] != ']')
		i++;
	return i;
}

bool
jsonout_value(struct buf *out, struct span value, bool pretty, unsigned depth)
{
	struct span rest = without_blanks(value);
	uint64_t kinds = 0;
	bool fits = true;

	while (fits && rest.len > 0) {
		unsigned char c = rest.at[0];
		size_t len = 1;

		if (c == '"') {
			len = string_length(rest);
			fits = buf_add(out, rest.at, len);
		} else if (memchr("{}[]:,", c, 6) == NULL) {
			len = word_length(rest);
			fits = buf_add(out, rest.at, len);
		} else if (!pretty) {
			fits = buf_add(out, &c, 1);
		} else if (is_empty_pair(rest)) {
			fits = buf_add_str(out, c == '{' ? "{ }" : "[ ]");
			rest = span_of(rest.at + 1, rest.len - 1);
			rest = without_blanks(rest);
		} else {
			fits = pretty_mark(out, c, &depth, &kinds);
		}
		rest = without_blanks(span_of(rest.at + len, rest.len - len));
	}
	return fits;
}
