/* SPDX-License-Identifier: Apache-2.0
 *
 * partial: last lines without newline, where they are not to wait for ever.
 *
 * Thread: tail.
 */
#ifndef PARTIAL_H
#define PARTIAL_H

#include <stdint.h>

struct reader;
struct tail;

/* `r` was read to its present end: if an unfinished line stands there, it
 * waits from now on, or goes on waiting if it is as it was. */
void partial_wait(struct tail *t, struct reader *r);

/* Send the lines that have waited for as long as their flow says. Answers
 * when the next one is due. */
int64_t partial_due(struct tail *t);

#endif
