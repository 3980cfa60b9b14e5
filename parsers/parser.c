/* SPDX-License-Identifier: Apache-2.0
 *
 * parser: the chain. See include/parser.h; each option is a row of `kinds`.
 *
 * Thread: one at a time, the chain's.
 */
#include "parser.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"
#include "nearest.h"
#include "record.h"
#include "step.h"
#include "told.h"
#include "work.h"

/* How much more than a record may be what is made of it may take: each quote
 * in it doubles, and again when JSON becomes data of JSON. */
#define MANY  16
#define EXTRA 65536

static const struct step_kind *const kinds[] = { &mergeparts_kind,
	&singleline_kind, &csvtojson_kind, &logtojson_kind, &addmetadata_kind,
	&addec2_kind, &addbrackets_kind, &filter_kind, &redact_kind,
	&types_kind, &timestamp_kind };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct step {
	const struct step_kind *kind;
	void *state; /* owned */
};

struct parser {
	struct step *steps; /* owned */
	size_t count;
	struct work work;
	struct field *captured; /* owned */
	size_t room;            /* in it */
	bool redacts;
};

static const struct step_kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static void
refuse_name(struct told *t, const char *name)
{
	const char *nearest = NULL;
	unsigned best = nearest_limit(name), d;

	for (size_t i = 0; i < KINDS; i++) {
		d = nearest_distance(name, kinds[i]->name);
		if (d < best) {
			best = d;
			nearest = kinds[i]->name;
		}
	}
	if (strcmp(name, "USINGPLUGGIN") == 0)
		told_refuse(t, "optionName",
		    "a Java class cannot be loaded here, and without it "
		    "records would be sent as they came; say what it does "
		    "with other options and take this one out");
	else if (nearest != NULL)
		told_refuse(t, "optionName",
		    "no such option (got `%.64s`); did you mean `%s`?", name,
		    nearest);
	else
		told_refuse(t, "optionName",
		    "no such option (got `%.64s`); allowed: SINGLELINE, "
		    "CSVTOJSON, LOGTOJSON, ADDMETADATA, ADDEC2METADATA, "
		    "ADDBRACKETS, FILTER, REDACT, TYPES, TIMESTAMP",
		    name);
}

static bool
make_step(struct step *step, const char *option, struct parser_fault *fault)
{
	struct told t;
	const char *name;
	bool made = false;

	if (told_init(&t, span_str(option), fault)) {
		name = told_need(&t, "optionName");
		if (name != NULL)
			step->kind = find_kind(name);
		if (name != NULL && step->kind == NULL)
			refuse_name(&t, name);
		if (step->kind != NULL) {
			step->state = step->kind->make(&t);
			made = step->state != NULL;
		}
	}
	told_fini(&t);
	return made;
}

struct parser *
parser_new(const char *const *options, size_t count, size_t max_record,
    struct parser_fault *fault)
{
	struct parser *p = mem_new(sizeof(*p));

	assert(max_record < SIZE_MAX / (2 * MANY));
	work_init(&p->work, max_record * MANY + EXTRA);
	p->steps = mem_new_array(count > 0 ? count : 1, sizeof(*p->steps));
	for (; p->count < count; p->count++)
		if (!make_step(&p->steps[p->count], options[p->count], fault)) {
			fault->option = p->count;
			parser_free(p);
			return NULL;
		}
	for (size_t i = 0; i < count; i++)
		p->redacts |= p->steps[i].kind == &redact_kind;
	return p;
}

void
parser_free(struct parser *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		p->steps[i].kind->free(p->steps[i].state);
	free(p->steps);
	free(p->captured);
	work_fini(&p->work);
	free(p);
}

static enum parser_verdict
verdict_of(enum step_answer answer)
{
	switch (answer) {
	case STEP_DONE:
		return PARSER_RECORD;
	case STEP_DROP:
		return PARSER_SKIPPED;
	case STEP_NO_MATCH:
		return PARSER_NO_MATCH;
	case STEP_TOO_HARD:
		break;
	}
	return PARSER_TOO_HARD;
}

enum parser_verdict
parser_run(struct parser *p, struct span record,
    const struct parser_facts *facts, struct parser_result *result)
{
	enum step_answer answer = STEP_DONE;
	size_t i = 0;

	*result = (struct parser_result){ .record = record };
	work_begin(&p->work, record, facts);
	while (i < p->count && answer == STEP_DONE) {
		answer = p->steps[i].kind->run(p->steps[i].state, &p->work);
		i++;
	}
	if (answer == STEP_DONE && !work_text(&p->work, &result->record)) {
		answer = STEP_TOO_HARD;
		result->record = record;
	}
	if (answer != STEP_DONE) {
		result->option = i - 1;
		result->skips = p->steps[i - 1].kind->skips || p->redacts;
	}
	return verdict_of(answer);
}

void
parser_capture(struct parser *p, struct record *record)
{
	struct work *w = &p->work;
	size_t count = 0;

	if (w->count > p->room) {
		p->room = w->room;
		p->captured =
		    mem_resize(p->captured, p->room, sizeof(*p->captured));
	}
	for (size_t i = 0; i < w->count; i++) {
		struct field *f = &p->captured[count];

		if (work_name(w, &w->members[i], &f->name) &&
		    work_value(w, &w->members[i], &f->value))
			count++;
	}
	record->fields = p->captured;
	record->field_count = count;
}

bool
parser_wants_host(const char *option)
{
	struct parser_fault fault;
	struct told t;
	const char *name = NULL;
	bool wants;

	if (told_init(&t, span_str(option), &fault))
		name = told_need(&t, "optionName");
	wants = name != NULL && find_kind(name) == &addec2_kind;
	told_fini(&t);
	return wants;
}

const char *
parser_option(const struct parser *p, size_t index)
{
	assert(index < p->count);
	return p->steps[index].kind->name;
}

bool
parser_is_interpreted(const struct parser *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct step *s = &p->steps[i];

		if (s->kind->is_interpreted != NULL &&
		    s->kind->is_interpreted(s->state))
			return true;
	}
	return false;
}

bool
parser_redacts(const struct parser *p)
{
	return p->redacts;
}

bool
parser_skips(const struct parser *p)
{
	return p->redacts || (p->count > 0 && p->steps[0].kind->skips);
}

/* The next of the words of `list`, which have a blank between them, into
 * `word`; NULL: none is left. */
static const char *
next_word(const char *list, char word[static 32])
{
	size_t len = strcspn(list, " ");

	if (len == 0)
		return NULL;
	snprintf(word, 32, "%.*s", (int)len, list);
	list += len;
	return *list == ' ' ? list + 1 : list;
}

bool
parser_knows(const char *name, const char *key, char *why, size_t why_size)
{
	const struct step_kind *kind = find_kind(name);
	const char *list = kind != NULL ? kind->keys : "";
	char word[32], nearest[32] = "";
	unsigned best = nearest_limit(key);

	if (kind == NULL || strcmp(key, "optionName") == 0)
		return true;
	while ((list = next_word(list, word)) != NULL) {
		unsigned d = nearest_distance(key, word);

		if (strcmp(key, word) == 0)
			return true;
		if (d < best) {
			best = d;
			memcpy(nearest, word, sizeof(word));
		}
	}
	if (nearest[0] != '\0')
		snprintf(why, why_size, "no such key of %s; did you mean `%s`?",
		    name, nearest);
	else
		snprintf(why, why_size, "no such key of %s; it knows: %s", name,
		    kind->keys[0] != '\0' ? kind->keys : "no others");
	return false;
}
