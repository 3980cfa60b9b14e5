/* SPDX-License-Identifier: Apache-2.0
 *
 * hold: records of several lines, which wait for a next line that may be
 * theirs: in the file, for a while, and over a rotation.
 *
 * Thread: tail.
 */
#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "span.h"

struct flow;
struct reader;
struct tail;

/* Have `f` know where its records end. -1: its pattern is malformed, logged. */
int hold_init(struct flow *f);

/* Where the record at the start of `bytes` ends, as frame_line and
 * multiline_next say. */
enum frame_result hold_next(
    struct flow *f, struct span bytes, size_t searched, size_t *length);

/* The same where nothing more will come. */
size_t hold_last(struct flow *f, struct span bytes);

/* How long what is unfinished waits in `f`; 0: until it is finished. */
int64_t hold_ms(const struct flow *f);

/* Are only whole lines sent when that time is over? */
bool hold_wants_lines(const struct flow *f);

/* `r` is about to read its file's first line: what the reader before it in the
 * chain holds either goes on with that line, and both become one record, or
 * is a record now. False: blocked. */
bool hold_settle(struct tail *t, struct reader *r);

#endif
