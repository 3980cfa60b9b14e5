/* SPDX-License-Identifier: Apache-2.0
 *
 * singleline: SINGLELINE, a record of many lines as one. Byte for byte what
 * the Java agent makes of it, also where that is odd: lines are joined with
 * nothing, or with two backslashes and an n.
 *
 * The chain's thread.
 */
#include <stdlib.h>

#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"

struct singleline {
	bool trim, escape;
};

static void *
singleline_make(struct told *t)
{
	struct singleline *s = mem_new(sizeof(*s));
	size_t count = 0;
	char **options = NULL;
	struct span json = told_json(t, "parseOptions");

	s->trim = true;
	/* An empty list is fine: it asks for nothing. */
	if (json.len > 2)
		options = told_list(t, "parseOptions", &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(options[i], "NO_TRIM") == 0)
			s->trim = false;
		else if (strcmp(options[i], "ESCAPE_NEW_LINE") == 0)
			s->escape = true;
		else
			told_refuse(t, "parseOptions",
			    "not a known word (got `%.64s`); allowed: "
			    "NO_TRIM, ESCAPE_NEW_LINE",
			    options[i]);
	}
	told_free_list(options, count);
	if (!t->failed)
		return s;
	free(s);
	return NULL;
}

static struct span
trimmed(struct span s)
{
	while (s.len > 0 && s.at[s.len - 1] <= ' ')
		s.len--;
	while (s.len > 0 && s.at[0] <= ' ')
		s = span_of(s.at + 1, s.len - 1);
	return s;
}

static enum step_answer
singleline_run(void *state, struct work *w)
{
	const struct singleline *s = state;
	struct buf *out;
	struct span text;
	bool fits = true;

	if (!work_text(w, &text))
		return STEP_TOO_HARD;
	while (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	out = work_draft(w);
	while (fits) {
		const unsigned char *end =
		    text.len > 0 ? memchr(text.at, '\n', text.len) : NULL;
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
		struct span line = span_of(text.at, len);

		fits = buf_add_span(out, s->trim ? trimmed(line) : line);
		if (end == NULL)
			break;
		if (s->escape)
			fits = fits && buf_add(out, "\\\\n", 3);
		text = span_of(end + 1, text.len - len - 1);
	}
	if (!fits || !buf_add(out, "\n", 1))
		return STEP_TOO_HARD;
	work_done(w);
	return STEP_DONE;
}

const struct step_kind singleline_kind = { "SINGLELINE", "parseOptions", false,
	singleline_make, singleline_run, free, NULL };
