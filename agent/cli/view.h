/* SPDX-License-Identifier: Apache-2.0
 *
 * view: the answer to "status" as text for people.
 */
#ifndef VIEW_H
#define VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct view {
	size_t columns; /* no line is longer */
	size_t rows;    /* no more lines than that; 0: as many as there are */
	bool colour;
};

/* Write `answer`, the most troubled flow first, to the end of `out`. */
void view_status(const struct view *v, const json_t *answer, struct buf *out);

/* How many flows are in trouble. */
size_t view_troubled(const json_t *answer);

#endif
