/* SPDX-License-Identifier: Apache-2.0
 *
 * sheet: see sheet.h. Thread: the one that loads.
 *
 * A sheet is collected first and stored then, since in the Java agent's file
 * the last of two equal keys is the one that counts.
 */
#include "sheet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "settings.h"
#include "tree.h"
#include "value.h"

#define KEY_MAX 128 /* a longer key is unknown */

const struct node *
sheet_given(const struct sheet *s, const char *key)
{
	const struct setting *row = settings_find(s->scope, key);

	assert(row != NULL);
	return s->given[settings_index(row)];
}

struct place
sheet_place(const struct sheet *s, const char *key)
{
	const struct node *n = sheet_given(s, key);

	return n != NULL ? n->at : s->at;
}

/* ---- Collecting ---- */

static void
say_unknown(const struct sheet *s, const struct node *n, const char *key)
{
	enum setting_scope other =
	    s->scope == SCOPE_AGENT ? SCOPE_FLOW : SCOPE_AGENT;
	const struct setting *nearest, *elsewhere;

	if (settings_is_group(s->scope, key)) {
		report_slip(s->r, n->at, key,
		    "has settings inside: write %s: and below it, indented, "
		    "one a line",
		    key);
		return;
	}
	if (settings_find(other, key) != NULL) {
		report_slip(s->r, n->at, key,
		    other == SCOPE_FLOW
			? "a flow's setting; move it into the flows"
			: "the agent's setting; move it out of the flow");
		return;
	}
	nearest = settings_nearest(s->scope, key);
	elsewhere = settings_nearest(other, key);
	if (nearest != NULL)
		report_slip(s->r, n->at, key,
		    "no such setting; did you mean `%s`?", nearest->key);
	else if (elsewhere != NULL)
		report_slip(s->r, n->at, key,
		    "no such setting; did you mean %s `%s`?",
		    other == SCOPE_FLOW ? "a flow's" : "the agent's",
		    elsewhere->key);
	else
		report_slip(s->r, n->at, key, "no such setting");
}

static void
collect_one(struct sheet *s, const struct node *n, const char *key)
{
	const struct setting *row = settings_find(s->scope, key);
	const struct node **slot;

	if (row == NULL) {
		say_unknown(s, n, key);
		return;
	}
	slot = &s->given[settings_index(row)];
	if (*slot != NULL)
		report_slip(s->r, n->at, key,
		    s->r->java ? "given before in line %u; this one counts"
			       : "given before in line %u; keep one of them",
		    (*slot)->at.line);
	*slot = n;
}

/* `kinesis: {endpoint: x}` is kinesis.endpoint. */
static void
collect_group(struct sheet *s, const struct node *group)
{
	char key[KEY_MAX];

	for (const struct node *n = group->first; n != NULL; n = n->next) {
		int len =
		    snprintf(key, sizeof(key), "%s.%s", group->key, n->key);

		if (len < 0 || (size_t)len >= sizeof(key))
			report_slip(s->r, n->at, NULL, "no such setting");
		else
			collect_one(s, n, key);
	}
}

static void
collect(struct sheet *s, const struct node *map)
{
	for (const struct node *n = map->first; n != NULL; n = n->next) {
		if (strlen(n->key) >= KEY_MAX)
			report_slip(s->r, n->at, NULL, "no such setting");
		else if (n->kind == NODE_MAP &&
			 settings_is_group(s->scope, n->key))
			collect_group(s, n);
		else
			collect_one(s, n, n->key);
	}
}

/* ---- Storing ---- */

/* The Java agent's file has the same keys in each flow: once is enough. */
static bool
is_news(
    const struct sheet *s, const struct setting *row, struct sheet_notes *notes)
{
	bool *said = &notes->said[settings_index(row)];
	bool before = *said && s->r->java;

	*said = true;
	return !before;
}

static void
say_not_built(
    const struct sheet *s, const struct setting *row, const struct node *n)
{
	switch (row->state) {
	case SETTING_BUILT:
		return;
	case SETTING_IDLE:
		report_slip(s->r, n->at, row->key,
		    "the Java agent's, without meaning here: %s", row->help);
		return;
	case SETTING_LATER:
		report_warn(s->r, n->at, row->key,
		    "this version does not act upon it yet: %s", row->help);
		return;
	case SETTING_REFUSED:
		if (!value_is_off(row, n))
			report_error(s->r, n->at, row->key, "%s", row->help);
		return;
	}
}

static void
store(struct sheet *s, struct sheet_notes *notes)
{
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *row = settings_at(i);

		if (row->scope != s->scope)
			continue;
		if (row->state == SETTING_BUILT)
			value_default(row, s->base, s->r->java);
		if (s->given[i] == NULL)
			continue;
		if (row->state == SETTING_BUILT)
			value_store(row, s->given[i], s->base, s->r);
		else if (is_news(s, row, notes))
			say_not_built(s, row, s->given[i]);
	}
}

struct sheet
sheet_fill(enum setting_scope scope, const struct node *map, void *base,
    struct sheet_notes *notes, struct report *r)
{
	struct sheet s = { .scope = scope, .base = base, .at = map->at };

	s.r = r;
	collect(&s, map);
	if (base != NULL)
		store(&s, notes);
	return s;
}
