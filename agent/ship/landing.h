/* SPDX-License-Identifier: Apache-2.0
 *
 * landing: what becomes of a batch when its exchange is over.
 */
#ifndef LANDING_H
#define LANDING_H

#include "batch.h"
#include "span.h"

struct http_end;
struct ship;
struct transfer;

/* http's face: the next portion of an answer, and an exchange that is over.
 * `owner` is the transfer. */
void landing_body(void *owner, struct span bytes);
void landing_end(void *owner, const struct http_end *end);

/* `t` is over, and idle from now on; its lane is told by the caller, who
 * still knows its batch. */
void landing_note(struct ship *s, struct transfer *t);

/* `b`, which is on no lane, leaves the ship. */
void landing_home(struct ship *s, struct batch *b, enum batch_outcome outcome);

#endif
