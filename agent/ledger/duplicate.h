/* SPDX-License-Identifier: Apache-2.0
 *
 * duplicate: a copy of another program's database, to be read and removed.
 */
#ifndef DUPLICATE_H
#define DUPLICATE_H

enum duplicate_result {
	DUPLICATE_MADE,
	DUPLICATE_NONE,  /* `from` is not there */
	DUPLICATE_FAILED /* logged; nothing is left of the copy */
};

/* Copy the SQLite database `from`, with the journal or the write-ahead log
 * that may lie beside it, to `to`, where nobody else writes. `from` is only
 * read, and at rest while that is done. */
enum duplicate_result duplicate_make(const char *from, const char *to);

/* Remove the copy `to`, as far as there is one, and what lies beside it. */
void duplicate_remove(const char *to);

#endif
