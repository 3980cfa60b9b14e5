/* SPDX-License-Identifier: Apache-2.0
 *
 * sheet: one scope being filled in, the agent's or one flow's. It knows which
 * row of the table was given by which node, so that a rule over several
 * settings can point at the right line.
 */
#ifndef SHEET_H
#define SHEET_H

#include <stdbool.h>

#include "report.h"
#include "settings.h"

struct node;

struct sheet {
	enum setting_scope scope;
	void *base;       /* borrowed: the config or flow being filled in */
	struct place at;  /* of the map, for what is missing in it */
	struct report *r; /* borrowed */
	const struct node *given[SETTINGS_MAX]; /* by row; borrowed */
};

/* One per configuration: what is said once, not once a flow. */
struct sheet_notes {
	bool said[SETTINGS_MAX]; /* by row */
};

/* Read `map` into `base` (a zeroed struct config or flow_config) by the rows
 * of `scope`: defaults first, then what is given. `base` may be NULL: only
 * collected. What is wrong is in `r`. */
struct sheet sheet_fill(enum setting_scope scope, const struct node *map,
    void *base, struct sheet_notes *notes, struct report *r);

/* What gave `key` (a row's), or NULL. */
const struct node *sheet_given(const struct sheet *s, const char *key);

/* Where `key` was given; else where it could have been. */
struct place sheet_place(const struct sheet *s, const char *key);

#endif
