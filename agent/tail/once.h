/* SPDX-License-Identifier: Apache-2.0
 *
 * once: when everything that is there has been read, for a run that ends then.
 *
 * Thread: tail.
 */
#ifndef ONCE_H
#define ONCE_H

#include <stdbool.h>

struct tail;

/* Is there nothing more to read now, and has what is unfinished waited for as
 * long as it is to? Asked once a turn. */
bool once_is_done(struct tail *t);

/* Say what was there and is not sent, and how that can be had. Answers whether
 * everything that could be read now was. At the end. */
bool once_tell(const struct tail *t);

#endif
