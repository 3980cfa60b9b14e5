/* SPDX-License-Identifier: Apache-2.0
 *
 * lag: how far each flow is behind its files, how fast it goes, and what it
 * waits for: for status and metrics.
 *
 * Thread: tail.
 */
#ifndef LAG_H
#define LAG_H

#include <stdint.h>

struct reader;
struct tail;

/* `r` moved, or its file's size was learnt. */
void lag_note(struct reader *r);

/* `r` reads no more. */
void lag_forget(struct reader *r);

/* Measure, if it is time. Answers when it will be; CLOCK_NEVER while nothing
 * moves. */
int64_t lag_due(struct tail *t);

/* Bring what is known without looking at files up to date: lag and what is
 * waited for. */
void lag_say(struct tail *t);

#endif
