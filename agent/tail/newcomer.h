/* SPDX-License-Identifier: Apache-2.0
 *
 * newcomer: what a new file is that is called as after a rotation: a copy of
 * what somebody reads, or a file of its own. Several may have come between two
 * looks, with names that have changed since; so they are judged together, when
 * all that changed has been looked at.
 *
 * Thread: tail.
 */
#ifndef NEWCOMER_H
#define NEWCOMER_H

#include <stdbool.h>

struct reader;
struct tail;

/* `n`, which is START_AS_COPY and a suspect of nobody's, waits to be judged. */
void newcomer_add(struct tail *t, struct reader *n);

/* Does one wait? */
bool newcomer_waits(const struct tail *t);

/* Judge them: each is somebody's suspect then, or begins at 0, or is gone
 * since somebody goes on in its file. */
void newcomer_judge(struct tail *t);

#endif
