/* SPDX-License-Identifier: Apache-2.0
 *
 * template: see template.h. Neighbouring pieces of plain text are one part,
 * with doubled braces undoubled in place: a text never grows.
 *
 * Any thread. Pure. Filling in allocates nothing.
 */
#include "template.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "record.h"

enum part_kind { PART_TEXT, PART_HOSTNAME, PART_PATH, PART_FILE, PART_FIELD };

struct part {
	enum part_kind kind;
	struct span text; /* TEXT: what it says; FIELD: its name */
};

struct template
{
	char *text; /* owned: what the parts borrow from */
	size_t count;
	struct part parts[TEMPLATE_PARTS];
};

static const struct {
	const char *name;
	enum part_kind kind;
} facts_by_name[] = {
	{ "hostname", PART_HOSTNAME },
	{ "path", PART_PATH },
	{ "file", PART_FILE },
};

static struct part
hole_of(struct span name)
{
	static const char prefix[] = "field:";
	size_t len = sizeof(prefix) - 1;

	for (size_t i = 0; i < sizeof(facts_by_name) / sizeof(*facts_by_name);
	     i++)
		if (span_eq(name, span_str(facts_by_name[i].name)))
			return (struct part){ .kind = facts_by_name[i].kind };
	if (name.len >= len && memcmp(name.at, prefix, len) == 0)
		name = span_of(name.at + len, name.len - len);
	return (struct part){ .kind = PART_FIELD, .text = name };
}

static const char *
add_part(struct template *t, struct part part)
{
	if (t->count == TEMPLATE_PARTS)
		return "more than 32 parts";
	t->parts[t->count++] = part;
	return NULL;
}

/* Plain text from `*at` on, up to a hole or the end; written where it stands.
 * What is wrong, or NULL. */
static const char *
take_text(struct template *t, char **at)
{
	char *from = *at, *to = from, *c = from;

	for (; *c != '\0'; c++) {
		if (*c == '{' && c[1] != '{')
			break;
		if (*c == '}' && c[1] != '}') {
			*at = c;
			return "a } without its {; write }} for the brace";
		}
		if (*c == '{' || *c == '}')
			c++;
		*to++ = *c;
	}
	*at = c;
	return add_part(t, (struct part){ .kind = PART_TEXT,
			       .text = span_of(from, (size_t)(to - from)) });
}

/* The hole at `*at`. */
static const char *
take_hole(struct template *t, char **at)
{
	char *from = *at + 1, *end = strpbrk(from, "{}");
	struct part part;

	if (end == NULL || *end == '{')
		return "a { without its }; write {{ for the brace";
	part = hole_of(span_of(from, (size_t)(end - from)));
	if (part.kind == PART_FIELD && part.text.len == 0)
		return "a field without a name";
	*at = end + 1;
	return add_part(t, part);
}

struct template *
template_new(const char *text, struct template_fault *fault)
{
	struct template *t = mem_new(sizeof(*t));
	char *at;
	const char *why = NULL;

	t->text = mem_dup(text);
	at = t->text;
	while (why == NULL && *at != '\0')
		why = *at == '{' && at[1] != '{' ? take_hole(t, &at)
						 : take_text(t, &at);
	if (why == NULL)
		return t;
	*fault = (struct template_fault){ (size_t)(at - t->text), why };
	template_free(t);
	return NULL;
}

void
template_free(struct template *t)
{
	if (t == NULL)
		return;
	free(t->text);
	free(t);
}

struct span
template_field(const struct template *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->parts[i].kind == PART_FIELD)
			return t->parts[i].text;
	return span_of(NULL, 0);
}

bool
template_is_constant(const struct template *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->parts[i].kind != PART_TEXT)
			return false;
	return true;
}

static struct span
last_part(struct span path)
{
	const unsigned char *slash =
	    path.len > 0 ? memrchr(path.at, '/', path.len) : NULL;

	if (slash == NULL)
		return path;
	slash++;
	return span_of(slash, path.len - (size_t)(slash - path.at));
}

bool
template_fill(const struct template *t, const struct template_facts *facts,
    struct span pieces[static TEMPLATE_PARTS], size_t *count,
    struct span *missing)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct part *part = &t->parts[i];
		const struct field *field;

		switch (part->kind) {
		case PART_TEXT:
			pieces[i] = part->text;
			break;
		case PART_HOSTNAME:
			pieces[i] = facts->hostname;
			break;
		case PART_PATH:
			pieces[i] = facts->path;
			break;
		case PART_FILE:
			pieces[i] = last_part(facts->path);
			break;
		case PART_FIELD:
			field = record_field(facts->record, part->text);
			if (field == NULL || field->value.len == 0) {
				*missing = part->text;
				return false;
			}
			pieces[i] = field->value;
			break;
		}
	}
	*count = t->count;
	return true;
}
