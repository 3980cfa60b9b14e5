/* SPDX-License-Identifier: Apache-2.0
 *
 * inquiry: what a stream says it takes.
 */
#ifndef INQUIRY_H
#define INQUIRY_H

#include <stdbool.h>
#include <stdint.h>

struct inquiry;
struct lane;
struct ship;

struct inquiry *inquiry_new(struct ship *s);

/* Nothing may be under way. NULL is fine. */
void inquiry_free(struct inquiry *q);

/* Ask for the next flow that wants to know, if there is one. Answers in how
 * many milliseconds to come again, CLOCK_NEVER: when woken. */
int64_t inquiry_go(struct inquiry *q);

/* Is a question under way? */
bool inquiry_is_out(const struct inquiry *q);

/* Forget the question that is under way, if one is. */
void inquiry_abandon(struct inquiry *q);

/* `l` is closed: forget a question that is under way for it. */
void inquiry_forget(struct inquiry *q, const struct lane *l);

#endif
