/* SPDX-License-Identifier: Apache-2.0
 *
 * cborscan: CBOR (RFC 8949) in portions, told to a sink.
 *
 * A state machine with a fixed size: no allocation, no recursion. Strings are
 * skipped by their length, so an answer costs by its items, not its bytes.
 * Tags are passed over; keys must be text; bytes are told like text.
 */
#include "cborscan.h"

#include <string.h>

enum major {
	MAJOR_UNSIGNED,
	MAJOR_NEGATIVE,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_LIST,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE
};

#define INFO_ENDLESS     31
#define SIMPLE_NULL      22
#define SIMPLE_UNDEFINED 23

void
cborscan_begin(struct cborscan *c, scan_sink *sink, void *owner)
{
	c->sink = sink;
	c->owner = owner;
	c->state = SCAN_MORE;
	c->complete = false;
	c->depth = 0;
	c->head_left = 0;
	c->string_left = 0;
	c->in_string = false;
	c->chunked = false;
	c->len = 0;
}

static void
tell(struct cborscan *c, enum scan_kind kind, uint64_t number)
{
	struct span text = span_of(c->text, c->len);

	if (!c->sink(c->owner, kind, text, number))
		c->state = SCAN_ENOUGH;
}

static struct cborscan_level *
innermost(struct cborscan *c)
{
	return c->depth > 0 ? &c->levels[c->depth - 1] : NULL;
}

static bool
key_expected(struct cborscan *c)
{
	struct cborscan_level *in = innermost(c);

	return in != NULL && in->map && in->key_next;
}

/* An item is complete; so are the levels whose last one it was. */
static void
item_done(struct cborscan *c)
{
	while (c->state == SCAN_MORE) {
		struct cborscan_level *in = innermost(c);

		if (in == NULL) {
			c->complete = true;
			return;
		}
		in->key_next = !in->key_next;
		if (in->endless || --in->left > 0)
			return;
		c->depth--;
		tell(c, SCAN_END, 0);
	}
}

static void
value(struct cborscan *c, enum scan_kind kind, uint64_t number)
{
	if (key_expected(c)) {
		c->state = SCAN_BAD;
		return;
	}
	tell(c, kind, number);
	item_done(c);
}

static void
end_string(struct cborscan *c, bool text)
{
	c->in_string = false;
	if (!key_expected(c)) {
		value(c, SCAN_TEXT, 0);
		return;
	}
	if (!text) {
		c->state = SCAN_BAD;
		return;
	}
	tell(c, SCAN_KEY, 0);
	item_done(c);
}

static void
begin_string(struct cborscan *c)
{
	bool text = c->major == MAJOR_TEXT;

	if (c->chunked && text != c->chunked_text) {
		c->state = SCAN_BAD;
		return;
	}
	if (!c->chunked)
		c->len = 0;
	c->string_left = c->argument;
	c->in_string = c->string_left > 0;
	if (!c->in_string && !c->chunked)
		end_string(c, text);
}

static size_t
string_bytes(struct cborscan *c, struct span bytes)
{
	size_t take =
	    bytes.len < c->string_left ? bytes.len : (size_t)c->string_left;
	size_t room = sizeof(c->text) - c->len;
	size_t kept = take < room ? take : room;

	memcpy(c->text + c->len, bytes.at, kept);
	c->len += kept;
	c->string_left -= take;
	if (c->string_left > 0)
		return take;
	c->in_string = false;
	if (!c->chunked)
		end_string(c, c->major == MAJOR_TEXT);
	return take;
}

static void
open_level(struct cborscan *c, bool endless)
{
	bool map = c->major == MAJOR_MAP;
	uint64_t items = c->argument;

	if (c->depth == SCAN_DEPTH || key_expected(c) ||
	    (map && !endless && __builtin_add_overflow(items, items, &items))) {
		c->state = SCAN_BAD;
		return;
	}
	c->levels[c->depth++] = (struct cborscan_level){
		.left = items, .endless = endless, .map = map, .key_next = map
	};
	tell(c, map ? SCAN_MAP : SCAN_LIST, 0);
	if (endless || items > 0 || c->state != SCAN_MORE)
		return;
	c->depth--;
	tell(c, SCAN_END, 0);
	item_done(c);
}

/* The stop code of something of indefinite length. */
static void
take_break(struct cborscan *c)
{
	struct cborscan_level *in = innermost(c);

	if (c->chunked) {
		c->chunked = false;
		end_string(c, c->chunked_text);
		return;
	}
	if (in == NULL || !in->endless || (in->map && !in->key_next)) {
		c->state = SCAN_BAD;
		return;
	}
	c->depth--;
	tell(c, SCAN_END, 0);
	item_done(c);
}

static void
begin_endless(struct cborscan *c)
{
	switch ((enum major)c->major) {
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		if (c->chunked)
			break;
		c->chunked = true;
		c->chunked_text = c->major == MAJOR_TEXT;
		c->len = 0;
		return;
	case MAJOR_LIST:
	case MAJOR_MAP:
		open_level(c, true);
		return;
	case MAJOR_SIMPLE:
		take_break(c);
		return;
	case MAJOR_UNSIGNED:
	case MAJOR_NEGATIVE:
	case MAJOR_TAG:
		break;
	}
	c->state = SCAN_BAD;
}

/* The item's head is complete. */
static void
begin_item(struct cborscan *c)
{
	switch ((enum major)c->major) {
	case MAJOR_UNSIGNED:
		value(c, SCAN_NUMBER, c->argument);
		return;
	case MAJOR_NEGATIVE:
		value(c, SCAN_OTHER, 0);
		return;
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		begin_string(c);
		return;
	case MAJOR_LIST:
	case MAJOR_MAP:
		open_level(c, false);
		return;
	case MAJOR_TAG:
		return;
	case MAJOR_SIMPLE:
		if (c->info == SIMPLE_NULL || c->info == SIMPLE_UNDEFINED)
			value(c, SCAN_NULL, 0);
		else
			value(c, SCAN_OTHER, 0);
		return;
	}
}

static void
head_byte(struct cborscan *c, unsigned char byte)
{
	c->major = byte >> 5;
	c->info = byte & 31;
	if (c->info == INFO_ENDLESS) {
		begin_endless(c);
		return;
	}
	/* Chunks of a string are strings of its own kind, of known length. */
	if (c->info > 27 ||
	    (c->chunked && c->major != MAJOR_BYTES && c->major != MAJOR_TEXT)) {
		c->state = SCAN_BAD;
		return;
	}
	c->argument = c->info;
	if (c->info < 24) {
		begin_item(c);
		return;
	}
	c->argument = 0;
	c->head_left = 1U << (c->info - 24);
}

static void
argument_byte(struct cborscan *c, unsigned char byte)
{
	c->argument = c->argument << 8 | byte;
	if (--c->head_left == 0)
		begin_item(c);
}

enum scan_state
cborscan_feed(struct cborscan *c, struct span bytes)
{
	while (bytes.len > 0 && c->state == SCAN_MORE) {
		size_t read = 1;

		if (c->complete)
			c->state = SCAN_BAD;
		else if (c->in_string)
			read = string_bytes(c, bytes);
		else if (c->head_left > 0)
			argument_byte(c, bytes.at[0]);
		else
			head_byte(c, bytes.at[0]);
		bytes.at += read;
		bytes.len -= read;
	}
	return c->state == SCAN_MORE && c->complete ? SCAN_DONE : c->state;
}
