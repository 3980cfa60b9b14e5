/* SPDX-License-Identifier: Apache-2.0
 *
 * unseen: files that came, were written to and went before we could look at
 * them. Only their events tell that they were there; they are counted.
 *
 * Thread: tail.
 */
#ifndef UNSEEN_H
#define UNSEEN_H

struct directory;
struct tail;

/* The entry `text` of `d`, which a flow wants, was written to and is not
 * there. */
void unseen_written(
    struct tail *t, const struct directory *d, const char *text);

/* All events that there were have been looked at: who was not found under
 * another name is lost. */
void unseen_settle(struct tail *t);

/* Forget them. */
void unseen_fini(struct tail *t);

#endif
