/* SPDX-License-Identifier: Apache-2.0
 *
 * timestamp: TIMESTAMP, a field's time as ISO 8601 in UTC.
 *
 * The chain's thread.
 */
#include <stdlib.h>

#include "mem.h"
#include "moment.h"
#include "parser.h"
#include "work.h"
#include "step.h"
#include "told.h"

static const struct known {
	const char *name, *format;
} known[] = {
	{ "apache", "%d/%b/%Y:%H:%M:%S %z" },
	{ "apacheError", "%a %b %d %H:%M:%S %Y" },
	{ "syslog", "%b %d %H:%M:%S" },
	{ "nginx", "%Y/%m/%d %H:%M:%S" },
	{ "rfc3339", "%Y-%m-%dT%H:%M:%S%z" },
	{ "epoch", "%s" },
	{ "epochMillis", NULL },
};

struct timestamp {
	char *field;     /* owned */
	struct span key; /* owned: of the field it goes to; empty: the same */
	char *target;    /* owned; NULL: the same */
	char *format;    /* owned; NULL: milliseconds since 1970 */
	int32_t zone_s;
};

static void
timestamp_free(void *state)
{
	struct timestamp *s = state;

	free(s->field);
	free(s->target);
	free((void *)(uintptr_t)s->key.at);
	free(s->format);
	free(s);
}

static void
read_format(struct timestamp *s, struct told *t)
{
	const char *told = told_need(t, "format");
	size_t at;

	if (told == NULL)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(told, known[i].name) == 0) {
			if (known[i].format != NULL)
				s->format = mem_dup(known[i].format);
			return;
		}
	if (strchr(told, '%') == NULL)
		told_refuse(t, "format",
		    "neither a format nor known by name (got `%.64s`); "
		    "allowed: apache, apacheError, syslog, nginx, rfc3339, "
		    "epoch, epochMillis, or %%d.%%m.%%Y and the like",
		    told);
	else if (!moment_knows(told, &at))
		told_refuse(t, "format",
		    "`%.2s` is not known (got `%.64s`); allowed: %%Y %%m %%d "
		    "%%e %%b %%a %%H %%M %%S %%f %%z %%y %%j %%p %%I %%s %%T "
		    "%%F %%%%",
		    told + at, told);
	s->format = mem_dup(told);
}

static void *
timestamp_make(struct told *t)
{
	struct timestamp *s = mem_new(sizeof(*s));
	const char *field = told_need(t, "field");
	const char *target = told_text(t, "target");
	const char *zone = told_text(t, "timezone");

	if (field != NULL)
		s->field = mem_dup(field);
	if (target != NULL && target[0] != '\0') {
		s->target = mem_dup(target);
		s->key = work_key(target);
	}
	read_format(s, t);
	if (zone != NULL && !moment_zone(span_str(zone), &s->zone_s))
		told_refuse(t, "timezone",
		    "not a distance from UTC (got `%.32s`); allowed: UTC, "
		    "+01:00, -0330",
		    zone);
	if (!t->failed)
		return s;
	timestamp_free(s);
	return NULL;
}

static bool
read_millis(struct span text, struct moment *m)
{
	int64_t ms = 0;

	if (text.len == 0 || text.len > 15)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		ms = ms * 10 + (text.at[i] - '0');
	}
	m->seconds = ms / 1000;
	m->fraction[0] = (char)('0' + ms / 100 % 10);
	m->fraction[1] = (char)('0' + ms / 10 % 10);
	m->fraction[2] = (char)('0' + ms % 10);
	m->fraction[3] = '\0';
	return true;
}

static enum step_answer
put(const struct timestamp *s, struct work *w, struct member *f,
    const struct moment *m)
{
	char text[MOMENT_TEXT];
	unsigned char *at;
	size_t len;

	moment_write(m, text);
	len = strlen(text);
	at = arena_take(&w->arena, len);
	if (at == NULL)
		return STEP_TOO_HARD;
	memcpy(at, text, len);
	work_touch(w);
	if (s->target != NULL) {
		f = work_find(w, span_str(s->target));
		if (f == NULL)
			return work_add(
				   w, s->key, span_of(at, len), MEMBER_TEXT)
				   ? STEP_DONE
				   : STEP_TOO_HARD;
	}
	f->value = span_of(at, len);
	f->kind = MEMBER_TEXT;
	return STEP_DONE;
}

/* A record without the field, or with nothing in it, has no time to tell. */
static enum step_answer
timestamp_run(void *state, struct work *w)
{
	const struct timestamp *s = state;
	struct member *f;
	struct span text;
	struct moment m;
	bool read;

	switch (work_parse(w)) {
	case WORK_IS:
		break;
	case WORK_IS_NOT:
		return STEP_NO_MATCH;
	case WORK_TOO_LARGE:
		return STEP_TOO_HARD;
	}
	f = work_find(w, span_str(s->field));
	if (f == NULL || f->kind == MEMBER_NULL)
		return STEP_DONE;
	if (!work_value(w, f, &text))
		return STEP_TOO_HARD;
	read = s->format == NULL ? read_millis(text, &m)
				 : moment_read(s->format, text,
				       w->facts->now_ms, s->zone_s, &m);
	return read ? put(s, w, f, &m) : STEP_NO_MATCH;
}

const struct step_kind timestamp_kind = { "TIMESTAMP",
	"field format timezone target", false, timestamp_make, timestamp_run,
	timestamp_free, NULL };
