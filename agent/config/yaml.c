/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml: from YAML to a tree. The only includer of libyaml.
 *
 * libyaml's events are taken one by one, so that depth is refused as soon as
 * it is met: its scanner needs quadratic time for deep flow collections, and
 * looks ahead only 1,024 characters. Directives are refused before it sees
 * the text: a file full of %TAG lines is quadratic too.
 *
 * Anchors, aliases, tags, merge keys, directives and second documents are
 * refused by name: in a file of settings each is a mistake or a trap.
 */
#include "readers.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "mem.h"
#include "tree.h"

static struct place
place_of(yaml_mark_t mark)
{
	return (
	    struct place){ (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

static int
refuse_directives(struct span text, struct report *r)
{
	const unsigned char *at = text.at, *end = text.at + text.len;
	uint32_t line = 1;

	while (at < end) {
		const unsigned char *newline;

		if (*at == '%') {
			report_error(r, (struct place){ line, 1 }, NULL,
			    "a line that begins with %% is a YAML directive; "
			    "there is no use for one here");
			return -1;
		}
		newline = memchr(at, '\n', (size_t)(end - at));
		if (newline == NULL)
			return 0;
		at = newline + 1;
		line++;
	}
	return 0;
}

static bool
is_null(const char *text)
{
	return text[0] == '\0' || strcmp(text, "~") == 0 ||
	       strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 ||
	       strcmp(text, "NULL") == 0;
}

/* Does the tree wait for a key now? */
static bool
wants_key(const struct tree *t)
{
	return t->open != NULL && t->open->kind == NODE_MAP && t->key == NULL;
}

static int
refuse(struct tree *t, const yaml_event_t *e, const char *what)
{
	report_error(t->report, place_of(e->start_mark), NULL, "%s", what);
	return -1;
}

static int
take_scalar(struct tree *t, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct place at = place_of(e->start_mark);
	enum node_kind kind = plain ? NODE_BARE : NODE_QUOTED;
	char *text;
	int answer;

	if (strlen(value) != e->data.scalar.length)
		return refuse(t, e, "a NUL byte in a value is not allowed");
	if (wants_key(t) && plain && strcmp(value, "<<") == 0)
		return refuse(t, e,
		    "merge keys (<<) are not supported; "
		    "write the settings out");
	text = mem_dup(value);
	if (wants_key(t)) {
		tree_key(t, &text, at);
		return 0;
	}
	if (plain && is_null(value))
		kind = NODE_NULL;
	answer = tree_scalar(t, kind, &text, at);
	free(text);
	return answer;
}

static int
take_collection(struct tree *t, const yaml_event_t *e)
{
	bool list = e->type == YAML_SEQUENCE_START_EVENT;

	if (wants_key(t))
		return refuse(t, e, "a list or a map cannot be a key here");
	return tree_open(
	    t, list ? NODE_LIST : NODE_MAP, place_of(e->start_mark));
}

static bool
is_decorated(const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor != NULL ||
		       e->data.scalar.tag != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor != NULL ||
		       e->data.sequence_start.tag != NULL;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor != NULL ||
		       e->data.mapping_start.tag != NULL;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_ALIAS_EVENT:
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		break;
	}
	return false;
}

static int
take(struct tree *t, const yaml_event_t *e)
{
	if (is_decorated(e))
		return refuse(t, e,
		    "anchors (&) and tags (!) are not "
		    "supported; quote the value if it begins "
		    "with one of these");
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(t, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return take_collection(t, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		tree_close(t);
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse(t, e,
		    "aliases (*) are not supported; write the "
		    "value out, or quote it if it begins with "
		    "a star");
	case YAML_DOCUMENT_START_EVENT:
		if (t->root != NULL)
			return refuse(t, e,
			    "a second document begins here; "
			    "one file holds one");
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

/* The place of the byte at `offset`. */
static struct place
place_at(struct span text, size_t offset)
{
	struct place at = { 1, 1 };

	for (size_t i = 0; i < offset && i < text.len; i++)
		if (text.at[i] == '\n')
			at = (struct place){ at.line + 1, 1 };
		else if ((text.at[i] & 0xC0) != 0x80)
			at.column++;
	return at;
}

/* libyaml says what it met, seldom what to do about it; and what it met is
 * often one line below the slip. */
static const struct hint {
	const char *problem, *advice;
} hints[] = {
	{ "mapping values are not allowed in this context",
	    "; is this line, or the one before, indented unlike its "
	    "neighbours, or its colon without a blank behind it?" },
	{ "did not find expected '-' indicator",
	    "; is the line indented like its neighbours?" },
	{ "did not find expected key",
	    "; is the line indented like its neighbours?" },
	{ "found character that cannot start any token",
	    "; indent with blanks, not tabs, and quote a value that begins "
	    "with such a character" },
};

static const char *
advice_on(const char *problem)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(problem, hints[i].problem) == 0)
			return hints[i].advice;
	return "";
}

static void
say_syntax(const yaml_parser_t *p, struct span text, struct report *r)
{
	const char *problem = p->problem != NULL ? p->problem : "out of memory";
	struct place at = place_of(p->problem_mark);
	struct place end = place_at(text, text.len);

	/* Bytes are refused before they have a mark; and the end of a file
	 * without a last newline is marked a line too far. */
	if (p->error == YAML_READER_ERROR)
		at = place_at(text, p->problem_offset);
	else if (at.line > end.line)
		at = end;
	report_error(
	    r, at, NULL, "not valid YAML: %s%s", problem, advice_on(problem));
}

/* libyaml frees without wiping, and a secret may have passed through. */
static void
wipe_event(yaml_event_t *e)
{
	if (e->type == YAML_SCALAR_EVENT)
		explicit_bzero(e->data.scalar.value, e->data.scalar.length);
	yaml_event_delete(e);
}

static void
wipe_parser(yaml_parser_t *p)
{
	explicit_bzero(p->raw_buffer.start,
	    (size_t)(p->raw_buffer.end - p->raw_buffer.start));
	explicit_bzero(
	    p->buffer.start, (size_t)(p->buffer.end - p->buffer.start));
	yaml_parser_delete(p);
}

int
yaml_to_tree(struct span text, struct tree *t)
{
	yaml_parser_t p;
	int answer = 0;
	bool more = true;

	if (refuse_directives(text, t->report) != 0)
		return -1;
	if (yaml_parser_initialize(&p) == 0) {
		report_error(
		    t->report, (struct place){ 0, 0 }, NULL, "out of memory");
		return -1;
	}
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, text.at, text.len);
	while (more && answer == 0) {
		yaml_event_t e;

		if (yaml_parser_parse(&p, &e) == 0) {
			say_syntax(&p, text, t->report);
			answer = -1;
			break;
		}
		more = e.type != YAML_STREAM_END_EVENT;
		answer = take(t, &e);
		wipe_event(&e);
	}
	wipe_parser(&p);
	return answer;
}
