/* SPDX-License-Identifier: Apache-2.0
 *
 * cborscan: CBOR (RFC 8949) in portions, told to a sink.
 */
#ifndef CBORSCAN_H
#define CBORSCAN_H

#include <stddef.h>

#include "scan.h"

/* An array or a map that is open. */
struct cborscan_level {
	uint64_t left; /* items still to come, keys counted; if not endless */
	bool endless;  /* of indefinite length: ends with a break */
	bool map;
	bool key_next; /* in a map: the next item is a key */
};

struct cborscan {
	scan_sink *sink;
	void *owner;
	enum scan_state state;
	bool complete;
	uint32_t depth;
	unsigned char major, info; /* of the item under way */
	uint32_t head_left;        /* bytes of its argument still to come */
	uint64_t argument;
	uint64_t string_left; /* bytes of its string still to come */
	bool in_string;
	bool chunked;      /* in a string of indefinite length */
	bool chunked_text; /* ... of text, not bytes */
	size_t len;
	char text[SCAN_TEXT_MAX];
	struct cborscan_level levels[SCAN_DEPTH];
};

void cborscan_begin(struct cborscan *c, scan_sink *sink, void *owner);

/* Read on. After anything but SCAN_MORE further calls change nothing, but
 * that bytes after the document make it SCAN_BAD. */
enum scan_state cborscan_feed(struct cborscan *c, struct span bytes);

#endif
