/* SPDX-License-Identifier: Apache-2.0
 *
 * moment: dates and times as text, in the proleptic Gregorian calendar. No
 * clock: what time it is now comes as an argument.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define MOMENT_TEXT 48 /* holds what is written, with its NUL */

struct moment {
	int64_t seconds;   /* since 1970 UTC */
	char fraction[10]; /* digits of the second, as they were written */
};

/* `ms` since 1970 as 2026-11-21T21:42:00.123Z. */
void moment_extended(int64_t ms, char out[static MOMENT_TEXT]);

/* `m` as 2026-11-21T21:42:00Z, with its fraction if it has one. */
void moment_write(const struct moment *m, char out[static MOMENT_TEXT]);

/* Read all of `text` as `format` says: %Y %m %d %e %b %a %H %M %S %f %z %y %j
 * %p %I %s %T %F %%, as strptime has them; %S takes a fraction, %z takes Z,
 * +0100 and +01:00, %f is a fraction's digits. Where there is no zone, the time
 * is `zone_s` seconds east of UTC; where there is no year, it is the one that
 * brings the time near, and not more than two days behind, `now_ms`. */
bool moment_read(const char *format, struct span text, int64_t now_ms,
    int32_t zone_s, struct moment *out);

/* Is `format` one that moment_read knows? If not, `*at` is the first % that it
 * does not. */
bool moment_knows(const char *format, size_t *at);

/* `text` as a zone: UTC, Z, +01:00, -0330. */
bool moment_zone(struct span text, int32_t *zone_s);

#endif
