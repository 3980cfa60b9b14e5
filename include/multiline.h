/* SPDX-License-Identifier: Apache-2.0
 *
 * multiline: where a record of several lines ends. Pure: bytes in, lengths
 * out.
 *
 * A record's first line belongs to it whatever it is. Each further line goes
 * on with it, or begins the next: by a pattern that the first lines of
 * records match, by how stack traces of a language look, or by what a
 * container's log says of its own lines. Only whole lines are judged.
 */
#ifndef MULTILINE_H
#define MULTILINE_H

#include <stdbool.h>
#include <stddef.h>

#include "frame.h"
#include "regex.h"
#include "span.h"

enum multiline_style {
	MULTILINE_NONE,
	MULTILINE_PATTERN, /* lines that match from their start begin records */
	MULTILINE_JAVA,
	MULTILINE_PYTHON,
	MULTILINE_GO,
	MULTILINE_CRI,   /* a line tagged P is gone on with */
	MULTILINE_DOCKER /* one whose log has no newline at its end is */
};

struct multiline;

/* `pattern` is for MULTILINE_PATTERN. It belongs to one thread at a time. NULL:
 * the pattern is malformed, as `fault` says; not logged. */
struct multiline *multiline_new(
    enum multiline_style style, const char *pattern, struct regex_fault *fault);

/* NULL is fine. */
void multiline_free(struct multiline *m);

/* Look for the end of the record that begins at `bytes.at`. The first
 * `searched` bytes are known to hold none. A record ends before the line that
 * would make it longer than `most`; a first line may be longer. */
enum frame_result multiline_next(struct multiline *m, struct span bytes,
    size_t searched, size_t most, size_t *length);

/* The same where `bytes` are all that will ever be there: its last line may
 * lack the newline. */
size_t multiline_last(struct multiline *m, struct span bytes);

/* Does `line`, behind `before` (both with their newlines), begin a record? */
bool multiline_begins(
    struct multiline *m, struct span before, struct span line);

#endif
