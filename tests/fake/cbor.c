/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor: see cbor.h. Lengths are checked against what is left before anything
 * is believed; nesting is bounded; nothing allocates.
 *
 * Thread: whoever owns the body.
 */
#include "cbor.h"

#include <string.h>

#define BREAK      0xff
#define INDEFINITE 31

static size_t
left(const struct cbor *c)
{
	return (size_t)(c->end - c->at);
}

/* The first byte's low bits and the argument that follows it. */
static bool
head(struct cbor *c, uint8_t *type, uint8_t *info, uint64_t *value)
{
	size_t width;

	if (c->at >= c->end)
		return false;
	*type = *c->at >> 5;
	*info = *c->at++ & 31;
	*value = *info;
	if (*info < 24 || *info == INDEFINITE)
		return true;
	if (*info > 27)
		return false;
	width = (size_t)1 << (*info - 24);
	if (left(c) < width)
		return false;
	for (*value = 0; width > 0; width--)
		*value = *value << 8 | *c->at++;
	return true;
}

enum cbor_type
cbor_peek(const struct cbor *c)
{
	return c->at < c->end ? (enum cbor_type)(*c->at >> 5) : CBOR_SIMPLE;
}

bool
cbor_null(struct cbor *c)
{
	if (c->at >= c->end || *c->at != 0xf6)
		return false;
	c->at++;
	return true;
}

bool
cbor_enter(struct cbor *c, enum cbor_type type, struct cbor_items *items)
{
	uint8_t found, info;

	if (!head(c, &found, &info, &items->left) || found != type)
		return false;
	items->indefinite = info == INDEFINITE;
	return true;
}

bool
cbor_more(struct cbor *c, struct cbor_items *items)
{
	if (!items->indefinite)
		return items->left > 0 && items->left-- > 0;
	if (c->at < c->end && *c->at == BREAK) {
		c->at++;
		return false;
	}
	return true;
}

/* Move the chunks of an indefinite string together at its first byte. */
static bool
join_chunks(struct cbor *c, uint8_t type, struct span *out)
{
	uint8_t found, info;
	uint64_t length;

	*out = (struct span){ c->at, 0 };
	while (c->at < c->end && *c->at != BREAK) {
		if (!head(c, &found, &info, &length) || found != type ||
		    info == INDEFINITE || length > left(c))
			return false;
		memmove(out->at + out->length, c->at, (size_t)length);
		out->length += (size_t)length;
		c->at += length;
	}
	if (c->at >= c->end)
		return false;
	c->at++;
	return true;
}

bool
cbor_string(struct cbor *c, enum cbor_type type, struct span *out)
{
	uint8_t found, info;
	uint64_t length;

	if (!head(c, &found, &info, &length) || found != type)
		return false;
	if (info == INDEFINITE)
		return join_chunks(c, found, out);
	if (length > left(c))
		return false;
	*out = (struct span){ c->at, (size_t)length };
	c->at += length;
	return true;
}

static bool skip_nested(struct cbor *c, int depth);

static bool
skip_items(struct cbor *c, struct cbor_items items, bool pairs, int depth)
{
	while (cbor_more(c, &items)) {
		if (!skip_nested(c, depth))
			return false;
		if (pairs && !skip_nested(c, depth))
			return false;
	}
	return true;
}

static bool
skip_nested(struct cbor *c, int depth)
{
	enum cbor_type type = cbor_peek(c);
	struct cbor_items items;
	struct span ignored;
	uint8_t found, info;
	uint64_t value;

	if (depth >= CBOR_DEPTH_MAX)
		return false;
	if (type == CBOR_BYTES || type == CBOR_TEXT)
		return cbor_string(c, type, &ignored);
	if (type == CBOR_ARRAY || type == CBOR_MAP)
		return cbor_enter(c, type, &items) &&
		       skip_items(c, items, type == CBOR_MAP, depth + 1);
	if (!head(c, &found, &info, &value) || info == INDEFINITE)
		return false;
	return type != CBOR_TAG || skip_nested(c, depth + 1);
}

bool
cbor_skip(struct cbor *c)
{
	return skip_nested(c, 0);
}

void
cbor_put_head(struct bytes *b, enum cbor_type type, uint64_t value)
{
	uint8_t out[9];
	uint8_t info = value < 24            ? (uint8_t)value
		       : value <= UINT8_MAX  ? 24
		       : value <= UINT16_MAX ? 25
		       : value <= UINT32_MAX ? 26
					     : 27;
	size_t width = info < 24 ? 0 : (size_t)1 << (info - 24);

	out[0] = (uint8_t)((unsigned)type << 5 | info);
	for (size_t i = width; i > 0; i--) {
		out[i] = (uint8_t)value;
		value >>= 8;
	}
	bytes_put(b, out, 1 + width);
}

void
cbor_put_text(struct bytes *b, const void *text, size_t length)
{
	cbor_put_head(b, CBOR_TEXT, length);
	bytes_put(b, text, length);
}
