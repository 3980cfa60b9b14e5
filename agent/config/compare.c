/* SPDX-License-Identifier: Apache-2.0
 *
 * compare: what two configurations have in common, by the table of settings, so
 * that no setting is ever forgotten.
 *
 * Thread: main.
 */
#include "compare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "settings.h"

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(char *const *a, char *const *b)
{
	size_t i = 0;

	if (a == NULL || b == NULL)
		return a == b;
	while (a[i] != NULL && same_text(a[i], b[i]))
		i++;
	return same_text(a[i], b[i]);
}

/* The value of the row in a config or flow_config, wherever it is kept. */
static const void *
value(const void *base, const struct setting *s)
{
	return (const char *)base + s->at;
}

static char *
text(const void *base, const struct setting *s)
{
	char *at;

	memcpy(&at, value(base, s), sizeof(at));
	return at;
}

static char *const *
list(const void *base, const struct setting *s)
{
	char *const *at;

	memcpy(&at, value(base, s), sizeof(at));
	return at;
}

/* By the order of the kinds: numbers, one text, lists of them. */
static bool
same(const void *a, const void *b, const struct setting *s)
{
	if (s->kind == KIND_LIST)
		return true;
	if (s->kind < KIND_TEXT)
		return memcmp(value(a, s), value(b, s), s->width) == 0;
	if (s->kind <= KIND_REGION)
		return same_text(text(a, s), text(b, s));
	return same_list(list(a, s), list(b, s));
}

bool
compare_flows(const struct flow_config *a, const struct flow_config *b)
{
	/* What several settings decide together. */
	if (a->destination != b->destination || a->hidden != b->hidden ||
	    a->fips != b->fips || a->dualstack != b->dualstack ||
	    !same_text(a->region, b->region) ||
	    !same_text(a->endpoint, b->endpoint) ||
	    !same_text(a->role_arn, b->role_arn) ||
	    !same_text(a->role_external_id, b->role_external_id))
		return false;
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope == SCOPE_FLOW && s->state == SETTING_BUILT &&
		    !same(a, b, s))
			return false;
	}
	return true;
}

static void
adopt(struct config *c, const struct config *next, const struct setting *s)
{
	if (s->adopted == ADOPTED_AT_ONCE) {
		assert(s->kind <= KIND_ENUM);
		memcpy((char *)c + s->at, value(next, s), s->width);
		log_info("%s: %s: adopted", next->path, s->key);
		return;
	}
	log_warn("%s: %s: was changed, which takes effect at the next start",
	    next->path, s->key);
}

void
compare_adopt(struct config *c, const struct config *next)
{
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope == SCOPE_AGENT && s->state == SETTING_BUILT &&
		    s->adopted != ADOPTED_BY_FLOWS && !same(c, next, s))
			adopt(c, next, s);
	}
}
