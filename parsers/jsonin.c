/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonin: see jsonin.h. Any thread. Pure.
 */
#include "jsonin.h"

#include <stdint.h>

#include "utf8.h"

static struct span
behind(struct span s, size_t len)
{
	return span_of(s.at + len, s.len - len);
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span
without_blanks(struct span s)
{
	while (s.len > 0 && is_blank(s.at[0]))
		s = behind(s, 1);
	return s;
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of the escape that `s` begins with; 0: it is none. */
static size_t
escape_length(struct span s)
{
	if (s.len < 2)
		return 0;
	if (s.at[1] != 'u')
		return memchr("\"\\/bfnrt", s.at[1], 8) != NULL ? 2 : 0;
	if (s.len < 6)
		return 0;
	for (size_t i = 2; i < 6; i++)
		if (hex_digit(s.at[i]) < 0)
			return 0;
	return 6;
}

/* The length of the string that `s` begins with, quotes included; 0: none. */
static size_t
string_length(struct span s)
{
	size_t i = 1;

	if (s.len == 0 || s.at[0] != '"')
		return 0;
	while (i < s.len) {
		unsigned char c = s.at[i];
		size_t len = 1;

		if (c == '"')
			return i + 1;
		if (c == '\\')
			len = escape_length(behind(s, i));
		if (c < 0x20 || len == 0)
			return 0;
		i += len;
	}
	return 0;
}

static size_t
digits(struct span s, size_t from)
{
	size_t i = from;

	while (i < s.len && s.at[i] >= '0' && s.at[i] <= '9')
		i++;
	return i - from;
}

/* The length of the number that `s` begins with; 0: none. */
static size_t
number_length(struct span s)
{
	size_t i = s.len > 0 && s.at[0] == '-', n = digits(s, i);

	if (n == 0 || (n > 1 && s.at[i] == '0'))
		return 0;
	i += n;
	if (i < s.len && s.at[i] == '.') {
		n = digits(s, i + 1);
		if (n == 0)
			return 0;
		i += 1 + n;
	}
	if (i < s.len && (s.at[i] | 0x20) == 'e') {
		i++;
		if (i < s.len && (s.at[i] == '+' || s.at[i] == '-'))
			i++;
		n = digits(s, i);
		if (n == 0)
			return 0;
		i += n;
	}
	return i;
}

bool
jsonin_is_number(struct span text)
{
	return text.len > 0 && number_length(text) == text.len;
}

/* The length of the string, number or word that `s` begins with; 0: none. */
static size_t
scalar_length(struct span s)
{
	static const char *const words[] = { "true", "false", "null" };

	if (s.len == 0)
		return 0;
	if (s.at[0] == '"')
		return string_length(s);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if (s.len >= len && memcmp(s.at, words[i], len) == 0)
			return len;
	}
	return number_length(s);
}

/* Inside lists and objects: what may come next? */
enum expected {
	A_VALUE,
	A_VALUE_OR_END, /* just behind [ */
	A_KEY,
	A_KEY_OR_END, /* just behind { */
	A_COMMA_OR_END
};

struct nest {
	uint64_t objects; /* a bit for each depth */
	unsigned depth;
	enum expected next;
};

static bool
enter(struct nest *n, bool object)
{
	if (n->depth == JSONIN_DEPTH)
		return false;
	n->objects = n->objects << 1 | object;
	n->depth++;
	n->next = object ? A_KEY_OR_END : A_VALUE_OR_END;
	return true;
}

static bool
leave(struct nest *n, bool object)
{
	bool may = n->next == A_COMMA_OR_END ||
		   n->next == (object ? A_KEY_OR_END : A_VALUE_OR_END);

	if (n->depth == 0 || (n->objects & 1) != object || !may)
		return false;
	n->objects >>= 1;
	n->depth--;
	n->next = A_COMMA_OR_END;
	return true;
}

/* Take a key and its colon. Answers their length; 0: they are not there. */
static size_t
take_key(struct nest *n, struct span s)
{
	size_t len = string_length(s);
	struct span rest;

	if (len == 0)
		return 0;
	rest = without_blanks(behind(s, len));
	if (rest.len == 0 || rest.at[0] != ':')
		return 0;
	n->next = A_VALUE;
	return (size_t)(rest.at - s.at) + 1;
}

/* Take the next piece of what is inside brackets. 0: it is not JSON. */
static size_t
take_piece(struct nest *n, struct span s)
{
	unsigned char c = s.at[0];
	size_t len;

	if (c == '}' || c == ']')
		return leave(n, c == '}') ? 1 : 0;
	if (n->next == A_COMMA_OR_END) {
		n->next = (n->objects & 1) != 0 ? A_KEY : A_VALUE;
		return c == ',' ? 1 : 0;
	}
	if (n->next == A_KEY || n->next == A_KEY_OR_END)
		return take_key(n, s);
	if (c == '{' || c == '[')
		return enter(n, c == '{') ? 1 : 0;
	len = scalar_length(s);
	n->next = A_COMMA_OR_END;
	return len;
}

/* The length of the value that `s` begins with; 0: it is none. */
static size_t
value_length(struct span s)
{
	struct nest n = { .next = A_VALUE };
	struct span rest = s;

	do {
		size_t len = rest.len > 0 ? take_piece(&n, rest) : 0;

		if (len == 0)
			return 0;
		rest = behind(rest, len);
		if (n.depth > 0)
			rest = without_blanks(rest);
	} while (n.depth > 0);
	return s.len - rest.len;
}

bool
jsonin_open(struct jsonin *walk, struct span text, unsigned char open)
{
	text = without_blanks(text);
	*walk = (struct jsonin){ .close = open == '{' ? '}' : ']' };
	if (text.len == 0 || text.at[0] != open)
		return false;
	walk->rest = without_blanks(behind(text, 1));
	return true;
}

static bool
fail(struct jsonin *walk)
{
	walk->failed = true;
	return false;
}

/* At the closing bracket: nothing may follow it. */
static bool
finish(struct jsonin *walk)
{
	walk->done = without_blanks(behind(walk->rest, 1)).len == 0;
	walk->failed = !walk->done;
	return false;
}

bool
jsonin_next(struct jsonin *walk, struct span *key, struct span *value)
{
	struct nest n = { .next = A_KEY };
	struct span s = walk->rest;
	size_t len;

	if (walk->done || walk->failed)
		return false;
	if (s.len > 0 && s.at[0] == walk->close)
		return finish(walk);
	if (walk->begun) {
		if (s.len == 0 || s.at[0] != ',')
			return fail(walk);
		s = without_blanks(behind(s, 1));
	}
	walk->begun = true;
	if (walk->close == '}') {
		len = take_key(&n, s);
		if (len == 0)
			return fail(walk);
		*key = span_of(s.at, string_length(s));
		s = without_blanks(behind(s, len));
	}
	len = value_length(s);
	if (len == 0)
		return fail(walk);
	*value = span_of(s.at, len);
	walk->rest = without_blanks(behind(s, len));
	return true;
}

/* The four digits behind \u. */
static uint32_t
code_unit(const unsigned char *at)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++)
		unit = unit << 4 | (uint32_t)hex_digit(at[i]);
	return unit;
}

/* The character of the \u escape that `s` begins with; `*len` bytes are its,
 * twelve where it takes two. */
static uint32_t
code_point(struct span s, size_t *len)
{
	uint32_t high = code_unit(s.at + 2), low;

	*len = 6;
	if (high < 0xD800 || high > 0xDBFF || s.len < 12 || s.at[6] != '\\' ||
	    s.at[7] != 'u')
		return high;
	low = code_unit(s.at + 8);
	if (low < 0xDC00 || low > 0xDFFF)
		return high;
	*len = 12;
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

size_t
jsonin_unescape(struct span string, unsigned char *to)
{
	static const char brief[] = "b\bf\fn\nr\rt\t";
	struct span s = span_of(string.at + 1, string.len - 2);
	unsigned char *from = to;

	while (s.len > 0) {
		size_t len = 1;

		if (s.at[0] != '\\') {
			*to++ = s.at[0];
		} else if (s.at[1] == 'u') {
			to += utf8_encode(code_point(s, &len), to);
		} else {
			const char *b = memchr(brief, s.at[1], 10);

			len = 2;
			*to++ = b != NULL ? (unsigned char)b[1] : s.at[1];
		}
		s = behind(s, len);
	}
	return (size_t)(to - from);
}
