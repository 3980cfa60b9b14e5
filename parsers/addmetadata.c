/* SPDX-License-Identifier: Apache-2.0
 *
 * addmetadata: ADDMETADATA, a record as the data beside what the operator says
 * of it. In the metadata's texts {hostname} {path} {file} {offset} {time} are
 * what they are for the record.
 *
 * The chain's thread.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "jsonout.h"
#include "mem.h"
#include "moment.h"
#include "parser.h"
#include "work.h"
#include "step.h"
#include "told.h"

static const char *const layouts[] = { "COMPACT", "PRETTYPRINT", NULL };

enum variable { HOSTNAME, PATH, FILE_NAME, OFFSET, TIME, VARIABLES };

static const char *const variables[VARIABLES] = { "{hostname}", "{path}",
	"{file}", "{offset}", "{time}" };

struct piece {
	struct span text;       /* borrowed from `metadata` */
	enum variable variable; /* behind it; VARIABLES: none */
};

struct addmetadata {
	char *metadata;       /* owned: JSON; NULL: none */
	struct piece *pieces; /* owned */
	size_t count;
	struct buf filled; /* the metadata of this record */
	bool timestamp, pretty;
};

static void
addmetadata_free(void *state)
{
	struct addmetadata *s = state;

	free(s->metadata);
	free(s->pieces);
	buf_fini(&s->filled);
	free(s);
}

static enum variable
variable_at(const char *at)
{
	enum variable v = HOSTNAME;

	while (v < VARIABLES &&
	       strncmp(at, variables[v], strlen(variables[v])) != 0)
		v++;
	return v;
}

static void
add_piece(struct addmetadata *s, const char *from, const char *to,
    enum variable variable)
{
	s->pieces = mem_resize(s->pieces, s->count + 1, sizeof(*s->pieces));
	s->pieces[s->count++] =
	    (struct piece){ span_of(from, (size_t)(to - from)), variable };
}

/* Outside of its texts, JSON never looks like a variable. */
static void
cut(struct addmetadata *s)
{
	const char *from = s->metadata, *at = from;

	while ((at = strchr(at, '{')) != NULL) {
		enum variable v = variable_at(at);

		if (v == VARIABLES) {
			at++;
			continue;
		}
		add_piece(s, from, at, v);
		at += strlen(variables[v]);
		from = at;
	}
	add_piece(s, from, from + strlen(from), VARIABLES);
}

static void *
addmetadata_make(struct told *t)
{
	struct addmetadata *s = mem_new(sizeof(*s));
	struct span json = told_json(t, "metadata");
	struct buf compact;

	buf_init(&s->filled, SIZE_MAX / 2);
	s->timestamp = told_flag(t, "timestamp", false);
	s->pretty = told_choice(t, "jsonFormat", layouts, 0) == 1;
	if (json.len > 0) {
		buf_init(&compact, json.len);
		(void)jsonout_value(&compact, json, false, 0);
		s->metadata = mem_dup_span(compact.at, compact.len);
		buf_fini(&compact);
		cut(s);
	} else if (!s->timestamp) {
		told_refuse(t, "metadata",
		    "missing; say what to add, or timestamp: true");
	}
	if (!t->failed)
		return s;
	addmetadata_free(s);
	return NULL;
}

static bool
add_variable(struct buf *out, enum variable v, const struct parser_facts *f)
{
	char text[MOMENT_TEXT];

	switch (v) {
	case HOSTNAME:
		return jsonout_inside(out, f->hostname);
	case PATH:
		return jsonout_inside(out, f->path);
	case FILE_NAME:
		return jsonout_inside(out, f->file);
	case OFFSET:
		snprintf(text, sizeof(text), "%" PRIu64, f->offset);
		return buf_add_str(out, text);
	case TIME:
		moment_extended(f->now_ms, text);
		return buf_add_str(out, text);
	case VARIABLES:
		break;
	}
	return true;
}

static bool
fill(struct addmetadata *s, const struct parser_facts *facts)
{
	/* Only the variables differ from one record to the next. */
	if (s->count == 1 && s->filled.len > 0)
		return true;
	buf_clear(&s->filled);
	for (size_t i = 0; i < s->count; i++)
		if (!buf_add_span(&s->filled, s->pieces[i].text) ||
		    !add_variable(&s->filled, s->pieces[i].variable, facts))
			return false;
	return true;
}

static enum step_answer
addmetadata_run(void *state, struct work *w)
{
	struct addmetadata *s = state;
	struct member fields[3];
	size_t count = 0;
	char time[MOMENT_TEXT];
	struct span text;
	struct buf *out;

	if (!work_text(w, &text))
		return STEP_TOO_HARD;
	if (s->timestamp) {
		moment_extended(w->facts->now_ms, time);
		fields[count++] = (struct member){ span_str("\"ts\":"),
			span_str(time), MEMBER_TEXT };
	}
	if (s->metadata != NULL) {
		if (!fill(s, w->facts))
			return STEP_TOO_HARD;
		fields[count++] = (struct member){ span_str("\"metadata\":"),
			buf_span(&s->filled), MEMBER_JSON };
	}
	fields[count++] = (struct member){ span_str("\"data\":"),
		work_line(text), MEMBER_TEXT };
	out = work_draft(w);
	if (!work_write(fields, count, s->pretty, out))
		return STEP_TOO_HARD;
	work_done(w);
	return STEP_DONE;
}

const struct step_kind addmetadata_kind = { "ADDMETADATA",
	"metadata timestamp jsonFormat", false, addmetadata_make,
	addmetadata_run, addmetadata_free, NULL };
