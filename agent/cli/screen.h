/* SPDX-License-Identifier: Apache-2.0
 *
 * screen: a terminal that shows a page again and again until somebody has
 * seen enough.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* Can standard output show pages, and standard input end them? */
bool screen_is_there(void);

/* May it be coloured? */
bool screen_has_colour(void);

/* How many columns and lines it has. */
void screen_size(size_t *columns, size_t *rows);

/* Take the terminal. False: it cannot be had. */
bool screen_begin(void);

/* Leave the terminal as it was found. */
void screen_end(void);

/* Show `page` in the place of the last. */
void screen_show(const struct buf *page);

/* Wait at most `ms`, or until the terminal's size changes. False: it is enough
 * (q, Ctrl-C, a signal). */
bool screen_wait(int ms);

#endif
