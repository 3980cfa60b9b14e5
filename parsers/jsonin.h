/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonin: JSON (RFC 8259), read from a span without a copy.
 *
 * Depth stops at 64. Strictly JSON: no comments, no control characters in
 * strings, no numbers like 007. Bytes are not asked whether they are UTF-8.
 */
#ifndef JSONIN_H
#define JSONIN_H

#include <stdbool.h>

#include "span.h"

#define JSONIN_DEPTH 64

/* A walk over the members of an object or the items of a list. */
struct jsonin {
	struct span rest;
	unsigned char close; /* } or ] */
	bool begun, done, failed;
};

/* Begin to walk `text`, blanks around it allowed. False: it does not begin
 * with `open`, which is { or [. */
bool jsonin_open(struct jsonin *walk, struct span text, unsigned char open);

/* The next member or item: `key` with its quotes (of an object), `value` as it
 * stands there. False: none is left (walk->done), or what follows is not JSON
 * (walk->failed). */
bool jsonin_next(struct jsonin *walk, struct span *key, struct span *value);

/* Is `text` a number as JSON writes them? */
bool jsonin_is_number(struct span text);

/* What `string` says, which is well-formed and in quotes, into `to`, which has
 * room for as many bytes. Answers how many. */
size_t jsonin_unescape(struct span string, unsigned char *to);

#endif
