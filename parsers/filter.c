/* SPDX-License-Identifier: Apache-2.0
 *
 * filter: FILTER, records kept or dropped by a pattern that is found in them,
 * or in one of their fields.
 *
 * The chain's thread.
 */
#include <stdlib.h>

#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"

static const char *const actions[] = { "keep", "drop", NULL };

struct filter {
	struct regex *regex; /* owned */
	char *field;         /* owned; NULL: the whole text */
	bool drop;
};

static void
filter_free(void *state)
{
	struct filter *s = state;

	regex_free(s->regex);
	free(s->field);
	free(s);
}

static void *
filter_make(struct told *t)
{
	struct filter *s = mem_new(sizeof(*s));
	const char *field = told_text(t, "field");

	if (told_need(t, "pattern") != NULL)
		s->regex = told_regex(t, "pattern", REGEX_ANYWHERE);
	if (field != NULL && field[0] != '\0')
		s->field = mem_dup(field);
	s->drop = told_choice(t, "action", actions, 0) == 1;
	if (!t->failed)
		return s;
	filter_free(s);
	return NULL;
}

/* What the pattern is held against; empty where there is no such field. */
static enum step_answer
subject(const struct filter *s, struct work *w, struct span *text)
{
	struct member *f;

	if (s->field == NULL) {
		if (!work_text(w, text))
			return STEP_TOO_HARD;
		*text = work_line(*text);
		return STEP_DONE;
	}
	*text = span_of("", 0);
	switch (work_parse(w)) {
	case WORK_IS:
		break;
	case WORK_IS_NOT:
		return STEP_NO_MATCH;
	case WORK_TOO_LARGE:
		return STEP_TOO_HARD;
	}
	f = work_find(w, span_str(s->field));
	if (f != NULL && f->kind != MEMBER_NULL && !work_value(w, f, text))
		return STEP_TOO_HARD;
	return STEP_DONE;
}

static enum step_answer
filter_run(void *state, struct work *w)
{
	const struct filter *s = state;
	struct span text;
	enum step_answer answer = subject(s, w, &text);

	if (answer != STEP_DONE)
		return answer;
	if (!work_utf8(w, &text))
		return STEP_TOO_HARD;
	switch (regex_find(s->regex, text, 0)) {
	case REGEX_YES:
		return s->drop ? STEP_DROP : STEP_DONE;
	case REGEX_NO:
		return s->drop ? STEP_DONE : STEP_DROP;
	case REGEX_TOO_HARD:
		break;
	}
	return STEP_TOO_HARD;
}

static bool
filter_is_interpreted(const void *state)
{
	const struct filter *s = state;

	return regex_is_interpreted(s->regex);
}

const struct step_kind filter_kind = { "FILTER", "pattern field action", false,
	filter_make, filter_run, filter_free, filter_is_interpreted };
