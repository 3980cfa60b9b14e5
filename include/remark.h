/* SPDX-License-Identifier: Apache-2.0
 *
 * remark: a short text that one thread leaves for others to read, with the
 * time: what went wrong last. The next one replaces it.
 *
 * One writing thread, any readers; neither waits for the other, and a reader
 * sees a whole text or none. No secret, and no record.
 */
#ifndef REMARK_H
#define REMARK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define REMARK_WORDS 32
#define REMARK_BYTES (REMARK_WORDS * 8) /* with the NUL */

struct remark {
	_Atomic uint32_t turn; /* odd while it is written; 0: never was */
	_Atomic int64_t wall_ms;
	_Atomic uint64_t words[REMARK_WORDS];
};

/* This, of which the beginning is kept, happened at `wall_ms`. */
void remark_say(struct remark *r, int64_t wall_ms, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The last one. False: there is none, or it changes all the time; nothing is
 * written then. */
bool remark_get(
    const struct remark *r, int64_t *wall_ms, char text[static REMARK_BYTES]);

#endif
