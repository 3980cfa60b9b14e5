/* SPDX-License-Identifier: Apache-2.0
 *
 * types: TYPES, fields as numbers, booleans or null. A field that does not
 * look like its type stays a text: nothing is lost.
 *
 * The chain's thread.
 */
#include <stdlib.h>
#include <strings.h>

#include "jsonin.h"
#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"

enum type { TYPE_NULL, TYPE_NUMBER, TYPE_BOOLEAN };

struct typed {
	char *name; /* owned */
	enum type type;
};

struct types {
	struct typed *fields; /* owned */
	size_t count;
};

static void
types_free(void *state)
{
	struct types *s = state;

	for (size_t i = 0; i < s->count; i++)
		free(s->fields[i].name);
	free(s->fields);
	free(s);
}

static void
read_names(struct types *s, struct told *t, const char *key, enum type type)
{
	size_t count;
	char **names = told_list(t, key, &count);

	if (names == NULL)
		return;
	s->fields = mem_resize(s->fields, s->count + count, sizeof(*s->fields));
	for (size_t i = 0; i < count; i++)
		s->fields[s->count++] = (struct typed){ names[i], type };
	free(names);
}

static void *
types_make(struct told *t)
{
	struct types *s = mem_new(sizeof(*s));

	/* null first: `-` is no number. */
	read_names(s, t, "null", TYPE_NULL);
	read_names(s, t, "number", TYPE_NUMBER);
	read_names(s, t, "boolean", TYPE_BOOLEAN);
	if (s->count == 0)
		told_refuse(t, "",
		    "names no field; write number: [a, b], boolean: [c], "
		    "null: [d]");
	if (!t->failed)
		return s;
	types_free(s);
	return NULL;
}

static bool
is_one_of(struct span text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == text.len &&
		    strncasecmp(*words, (const char *)text.at, text.len) == 0)
			return true;
	return false;
}

static void
set_boolean(struct member *f, struct span text)
{
	static const char *const yes[] = { "true", "yes", "on", "1", NULL };
	static const char *const no[] = { "false", "no", "off", "0", NULL };

	if (is_one_of(text, yes))
		f->value = span_of("true", 4);
	else if (is_one_of(text, no))
		f->value = span_of("false", 5);
	else
		return;
	f->kind = MEMBER_JSON;
}

static void
set_type(struct member *f, enum type type, struct span text)
{
	static const char *const nothing[] = { "", "-", "null", NULL };

	switch (type) {
	case TYPE_NULL:
		if (is_one_of(text, nothing))
			f->kind = MEMBER_NULL;
		return;
	case TYPE_NUMBER:
		if (jsonin_is_number(text))
			f->kind = MEMBER_JSON;
		return;
	case TYPE_BOOLEAN:
		set_boolean(f, text);
		return;
	}
}

static enum step_answer
types_run(void *state, struct work *w)
{
	const struct types *s = state;

	switch (work_parse(w)) {
	case WORK_IS:
		break;
	case WORK_IS_NOT:
		return STEP_NO_MATCH;
	case WORK_TOO_LARGE:
		return STEP_TOO_HARD;
	}
	for (size_t i = 0; i < s->count; i++) {
		struct member *f = work_find(w, span_str(s->fields[i].name));
		struct span text;

		if (f == NULL || f->kind == MEMBER_NULL ||
		    f->kind == MEMBER_JSON)
			continue;
		if (!work_value(w, f, &text))
			return STEP_TOO_HARD;
		set_type(f, s->fields[i].type, text);
		work_touch(w);
	}
	return STEP_DONE;
}

const struct step_kind types_kind = { "TYPES", "number boolean null", false,
	types_make, types_run, types_free, NULL };
