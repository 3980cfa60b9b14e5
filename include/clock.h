/* SPDX-License-Identifier: Apache-2.0
 *
 * clock: the only door to the time. All times are int64_t milliseconds.
 *
 * Loops ask once a turn and hand the answer down as an argument; nothing
 * below a loop asks. Tests move time by passing another number.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* No due time: later than everything. */
#define CLOCK_NEVER INT64_MAX

/* Since an arbitrary point, never set back: for waiting and for ages. */
int64_t clock_ms(void);

/* Since 1970 UTC, as the machine believes: for signatures and for people. */
int64_t clock_wall_ms(void);

/* `wall_ms` as "20261121T214200Z" (SigV4's basic form). */
void clock_basic(int64_t wall_ms, char out[static 17]);

/* `wall_ms` as "2026-11-21T21:42:00.123Z". */
void clock_extended(int64_t wall_ms, char out[static 25]);

#endif
