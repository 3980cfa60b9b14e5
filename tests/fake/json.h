/* SPDX-License-Identifier: Apache-2.0
 *
 * json: RFC 8259 read in place, strictly.
 *
 * A `json` is a place in a body that may be written over: escapes and base64
 * are undone where they lie (both only shrink), so every string comes out as
 * one span of the body. Every function answers whether the input was
 * well-formed; after false the place means nothing.
 */
#ifndef FAKE_JSON_H
#define FAKE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "span.h"

#define JSON_DEPTH_MAX 32

struct json {
	uint8_t *at;
	uint8_t *end;
};

/* Where we are within an object or array. */
struct json_items {
	uint8_t close; /* '}' or ']' */
	bool begun;    /* a comma is due before the next */
	bool broken;   /* the comma or the close was not there */
};

/* The first byte of the next value; 0 at the end of the input. */
uint8_t json_peek(struct json *j);

/* Whether the next value is null, which is then passed. */
bool json_null(struct json *j);

/* Enter an object ('{') or array ('['). */
bool json_enter(struct json *j, uint8_t open, struct json_items *items);

/* Whether another item follows; false with `items->broken` is malformed. */
bool json_more(struct json *j, struct json_items *items);

/* A member's name and the colon after it. */
bool json_name(struct json *j, struct span *out);

bool json_string(struct json *j, struct span *out);

/* Pass one value, whatever it is. */
bool json_skip(struct json *j);

/* Whether nothing but white space is left. */
bool json_ended(struct json *j);

/* Decode canonical base64 (padded, no stray bits) over itself. */
bool json_base64(struct span *text);

/* Whether `s` is UTF-8; `characters` receives how many. */
bool json_utf8(struct span s, size_t *characters);

/* Append `text` as a JSON string with its quotes. */
void json_put_text(struct bytes *b, const void *text, size_t length);

#endif
