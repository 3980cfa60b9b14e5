/* SPDX-License-Identifier: Apache-2.0
 *
 * schema: see schema.h.
 *
 * A key with a dot may be written as it is or as a group with the rest of the
 * key in it; the schema has both. Settings that are not acted upon are left out,
 * so that an editor marks them.
 */
#include "schema.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "settings.h"

struct pen {
	FILE *out;
	int depth;
	bool first; /* nothing yet in the object or list */
};

/* JSON's escapes, for text that is UTF-8 and ours. */
static void
write_text(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		if (*text == '\n')
			fputs("\\n", out);
		else
			putc(*text, out);
	}
	putc('"', out);
}

static void
next_line(struct pen *p)
{
	fputs(p->first ? "\n" : ",\n", p->out);
	for (int i = 0; i < p->depth; i++)
		putc('\t', p->out);
	p->first = false;
}

static void
write_key(struct pen *p, const char *key)
{
	next_line(p);
	write_text(p->out, key);
	fputs(": ", p->out);
}

static void
open_object(struct pen *p, const char *key)
{
	if (key != NULL)
		write_key(p, key);
	putc('{', p->out);
	p->depth++;
	p->first = true;
}

static void
close_object(struct pen *p)
{
	p->depth--;
	p->first = true;
	next_line(p);
	putc('}', p->out);
}

static void
put_text(struct pen *p, const char *key, const char *text)
{
	write_key(p, key);
	write_text(p->out, text);
}

/* `json` is put as it is. */
static void
put(struct pen *p, const char *key, const char *json)
{
	write_key(p, key);
	fputs(json, p->out);
}

static void
put_number(struct pen *p, const char *key, int64_t number)
{
	write_key(p, key);
	fprintf(p->out, "%" PRId64, number);
}

/* A number, or one with a unit, which the range is not asked of. */
static void
put_quantity(struct pen *p, const struct setting *s, const char *units)
{
	put(p, "type",
	    units != NULL ? "[\"integer\", \"string\"]" : "\"integer\"");
	put_number(p, "minimum", s->min);
	put_number(p, "maximum", s->max);
	put_number(p, "default", s->fallback);
	if (units != NULL)
		put_text(p, "pattern", units);
}

static void
put_choices(struct pen *p, const struct setting *s)
{
	bool first = true;

	write_key(p, "enum");
	putc('[', p->out);
	for (const struct choice *c = s->choices; c->word != NULL; c++) {
		if (c->alias)
			continue;
		fputs(first ? "" : ", ", p->out);
		write_text(p->out, c->word);
		first = false;
	}
	putc(']', p->out);
	for (const struct choice *c = s->choices; c->word != NULL; c++)
		if (!c->alias && (int64_t)c->value == s->fallback) {
			put_text(p, "default", c->word);
			return;
		}
}

#define AN_OPTION "{ \"type\": \"object\", \"required\": [\"optionName\"] }"

static void write_scope(struct pen *p, enum setting_scope scope);

static void
put_value(struct pen *p, const struct setting *s)
{
	switch (s->kind) {
	case KIND_MS:
		put_quantity(p, s, "^[0-9]+(ms|s|m|h)?$");
		break;
	case KIND_BYTES:
		put_quantity(p, s, "^[0-9]+([KMG]iB)?$");
		break;
	case KIND_COUNT:
		put_quantity(p, s, NULL);
		break;
	case KIND_BOOL:
		put_text(p, "type", "boolean");
		put(p, "default", s->fallback != 0 ? "true" : "false");
		break;
	case KIND_ENUM:
		put_choices(p, s);
		break;
	case KIND_PATTERNS:
	case KIND_EXCLUDES:
		put(p, "type", "[\"string\", \"array\"]");
		put(p, "items", "{ \"type\": \"string\" }");
		put(p, "minItems", "1");
		break;
	case KIND_LIST:
		put_text(p, "type", "array");
		put_number(p, "minItems", s->min);
		put_number(p, "maxItems", s->max);
		open_object(p, "items");
		write_scope(p, SCOPE_FLOW);
		close_object(p);
		break;
	case KIND_OPTIONS:
		put_text(p, "type", "array");
		put(p, "items", AN_OPTION);
		break;
	case KIND_TEMPLATE:
		put(p, "type", "[\"string\", \"integer\"]");
		break;
	case KIND_TEXT:
	case KIND_NAME:
	case KIND_HEADER:
	case KIND_SECRET:
	case KIND_PATH:
	case KIND_STREAM:
	case KIND_DELIVERY:
	case KIND_ENDPOINT:
	case KIND_PROXY:
	case KIND_REGEX:
	case KIND_ROLE:
	case KIND_ADDRESS:
	case KIND_REGION:
		put_text(p, "type", "string");
		if (s->text_fallback != NULL)
			put_text(p, "default", s->text_fallback);
		break;
	}
}

static void
write_setting(struct pen *p, const struct setting *s, const char *key)
{
	open_object(p, key);
	put_text(p, "description", s->help);
	put_value(p, s);
	close_object(p);
}

/* The length of a key's group, 0: it has none. */
static size_t
group_of(const char *key)
{
	const char *dot = strchr(key, '.');

	return dot != NULL ? (size_t)(dot - key) : 0;
}

static bool
is_shown(const struct setting *s, enum setting_scope scope)
{
	return s->scope == scope && s->state == SETTING_BUILT;
}

/* Is row `i` the first of its group that is shown? */
static bool
begins_group(size_t i, enum setting_scope scope)
{
	const char *key = settings_at(i)->key;
	size_t len = group_of(key);

	if (len == 0)
		return false;
	for (size_t j = 0; j < i; j++)
		if (is_shown(settings_at(j), scope) &&
		    strncmp(settings_at(j)->key, key, len + 1) == 0)
			return false;
	return true;
}

static void
write_group(struct pen *p, const char *first, enum setting_scope scope)
{
	size_t len = group_of(first);
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, first);
	open_object(p, name);
	put_text(p, "type", "object");
	put(p, "additionalProperties", "false");
	open_object(p, "properties");
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (is_shown(s, scope) && strncmp(s->key, first, len + 1) == 0)
			write_setting(p, s, s->key + len + 1);
	}
	close_object(p);
	close_object(p);
}

static void
write_scope(struct pen *p, enum setting_scope scope)
{
	put_text(p, "type", "object");
	put(p, "additionalProperties", "false");
	if (scope == SCOPE_FLOW)
		put(p, "required", "[\"filePattern\"]");
	open_object(p, "properties");
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (!is_shown(s, scope))
			continue;
		if (begins_group(i, scope))
			write_group(p, s->key, scope);
		write_setting(p, s, s->key);
	}
	close_object(p);
}

void
schema_write(FILE *out)
{
	struct pen p = { out, 0, true };

	open_object(&p, NULL);
	put_text(&p, "$schema", "http://json-schema.org/draft-07/schema#");
	put_text(&p, "title", "kinesis-agent's agent.yaml");
	write_scope(&p, SCOPE_AGENT);
	close_object(&p);
	putc('\n', out);
}
