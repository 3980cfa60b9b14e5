/* SPDX-License-Identifier: Apache-2.0
 *
 * addec2: ADDEC2METADATA, what the instance is, added to a JSON object. While
 * nothing is known of the instance, records stay as they are.
 *
 * The chain's thread.
 */
#include <stdlib.h>

#include "mem.h"
#include "parser.h"
#include "work.h"
#include "step.h"
#include "told.h"

static const char *const layouts[] = { "COMPACT", "PRETTYPRINT", NULL };

static const struct fact {
	const char *name, *key;
	size_t at; /* in struct parser_host */
	enum member_kind kind;
} facts[] = {
#define FACT(name, field)                                                      \
	{                                                                      \
		name, "\"" name "\":", offsetof(struct parser_host, field),    \
		    MEMBER_TEXT                                                \
	}
	FACT("privateIp", private_ip),
	FACT("availabilityZone", zone),
	FACT("instanceId", instance_id),
	FACT("instanceType", instance_type),
	FACT("accountId", account_id),
	FACT("amiId", ami_id),
	FACT("region", region),
	FACT("metadataTimestamp", stamp),
	{ "tags", "\"tags\":", offsetof(struct parser_host, tags),
	    MEMBER_JSON },
};

struct addec2 {
	bool pretty;
};

static void *
addec2_make(struct told *t)
{
	struct addec2 *s = mem_new(sizeof(*s));

	s->pretty = told_choice(t, "jsonFormat", layouts, 0) == 1;
	if (!t->failed)
		return s;
	free(s);
	return NULL;
}

static bool
set(struct work *w, const struct fact *fact, struct span value)
{
	struct member *f = work_find(w, span_str(fact->name));

	if (f == NULL)
		return work_add(w, span_str(fact->key), value, fact->kind);
	f->value = value;
	f->kind = fact->kind;
	return true;
}

static enum step_answer
addec2_run(void *state, struct work *w)
{
	const struct addec2 *s = state;
	const struct parser_host *host = w->facts->host;

	if (host == NULL)
		return STEP_DONE;
	switch (work_parse(w)) {
	case WORK_IS:
		break;
	case WORK_IS_NOT:
		return STEP_NO_MATCH;
	case WORK_TOO_LARGE:
		return STEP_TOO_HARD;
	}
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct span value;

		memcpy(&value, (const char *)host + facts[i].at, sizeof(value));
		if (value.len > 0 && !set(w, &facts[i], value))
			return STEP_TOO_HARD;
	}
	w->pretty = s->pretty;
	work_touch(w);
	return STEP_DONE;
}

const struct step_kind addec2_kind = { "ADDEC2METADATA",
	"logFormat metadataTTL jsonFormat", false, addec2_make, addec2_run,
	free, NULL };
