/* SPDX-License-Identifier: Apache-2.0
 *
 * json: see json.h. Strict on purpose: what a client gets past this reader,
 * AWS takes too. Nothing allocates, nesting is bounded.
 *
 * Thread: whoever owns the body.
 */
#include "json.h"

#include <string.h>

static void
skip_space(struct json *j)
{
	while (j->at < j->end && (*j->at == ' ' || *j->at == '\n' ||
				     *j->at == '\t' || *j->at == '\r'))
		j->at++;
}

uint8_t
json_peek(struct json *j)
{
	skip_space(j);
	return j->at < j->end ? *j->at : 0;
}

static bool
take(struct json *j, uint8_t byte)
{
	if (json_peek(j) != byte || j->at >= j->end)
		return false;
	j->at++;
	return true;
}

static bool
take_word(struct json *j, const char *word)
{
	size_t length = strlen(word);

	skip_space(j);
	if ((size_t)(j->end - j->at) < length ||
	    memcmp(j->at, word, length) != 0)
		return false;
	j->at += length;
	return true;
}

bool
json_null(struct json *j)
{
	return take_word(j, "null");
}

bool
json_enter(struct json *j, uint8_t open, struct json_items *items)
{
	*items = (struct json_items){ .close = open == '{' ? '}' : ']' };
	return take(j, open);
}

bool
json_more(struct json *j, struct json_items *items)
{
	if (take(j, items->close))
		return false;
	if (items->begun && !take(j, ',')) {
		items->broken = true;
		return false;
	}
	items->begun = true;
	return true;
}

bool
json_name(struct json *j, struct span *out)
{
	return json_string(j, out) && take(j, ':');
}

static bool
hex4(struct json *j, uint32_t *out)
{
	*out = 0;
	if (j->end - j->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		uint8_t c = *j->at++;
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = c - (uint32_t)'0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20u) - 'a' + 10;
		else
			return false;
		*out = *out << 4 | digit;
	}
	return true;
}

static uint8_t *
put_utf8(uint8_t *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (uint8_t)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (uint8_t)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		*to++ = (uint8_t)(0xe0 | code >> 12);
		*to++ = (uint8_t)(0x80 | (code >> 6 & 63));
	} else {
		*to++ = (uint8_t)(0xf0 | code >> 18);
		*to++ = (uint8_t)(0x80 | (code >> 12 & 63));
		*to++ = (uint8_t)(0x80 | (code >> 6 & 63));
	}
	*to++ = (uint8_t)(0x80 | (code & 63));
	return to;
}

/* `\uXXXX`, with its second half where it is a surrogate. */
static bool
unescape_unicode(struct json *j, uint8_t **to)
{
	uint32_t code, low;

	if (!hex4(j, &code) || (code >= 0xdc00 && code < 0xe000))
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		if (j->end - j->at < 2 || j->at[0] != '\\' || j->at[1] != 'u')
			return false;
		j->at += 2;
		if (!hex4(j, &low) || low < 0xdc00 || low >= 0xe000)
			return false;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	*to = put_utf8(*to, code);
	return true;
}

