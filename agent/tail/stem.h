/* SPDX-License-Identifier: Apache-2.0
 *
 * stem: what the names of one log's rotations have in common.
 *
 * Known suffixes, as logrotate, log4j, logback and newsyslog write them: a
 * number (`.1`), a date with or without time (`-20261121`, `.2026-11-21`,
 * `-2026112122`, `_2026-11-21T22`), seconds since 1970 (`-1795299740`), a
 * counter behind a date, `.old`, `~`; each at the end or before the last
 * ending (`app-20261121.log`); behind all of them a compressed ending.
 */
#ifndef STEM_H
#define STEM_H

#include <limits.h>
#include <stdbool.h>

/* The stem of the file name `name`: without its rotation suffixes. It is
 * `name` itself where there are none. */
void stem_of(const char *name, char out[static NAME_MAX + 1]);

/* Is `name` what `live` is called after a rotation? */
bool stem_is_rotation_of(const char *name, const char *live);

/* Was what is in `a` written before what is in `b`, which has the same stem,
 * as their names say? A higher number is older. */
bool stem_precedes(const char *a, const char *b);

#endif
