/* SPDX-License-Identifier: Apache-2.0
 *
 * checkpoint: one row as a value: what may stand in it, and how its lists
 * become blobs.
 *
 * Lists are blobs and not child tables because they are only ever read and
 * written whole, together with their row: one statement a row instead of a
 * dozen, and a row can never be met with half of its lists.
 *
 * All numbers in blobs are unsigned and big-endian, so that hex() of a blob
 * can be read by people:
 *
 *   mark    20 bytes   end 8, mark 8, len 4
 *   range   16 bytes   from 8, to 8
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger.h"
#include "span.h"

#define MARK_PACKED  20
#define RANGE_PACKED 16

/* More delivered ranges than these are not kept: what the others cover is
 * delivered again after a restart. Far above what a window can leave. */
#define RANGES_KEPT 4096

/* A flow's name or a path is shorter than this. */
#define CHECKPOINT_TEXT_MAX 16384

/* What is wrong with `row`; NULL: it makes sense. committed > size does: a
 * file may have shrunk. */
const char *checkpoint_fault(const struct checkpoint *row);

void checkpoint_pack_mark(
    const struct mark *m, unsigned char out[static MARK_PACKED]);
void checkpoint_pack_range(
    const struct range *r, unsigned char out[static RANGE_PACKED]);

/* How many marks (at most `max`) the blob held, now in `marks`; false: its
 * length does not fit. */
bool checkpoint_unpack_marks(
    struct span blob, uint32_t max, struct mark *marks, uint32_t *count);

/* The ranges of the blob, in fresh memory that is the caller's to free (NULL
 * when there are none); false: its length does not fit. */
bool checkpoint_unpack_ranges(
    struct span blob, struct range **ranges, uint32_t *count);

#endif
