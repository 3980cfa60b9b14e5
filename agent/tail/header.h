/* SPDX-License-Identifier: Apache-2.0
 *
 * header: the lines at the head of a file that are not sent.
 *
 * Every generation that is read from 0 has them, and they are passed over
 * together, once all of them are there: an offset above 0 is one behind them.
 *
 * Thread: tail.
 */
#ifndef HEADER_H
#define HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "reader.h"

/* Are headers what comes next for the settled `r`? */
bool header_awaited(const struct reader *r);

/* A turn for `r`, which awaits headers: pass over them if they are there. */
enum reader_turn header_pass(struct tail *t, struct reader *r);

/* The file of `r`, which awaits headers and has read to its end, has retired:
 * there will be none but those. False: blocked. */
bool header_end(struct tail *t, struct reader *r);

/* Are all headers of `r`'s open file there before `end`? -1: it cannot be
 * read; errno; not logged. */
int header_look(struct tail *t, struct reader *r, uint64_t end, bool *whole);

#endif
