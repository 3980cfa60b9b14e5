/* SPDX-License-Identifier: Apache-2.0
 *
 * regex: an operator's pattern, asked of bytes. Pure: no I/O, no clock.
 *
 * The language is PCRE2's. To a pattern for bytes, bytes are bytes: `.` is one of
 * them, whatever the encoding, and no text is invalid. A pattern that is expensive on some text
 * gives up there instead of holding everybody up.
 */
#ifndef REGEX_H
#define REGEX_H

#include <stdbool.h>
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

/* Where in the text a pattern must match. */
enum regex_place {
	REGEX_WHOLE, /* all of it */
	REGEX_START, /* from its start on */
	REGEX_ANYWHERE
};

/* Compile `pattern`, which is copied, for bytes: ^ and $ stand at lines. It
 * belongs to one thread at a time. NULL: it is malformed, as `fault` says; not
 * logged. */
struct regex *regex_new(const char *pattern, struct regex_fault *fault);

/* The same for a pattern that matches from the start of its text on; ^ and $
 * stand at the text's ends. */
struct regex *regex_new_start(const char *pattern, struct regex_fault *fault);

/* The same for text, which must be UTF-8 whenever it is asked: `.` is a
 * character. ^ and $ stand at the text's ends, as they do in Java. */
struct regex *regex_new_text(
    const char *pattern, enum regex_place place, struct regex_fault *fault);

/* NULL is fine. */
void regex_free(struct regex *re);

/* Does `text` as a whole match? Allocates nothing where there is machine code
 * for the pattern, which is as good as always. */
enum regex_answer regex_is(struct regex *re, struct span text);

/* Does it match from byte `from` of `text` on, where it may? What its groups
 * found stays until the next question, and borrows from `text`. */
enum regex_answer regex_find(struct regex *re, struct span text, size_t from);

/* How many groups it has, not counting the whole. */
size_t regex_groups(const struct regex *re);

/* What group `n` (0: the whole) found at the last REGEX_YES; false: nothing,
 * not even an empty text. */
bool regex_group(const struct regex *re, size_t n, struct span *found);

/* The name of group `n`, from 1; empty: it has none. Borrowed. */
struct span regex_group_name(const struct regex *re, size_t n);

/* Does the system refuse machine code, so that it is interpreted? */
bool regex_is_interpreted(const struct regex *re);

#endif
