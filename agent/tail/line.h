/* SPDX-License-Identifier: Apache-2.0
 *
 * line: what becomes of a line: a record, a cut one, pieces, dead letters, or
 * nothing.
 *
 * Thread: tail.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

struct reader;
struct tail;

/* Put the line at r->offset, all of which is `line`. False: blocked; pieces of
 * it may be gone (split). */
bool line_put(struct tail *t, struct reader *r, struct span line);

/* Put `text`, of which the next `covers` bytes are `r`'s. False: blocked. */
bool line_put_joined(
    struct tail *t, struct reader *r, struct span text, uint64_t covers);

/* Put a line of `len` bytes that is longer than a record and not
 * split; `head` holds what a record may have of it. */
bool line_put_long(
    struct tail *t, struct reader *r, struct span head, uint64_t len);

/* Put the next `piece` of a line that is split and has `known` bytes or
 * more from there on. False: blocked. */
bool line_put_piece(
    struct tail *t, struct reader *r, struct span piece, uint64_t known);

/* Account for `count` lines, up to `to`, that the operator wants not sent.
 * False: blocked. */
bool line_filter(struct tail *t, struct reader *r, uint64_t to, uint64_t count);

/* Does the line at r->offset become pieces if it is longer than a record? */
bool line_is_split(const struct reader *r);

/* Does r->offset, of which nothing but the number is known, stand inside of a
 * line whose pieces were taken in an earlier life? Reads what stands before
 * it. */
bool line_look_back(struct tail *t, const struct reader *r);

/* Was the footer passed? Nothing more of this generation is sent. */
bool line_is_behind_footer(const struct reader *r);

#endif
