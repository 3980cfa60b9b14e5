/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonscan: JSON in portions, told to a sink.
 */
#ifndef JSONSCAN_H
#define JSONSCAN_H

#include <stddef.h>

#include "scan.h"

enum jsonscan_place {
	AT_VALUE,       /* a value must come */
	AT_FIRST_VALUE, /* a value, or the end of the array */
	AT_KEY,         /* a key must come */
	AT_FIRST_KEY,   /* a key, or the end of the object */
	AT_COLON,
	AT_AFTER, /* a comma, or the end of the innermost */
	AT_STRING,
	AT_ESCAPE,
	AT_HEX,
	AT_LITERAL, /* in a number or a word */
	AT_COMPLETE
};

struct jsonscan {
	scan_sink *sink;
	void *owner;
	enum scan_state state;
	enum jsonscan_place place;
	uint32_t depth;
	uint32_t maps;   /* bit d: level d + 1 is an object */
	bool is_key;     /* the string under way is a key */
	uint32_t digits; /* of \uXXXX: still to come */
	uint32_t code;   /* of \uXXXX: so far */
	size_t len;
	char text[SCAN_TEXT_MAX];
};

void jsonscan_begin(struct jsonscan *j, scan_sink *sink, void *owner);

/* Read on. After anything but SCAN_MORE further calls change nothing; white
 * space after the document is allowed, other bytes make it SCAN_BAD. */
enum scan_state jsonscan_feed(struct jsonscan *j, struct span bytes);

#endif
