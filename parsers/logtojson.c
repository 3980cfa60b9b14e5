/* SPDX-License-Identifier: Apache-2.0
 *
 * logtojson: LOGTOJSON, a log line's fields as JSON: of a format known by
 * name, or of the groups of a pattern that matches the whole line.
 *
 * The chain's thread.
 */
#include <stdint.h>
#include <stdlib.h>

#include "format.h"
#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"

static const char *const layouts[] = { "COMPACT", "PRETTYPRINT", NULL };

struct logtojson {
	const struct format *format; /* NULL: the pattern alone */
	struct regex *regex;         /* owned; NULL: the format's scanner */
	struct span *keys;           /* owned, and each */
	size_t *groups; /* owned; of the regex: which has the field */
	size_t count;
	bool dash_is_null, pretty;
};

static void
logtojson_free(void *state)
{
	struct logtojson *s = state;

	for (size_t i = 0; i < s->count; i++)
		free((void *)(uintptr_t)s->keys[i].at);
	free(s->keys);
	free(s->groups);
	regex_free(s->regex);
	free(s);
}

static void
add_field(struct logtojson *s, const char *name, size_t group)
{
	s->keys = mem_resize(s->keys, s->count + 1, sizeof(*s->keys));
	s->groups = mem_resize(s->groups, s->count + 1, sizeof(*s->groups));
	s->keys[s->count] = work_key(name);
	s->groups[s->count++] = group;
}

static void
read_format(struct logtojson *s, struct told *t)
{
	const char *name = told_text(t, "logFormat");
	char known[256];

	format_list(known, sizeof(known));
	if (name == NULL) {
		if (!told_has(t, "matchPattern"))
			told_refuse(
			    t, "logFormat", "missing; allowed: %s", known);
		return;
	}
	s->format = format_find(name);
	if (s->format == NULL)
		told_refuse(t, "logFormat",
		    "not a known format (got `%.32s`); allowed: %s", name,
		    known);
	else
		s->dash_is_null = s->format->dash_is_null;
}

static void
check_count(struct told *t, size_t names, size_t fields, const char *of)
{
	if (names != fields)
		told_refuse(t, "customFieldNames",
		    "%zu names for the %zu %s; they must be as many", names,
		    fields, of);
}

/* The names that the operator gives. */
static void
name_fields(struct logtojson *s, struct told *t)
{
	size_t count, fields = 0;
	char **names = told_list(t, "customFieldNames", &count);

	if (names == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		add_field(s, names[i], i + 1);
	told_free_list(names, count);
	if (s->regex != NULL) {
		check_count(
		    t, count, regex_groups(s->regex), "groups of matchPattern");
		return;
	}
	if (s->format == NULL)
		return;
	if (s->format->fields == NULL) {
		told_refuse(t, "customFieldNames",
		    "lines of this format name their fields; leave it away");
		return;
	}
	while (s->format->fields[fields] != NULL)
		fields++;
	check_count(t, count, fields, "fields of the format");
}

/* The names that the pattern or the format has. */
static void
take_names(struct logtojson *s, struct told *t)
{
	if (s->regex != NULL) {
		for (size_t i = 1; i <= regex_groups(s->regex); i++) {
			struct span name = regex_group_name(s->regex, i);

			if (name.len > 0)
				add_field(s, (const char *)name.at, i);
		}
		if (s->count == 0)
			told_refuse(t, "matchPattern",
			    "its groups have no names; write (?<name>...), or "
			    "customFieldNames");
		return;
	}
	if (s->format == NULL || s->format->fields == NULL)
		return;
	for (size_t i = 0; s->format->fields[i] != NULL; i++)
		add_field(s, s->format->fields[i], i + 1);
}

static void *
logtojson_make(struct told *t)
{
	struct logtojson *s = mem_new(sizeof(*s));
	const char *pattern = told_text(t, "matchPattern");

	read_format(s, t);
	if (pattern != NULL && pattern[0] != '\0')
		s->regex = told_regex(t, "matchPattern", REGEX_WHOLE);
	if (!t->failed && told_has(t, "customFieldNames"))
		name_fields(s, t);
	else if (!t->failed)
		take_names(s, t);
	s->pretty = told_choice(t, "jsonFormat", layouts, 0) == 1;
	if (!t->failed)
		return s;
	logtojson_free(s);
	return NULL;
}

static bool
add_value(
    const struct logtojson *s, struct work *w, size_t i, struct span value)
{
	enum member_kind kind = MEMBER_TEXT;

	if (value.at == NULL ||
	    (s->dash_is_null && value.len == 1 && value.at[0] == '-'))
		kind = MEMBER_NULL;
	return work_add(w, s->keys[i], value, kind);
}

static enum step_answer
match(const struct logtojson *s, struct work *w, struct span line)
{
	if (!work_utf8(w, &line))
		return STEP_TOO_HARD;
	switch (regex_find(s->regex, line, 0)) {
	case REGEX_YES:
		break;
	case REGEX_NO:
		return STEP_NO_MATCH;
	case REGEX_TOO_HARD:
		return STEP_TOO_HARD;
	}
	work_clear(w, s->pretty);
	for (size_t i = 0; i < s->count; i++) {
		struct span value = span_of(NULL, 0);

		(void)regex_group(s->regex, s->groups[i], &value);
		if (!add_value(s, w, i, value))
			return STEP_TOO_HARD;
	}
	return STEP_DONE;
}

static enum step_answer
answer_of(enum format_answer answer)
{
	switch (answer) {
	case FORMAT_IS:
		return STEP_DONE;
	case FORMAT_IS_NOT:
		return STEP_NO_MATCH;
	case FORMAT_COMMENT:
		return STEP_DROP;
	case FORMAT_TOO_LARGE:
		break;
	}
	return STEP_TOO_HARD;
}

static enum step_answer
scan(const struct logtojson *s, struct work *w, struct span line)
{
	struct span values[FORMAT_FIELDS] = { { NULL, 0 } };
	enum format_answer answer = s->format->scan(line, values);

	if (answer != FORMAT_IS)
		return answer_of(answer);
	work_clear(w, s->pretty);
	for (size_t i = 0; i < s->count; i++)
		if (!add_value(s, w, i, values[i]))
			return STEP_TOO_HARD;
	return STEP_DONE;
}

/* The line names its fields itself. */
static enum step_answer
read_fields(const struct logtojson *s, struct work *w, struct span line)
{
	enum format_answer answer = s->format->read(w, line);

	w->pretty = s->pretty;
	return answer_of(answer);
}

static enum step_answer
logtojson_run(void *state, struct work *w)
{
	const struct logtojson *s = state;
	struct span line;

	if (!work_text(w, &line))
		return STEP_TOO_HARD;
	line = work_line(line);
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	if (!work_settle(w, &line))
		return STEP_TOO_HARD;
	if (s->regex != NULL)
		return match(s, w, line);
	if (s->format->scan != NULL)
		return scan(s, w, line);
	return read_fields(s, w, line);
}

static bool
logtojson_is_interpreted(const void *state)
{
	const struct logtojson *s = state;

	return s->regex != NULL && regex_is_interpreted(s->regex);
}

const struct step_kind logtojson_kind = { "LOGTOJSON",
	"logFormat matchPattern customFieldNames jsonFormat", true,
	logtojson_make, logtojson_run, logtojson_free,
	logtojson_is_interpreted };
