/* SPDX-License-Identifier: Apache-2.0
 *
 * csvtojson: CSVTOJSON, a row's columns as JSON.
 *
 * As with the Java agent, columns that are too many are dropped, those that
 * are too few are null, and so are empty ones at the row's end. Unlike there,
 * quotes are understood, and a delimiter is itself unless it is plainly a
 * regular expression.
 *
 * The chain's thread.
 */
#include <stdint.h>
#include <stdlib.h>

#include "csv.h"
#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"

static const char *const layouts[] = { "COMPACT", "PRETTYPRINT", NULL };

struct csvtojson {
	struct span *keys; /* owned, and each */
	size_t count;
	unsigned char *delimiter; /* owned */
	size_t delimiter_len;
	struct regex *regex; /* owned; NULL: the delimiter is itself */
	bool pretty;
};

static void
csvtojson_free(void *state)
{
	struct csvtojson *s = state;

	for (size_t i = 0; i < s->count; i++)
		free((void *)(uintptr_t)s->keys[i].at);
	free(s->keys);
	free(s->delimiter);
	regex_free(s->regex);
	free(s);
}

static void
read_names(struct csvtojson *s, struct told *t)
{
	char **names = told_list(t, "customFieldNames", &s->count);

	if (names == NULL) {
		told_refuse(t, "customFieldNames",
		    "missing; name the columns, like [time, user]");
		return;
	}
	s->keys = mem_new_array(s->count, sizeof(*s->keys));
	for (size_t i = 0; i < s->count; i++)
		s->keys[i] = work_key(names[i]);
	told_free_list(names, s->count);
}

static void
read_delimiter(struct csvtojson *s, struct told *t)
{
	const char *told = told_text(t, "delimiter");

	if (told == NULL || told[0] == '\0')
		told = ",";
	s->delimiter = mem_new(strlen(told));
	if (csv_delimiter(told, s->delimiter, &s->delimiter_len))
		return;
	s->regex = told_regex(t, "delimiter", REGEX_ANYWHERE);
	/* || would cut everywhere, too: it is meant as it stands. */
	if (s->regex == NULL ||
	    regex_is(s->regex, span_of(NULL, 0)) != REGEX_YES)
		return;
	regex_free(s->regex);
	s->regex = NULL;
	s->delimiter_len = strlen(told);
	memcpy(s->delimiter, told, s->delimiter_len);
}

static void *
csvtojson_make(struct told *t)
{
	struct csvtojson *s = mem_new(sizeof(*s));

	read_names(s, t);
	read_delimiter(s, t);
	s->pretty = told_choice(t, "jsonFormat", layouts, 0) == 1;
	if (!t->failed)
		return s;
	csvtojson_free(s);
	return NULL;
}

/* The text of `column`, its quotes once; no place: no memory. */
static struct span
text_of(struct work *w, const struct csv_column *column)
{
	unsigned char *at;
	size_t len;

	if (!column->doubled)
		return column->text;
	at = arena_take(&w->arena, column->text.len);
	if (at == NULL)
		return span_of(NULL, 0);
	len = csv_undouble(column->text, at);
	arena_trim(&w->arena, column->text.len, len);
	return span_of(at, len);
}

/* Add the columns that have names. Answers how many columns there are up to
 * the last that is not empty, or -1: too hard. */
static long
take_columns(const struct csvtojson *s, struct work *w, struct csv *row)
{
	struct csv_column column;
	long seen = 0, filled = 0;

	while (csv_next(row, &column)) {
		struct span text;

		seen++;
		/* An empty row is one empty column. */
		if (column.text.len > 0 || column.quoted ||
		    (seen == 1 && row->done))
			filled = seen;
		if ((size_t)seen > s->count)
			continue;
		text = text_of(w, &column);
		if (text.at == NULL ||
		    !work_add(w, s->keys[seen - 1], text, MEMBER_TEXT))
			return -1;
	}
	return row->too_hard ? -1 : filled;
}

static enum step_answer
csvtojson_run(void *state, struct work *w)
{
	const struct csvtojson *s = state;
	struct span text;
	struct csv row = { .regex = s->regex };
	long filled;

	if (!work_text(w, &text))
		return STEP_TOO_HARD;
	text = work_line(text);
	if (text.len > 0 && text.at[text.len - 1] == '\r')
		text.len--;
	if (!work_settle(w, &text) ||
	    (s->regex != NULL && !work_utf8(w, &text)))
		return STEP_TOO_HARD;
	row.row = text;
	row.delimiter = span_of(s->delimiter, s->delimiter_len);
	work_clear(w, s->pretty);
	filled = take_columns(s, w, &row);
	if (filled < 0)
		return STEP_TOO_HARD;
	for (size_t i = (size_t)filled; i < w->count; i++)
		w->members[i].kind = MEMBER_NULL;
	while (w->count < s->count)
		if (!work_add(
			w, s->keys[w->count], span_of(NULL, 0), MEMBER_NULL))
			return STEP_TOO_HARD;
	return STEP_DONE;
}

static bool
csvtojson_is_interpreted(const void *state)
{
	const struct csvtojson *s = state;

	return s->regex != NULL && regex_is_interpreted(s->regex);
}

const struct step_kind csvtojson_kind = { "CSVTOJSON",
	"customFieldNames delimiter jsonFormat", false, csvtojson_make,
	csvtojson_run, csvtojson_free, csvtojson_is_interpreted };
