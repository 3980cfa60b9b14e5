/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonout: JSON, written as the Java agent writes it. False everywhere: the
 * buffer's ceiling is met, and what is in it is no JSON.
 */
#ifndef JSONOUT_H
#define JSONOUT_H

#include <stdbool.h>

#include "buf.h"
#include "span.h"

/* Any bytes as a string, in quotes: what is not UTF-8 becomes U+FFFD. */
bool jsonout_text(struct buf *out, struct span text);

/* The same without the quotes. */
bool jsonout_inside(struct buf *out, struct span text);

/* The JSON `value` (which is well-formed), without the blanks between its
 * parts; or `pretty`: with line breaks, as something that stands `depth` deep
 * in others. */
bool jsonout_value(
    struct buf *out, struct span value, bool pretty, unsigned depth);

/* A line break, and the blanks before what stands `depth` deep. */
bool jsonout_break(struct buf *out, unsigned depth);

#endif
