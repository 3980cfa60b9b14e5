/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor: as much of RFC 8949 as AWS's clients write, read in place.
 *
 * A `cbor` is a place in a body that may be written over: the chunks of an
 * indefinite string are moved together where they lie, so that every string
 * comes out as one span of the body. Every function answers whether the input
 * was well-formed; after false the place means nothing.
 */
#ifndef FAKE_CBOR_H
#define FAKE_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "span.h"

#define CBOR_DEPTH_MAX 32

enum cbor_type {
	CBOR_UINT = 0,
	CBOR_NEGATIVE = 1,
	CBOR_BYTES = 2,
	CBOR_TEXT = 3,
	CBOR_ARRAY = 4,
	CBOR_MAP = 5,
	CBOR_TAG = 6,
	CBOR_SIMPLE = 7 /* null, true, floats and the break */
};

struct cbor {
	uint8_t *at;
	uint8_t *end;
};

/* How many items a map or array still holds; indefinite ones end by a break. */
struct cbor_items {
	uint64_t left;
	bool indefinite;
};

/* The type of the next item; CBOR_SIMPLE at the end of the input. */
enum cbor_type cbor_peek(const struct cbor *c);

/* Whether the next item is null, which is then passed. */
bool cbor_null(struct cbor *c);

/* Enter a map (`left` counts pairs) or array. */
bool cbor_enter(struct cbor *c, enum cbor_type type, struct cbor_items *items);

/* Whether another item (pair) follows; passes the break of an indefinite one.
 * Running off the end of the input shows when the item is read. */
bool cbor_more(struct cbor *c, struct cbor_items *items);

/* Read a string of `type`, CBOR_BYTES or CBOR_TEXT. */
bool cbor_string(struct cbor *c, enum cbor_type type, struct span *out);

/* Pass one item, whatever it is. */
bool cbor_skip(struct cbor *c);

void cbor_put_head(struct bytes *b, enum cbor_type type, uint64_t value);
void cbor_put_text(struct bytes *b, const void *text, size_t length);

#endif
