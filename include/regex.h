/* SPDX-License-Identifier: Apache-2.0
 *
 * regex: an operator's pattern, asked of bytes. Pure: no I/O, no clock.
 *
 * The language is PCRE2's. Bytes are bytes: `.` is one of them, whatever the
 * encoding, and no text is invalid. A pattern that is expensive on some text
 * gives up there instead of holding everybody up.
 */
#ifndef REGEX_H
#define REGEX_H

#include <stddef.h>

#include "span.h"

struct regex;

struct regex_fault {
	size_t at;     /* bytes of the pattern before what is wrong */
	char why[128]; /* in words */
};

enum regex_answer {
	REGEX_YES,
	REGEX_NO,
	REGEX_TOO_HARD /* given up: more work or memory than is allowed */
};

/* Compile `pattern`, which is copied. It belongs to one thread at a time. NULL:
 * it is malformed, as `fault` says; not logged. */
struct regex *regex_new(const char *pattern, struct regex_fault *fault);

/* NULL is fine. */
void regex_free(struct regex *re);

/* Does `text` as a whole match? Allocates nothing where there is machine code
 * for the pattern, which is as good as always. */
enum regex_answer regex_is(struct regex *re, struct span text);

#endif
