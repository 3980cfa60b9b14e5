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

struct file;
struct flow;
struct reader;
struct tail;

/* Whose copy may the new file `f` be, for `flow`? NULL: nobody's. */
struct reader *copy_original(
    struct tail *t, const struct flow *flow, struct file *f);

/* `s` is a suspect: its file may be a copy of `original`'s. */
void copy_suspect(struct reader *s, struct reader *original);

/* Is it known by now that `s`, whose file is open, is a file of its own? */
bool copy_is_cleared(struct tail *t, const struct reader *s);

/* `r`'s file holds other bytes than those it passed, and held up to `held`
 * of them: if they are found in a copy, `r` goes on there, and a successor
 * reads the new content. False: there is no copy. */
bool copy_follow(struct tail *t, struct reader *r, uint64_t held);

/* `r` goes away, or on: settle what it has for suspects. What `r` has passed
 * of a true copy is not read again. */
void copy_resolve(struct tail *t, struct reader *r);

#endif
