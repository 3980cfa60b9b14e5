/* SPDX-License-Identifier: Apache-2.0
 *
 * trace: known again by its content: the file that holds what a row knows,
 * among those whose names have the same stem. Plain copies and archives
 * alike; in the directory, or in one right below.
 *
 * Proof is the head and the youngest mark that the content is long enough to
 * hold. Of several that agree the plain ones come first, the longest of them
 * and the youngest; else the eldest.
 *
 * Thread: tail. Reads directories and files; follows nobody.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "who.h"

struct checkpoint;
struct entry;
struct flow;
struct mark;
struct tail;
struct trace;
struct unpack;

struct trace_found {
	const char *path; /* borrowed, until the trace looks elsewhere */
	struct who who;
	int64_t born_ns;       /* when its content began, as far as we know */
	bool packed;           /* it is an archive */
	bool read;             /* and we have read it to its end */
	struct unpack *unpack; /* or: owned by the caller, near the row's place;
	                        * may be NULL */
};

/* Remembers the directory it looked into last: for many rows, go by path. */
struct trace *trace_new(void);
void trace_free(struct trace *x);

/* Which file, other than the row's own and none that another row knows or
 * that `flow` reads from already, holds what `row` knows? */
bool trace_row(struct trace *x, const struct tail *t, const struct flow *flow,
    const struct checkpoint *row, struct trace_found *found);

/* What can be known again, of a row or of a reader. */
struct trace_content {
	const struct mark *head, *marks; /* borrowed; marks oldest first */
	uint32_t mark_count;
	uint64_t passed;
};

/* Does `e` hold it? */
bool trace_agrees(struct entry *e, const struct trace_content *c);

enum trace_extent {
	EXTENT_OTHER,  /* it holds something else */
	EXTENT_CUT,    /* not yet to be told: it may not be complete */
	EXTENT_PASSED, /* that, and nothing behind it */
	EXTENT_LONGER  /* that, and more behind it */
};

/* The same, and how far does the archive `e` go? */
enum trace_extent trace_extent(struct entry *e, const struct trace_content *c);

/* Does the archive `e` say of itself that it holds `size` bytes? */
bool trace_tells(struct entry *e, uint64_t size);

/* Does the plain file that is open as `fd` begin with all that `e` holds? */
bool trace_is_in(struct entry *e, int fd);

/* Can anything be read of `e` yet? */
bool trace_begins(struct entry *e);

/* Is `path` in `directory` or in one right below it? */
bool trace_is_near(const char *directory, const char *path);

#endif