static bool
unescape(struct json *j, uint8_t **to)
{
	static const char from[] = "\"\\/bfnrt";
	static const char into[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint8_t c;

	if (j->end - j->at < 2)
		return false;
	c = j->at[1];
	j->at += 2;
	if (c == 'u')
		return unescape_unicode(j, to);
	found = c != 0 ? strchr(from, c) : NULL;
	if (found == NULL)
		return false;
	*(*to)++ = (uint8_t)into[found - from];
	return true;
}

/* Whether all eight bytes at `at` are plain: no quote, backslash or control
 * character. May say no for a byte beside one that is not. */
static bool
plain_word(const uint8_t *at)
{
	const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
	uint64_t w, quote, back;

	memcpy(&w, at, sizeof(w));
	quote = w ^ ones * '"';
	back = w ^ ones * '\\';
	return ((((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
		    ((back - ones) & ~back)) &
		   tops) == 0;
}

/* The first byte from `at` that ends a plain stretch of a string. */
static uint8_t *
plain_end(uint8_t *at, const uint8_t *end)
{
	while (end - at >= 8 && plain_word(at))
		at += 8;
	while (at < end && *at != '"' && *at != '\\' && *at >= 0x20)
		at++;
	return at;
}

bool
json_string(struct json *j, struct span *out)
{
	uint8_t *to, *stop;
	size_t characters;

	if (!take(j, '"'))
		return false;
	out->at = j->at;
	to = j->at;
	for (;;) {
		stop = plain_end(j->at, j->end);
		if (to != j->at)
			memmove(to, j->at, (size_t)(stop - j->at));
		to += stop - j->at;
		j->at = stop;
		if (stop >= j->end || *stop < 0x20)
			return false;
		if (*stop == '"')
			break;
		if (!unescape(j, &to))
			return false;
	}
	j->at++;
	out->length = (size_t)(to - out->at);
	return json_utf8(*out, &characters);
}

static size_t
digits(struct json *j)
{
	const uint8_t *from = j->at;

	while (j->at < j->end && *j->at >= '0' && *j->at <= '9')
		j->at++;
	return (size_t)(j->at - from);
}

static bool
skip_number(struct json *j)
{
	if (j->at < j->end && *j->at == '-')
		j->at++;
	if (j->at < j->end && *j->at == '0')
		j->at++;
	else if (digits(j) == 0)
		return false;
	if (j->at < j->end && *j->at == '.') {
		j->at++;
		if (digits(j) == 0)
			return false;
	}
	if (j->at < j->end && (*j->at | 0x20) == 'e') {
		j->at++;
		if (j->at < j->end && (*j->at == '+' || *j->at == '-'))
			j->at++;
		if (digits(j) == 0)
			return false;
	}
	return true;
}

static bool
skip_nested(struct json *j, int depth)
{
	uint8_t open = json_peek(j);
	struct json_items items;
	struct span ignored;

	if (depth >= JSON_DEPTH_MAX)
		return false;
	if (open == '"')
		return json_string(j, &ignored);
	if (open == 't' || open == 'f' || open == 'n')
		return take_word(j, "true") || take_word(j, "false") ||
		       take_word(j, "null");
	if (open != '{' && open != '[')
		return skip_number(j);
	json_enter(j, open, &items);
	while (json_more(j, &items)) {
		if (open == '{' && !json_name(j, &ignored))
			return false;
		if (!skip_nested(j, depth + 1))
			return false;
	}
	return !items.broken;
}

bool
json_skip(struct json *j)
{
	return skip_nested(j, 0);
}

bool
json_ended(struct json *j)
{
	skip_space(j);
	return j->at == j->end;
}

#define BAD 0x80

static uint8_t sextets[256];

__attribute__((constructor)) static void
fill_sextets(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";

	memset(sextets, BAD, sizeof(sextets));
	for (uint8_t i = 0; i < 64; i++)
		sextets[(uint8_t)alphabet[i]] = i;
}

/* The last group, which may be padded; its stray bits must be nought. */
static bool
base64_tail(const uint8_t *in, uint8_t **to)
{
	uint32_t a = sextets[in[0]], b = sextets[in[1]];
	uint32_t c = in[2] == '=' ? 0 : sextets[in[2]];
	uint32_t d = in[3] == '=' ? 0 : sextets[in[3]];
	uint32_t bits = a << 18 | b << 12 | c << 6 | d;

	if (((a | b | c | d) & BAD) != 0 || (in[2] == '=' && in[3] != '='))
		return false;
	*(*to)++ = (uint8_t)(bits >> 16);
	if (in[2] == '=')
		return (b & 15) == 0;
	*(*to)++ = (uint8_t)(bits >> 8);
	if (in[3] == '=')
		return (c & 3) == 0;
	*(*to)++ = (uint8_t)bits;
	return true;
}

bool
json_base64(struct span *text)
{
	const uint8_t *in = text->at;
	const uint8_t *last;
	uint8_t *to = text->at;
	uint32_t bad = 0;

	if (text->length == 0)
		return true;
	if (text->length % 4 != 0)
		return false;
	last = in + text->length - 4;
	for (; in < last; in += 4, to += 3) {
		uint32_t a = sextets[in[0]], b = sextets[in[1]];
		uint32_t c = sextets[in[2]], d = sextets[in[3]];
		uint32_t bits = a << 18 | b << 12 | c << 6 | d;

		bad |= a | b | c | d;
		to[0] = (uint8_t)(bits >> 16);
		to[1] = (uint8_t)(bits >> 8);
		to[2] = (uint8_t)bits;
	}
	if ((bad & BAD) != 0 || !base64_tail(in, &to))
		return false;
	text->length = (size_t)(to - text->at);
	return true;
}

/* How long the UTF-8 sequence at `at` is; 0 if it is none. */
static size_t
utf8_sequence(const uint8_t *at, size_t left)
{
	uint8_t first = at[0];
	size_t length = first < 0x80   ? 1
			: first < 0xc2 ? 0
			: first < 0xe0 ? 2
			: first < 0xf0 ? 3
			: first < 0xf5 ? 4
				       : 0;

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xe0 && at[1] < 0xa0) ||
	    (first == 0xed && at[1] > 0x9f) ||
	    (first == 0xf0 && at[1] < 0x90) || (first == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

bool
json_utf8(struct span s, size_t *characters)
{
	size_t at = 0, step;
	uint64_t word;

	*characters = 0;
	while (at < s.length) {
		if (s.length - at >= 8) {
			memcpy(&word, s.at + at, 8);
			if ((word & 0x8080808080808080u) == 0) {
				at += 8;
				*characters += 8;
				continue;
			}
		}
		step = utf8_sequence(s.at + at, s.length - at);
		if (step == 0)
			return false;
		at += step;
		++*characters;
	}
	return true;
}

void
json_put_text(struct bytes *b, const void *text, size_t length)
{
	const uint8_t *from = text;

	bytes_text(b, "\"");
	for (size_t i = 0; i < length; i++) {
		uint8_t c = from[i];

		if (c == '"' || c == '\\')
			bytes_format(b, "\\%c", c);
		else if (c < 0x20)
			bytes_format(b, "\\u%04x", c);
		else
			bytes_put(b, &c, 1);
	}
	bytes_text(b, "\"");
}
