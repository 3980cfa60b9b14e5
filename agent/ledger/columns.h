/* SPDX-License-Identifier: Apache-2.0
 *
 * columns: one row between a checkpoint and a statement of SQLite's.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "checkpoint.h"
#include "ledger.h"

struct buf;
struct sqlite3_stmt;

/* All of a row, in the order in which both functions want them: a query
 * selects them, an insertion has as many parameters. */
#define COLUMNS                                                                \
	"row, flow, path, dev, ino, birth_ns, handle_type, handle, head,"      \
	" marks, committed, size, ranges, changed_ms, footer"
#define COLUMNS_ASKED "?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15"

/* The row that `s` stands on. Its texts are borrowed until `s` moves on (or
 * NULL), `row->ranges` is the caller's to free. What is wrong with it; NULL:
 * it makes sense. */
const char *columns_read(struct sqlite3_stmt *s, struct checkpoint *row);

/* Bytes that `scratch` below may need. */
#define COLUMNS_SCRATCH                                                        \
	((size_t)(MARKS_MAX + 1) * MARK_PACKED +                               \
	    (size_t)RANGES_KEPT * RANGE_PACKED)

/* Bind `row` to `s`, which borrows from it, and from `scratch`, until it is
 * run. */
void columns_bind(
    struct sqlite3_stmt *s, const struct checkpoint *row, struct buf *scratch);

#endif
