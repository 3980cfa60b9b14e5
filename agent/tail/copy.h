/* SPDX-License-Identifier: Apache-2.0
 *
 * copy: what becomes of a file whose content moves to another (copytruncate).
 *
 * The copy appears before the truncation. So a new file that is called what a
 * followed one is called, with a rotation suffix on top, and that begins the
 * same, is a suspect: unread until its original shrinks or goes away, or their
 * bytes differ. Equal content alone never keeps a file from being read.
 *
 * Thread: tail.
 */
#ifndef COPY_H
#define COPY_H

#include <stdbool.h>
#include <stdint.h>

struct reader;
struct tail;

enum likeness {
	LIKE_NOT,   /* other bytes */
	LIKE_MAYBE, /* nothing that tells: too short, or only NULs */
	LIKE_YES,
	LIKE_LATER /* what it was is not there any more: ask again when its
	            * reader knows that */
};

/* How much is the file of the newcomer `n`, which is open, like a copy of that
 * of `r`? */
enum likeness copy_likeness(struct tail *t, struct reader *n, struct reader *r);

/* The file of the newcomer `n` is a copy of that of `r`, and neither is the
 * live one: `r` will have read all of it. */
void copy_settle(struct tail *t, struct reader *n, const struct reader *r);

/* `s` is a suspect: its file may be a copy of `original`'s. */
void copy_suspect(struct reader *s, struct reader *original);

/* Is it known by now that `s`, whose file is open, is a file of its own? */
bool copy_is_cleared(struct tail *t, struct reader *s);

/* `r`'s file holds other bytes than those it passed, and held up to `held`
 * of them: if they are found in a copy, `r` goes on there, and a successor
 * reads the new content. False: there is no copy. */
bool copy_follow(struct tail *t, struct reader *r, uint64_t held);

/* `r` goes away, or on: settle what it has for suspects. What `r` has passed
 * of a true copy is not read again; what is none is a newcomer once more. */
void copy_resolve(struct tail *t, struct reader *r);

#endif
