/* SPDX-License-Identifier: Apache-2.0
 *
 * unicode: UTF-8 as Unicode defines it (table 3-7 of the standard): no
 * surrogates, nothing longer than need be, nothing beyond U+10FFFF.
 */
#ifndef UNICODE_H
#define UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define UNICODE_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* How many bytes the first character of `s` has, which is not empty; 0: they
 * are none, and `*bad` of them are to be replaced by one U+FFFD (as many as
 * could have begun a character, at least one). */
size_t unicode_length(struct span s, size_t *bad);

/* Is all of it UTF-8? */
bool unicode_is_valid(struct span s);

/* With U+FFFD in place of what is not UTF-8, into `to`, which has room for
 * three times as many bytes. Answers how many. */
size_t unicode_clean(struct span s, unsigned char *to);

/* `point` (a surrogate: U+FFFD), into `to`. Answers how many bytes. */
size_t unicode_encode(uint32_t point, unsigned char to[static 4]);

/* Is there a byte of these eight that JSON does not take as it is, or that is
 * not ASCII? */
static inline bool
unicode_is_special(uint64_t eight)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quote = eight ^ (ones * '"');
	uint64_t slash = eight ^ (ones * '\\');

	/* A byte below what is taken off it borrows: its top bit comes up. */
	return ((eight | (eight - ones * 0x20) | (quote - ones) |
		    (slash - ones)) &
		   (ones * 0x80)) != 0;
}

#endif
