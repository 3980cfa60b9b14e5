/* SPDX-License-Identifier: Apache-2.0
 *
 * convert: what the flow's dataProcessingOptions make of a line.
 *
 * Thread: tail.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

struct flow;
struct reader;
struct tail;

/* Make `f`'s parser, if its configuration asks for one. -1: an option is
 * malformed, logged. */
int convert_init(struct flow *f);

/* Put what becomes of `line`, which accounts for the next `covers` bytes: a
 * record, or nothing, or the line itself. False: blocked. */
bool convert_put(
    struct tail *t, struct reader *r, struct span line, uint64_t covers);

/* Lines that are longer than a record may be are never parsed. Are they
 * not sent either? */
bool convert_drops_long(const struct flow *f);

/* Account for such a line of `len` bytes at r->offset. False: blocked. */
bool convert_drop_long(struct tail *t, struct reader *r, uint64_t len);

#endif
