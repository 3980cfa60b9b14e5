/* SPDX-License-Identifier: Apache-2.0
 *
 * options: see options.h. Thread: the one that loads.
 */
#include "options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "javaregex.h"
#include "mem.h"
#include "parser.h"
#include "patterns.h"
#include "report.h"
#include "settings.h"
#include "tree.h"

#define OPTIONS_MAX 64
#define JSON_MAX    ((size_t)8 * 1024 * 1024) /* of a file of 1 MiB at most */
#define ANY_RECORD  1024 /* for a parser that is only made to be judged */

static void
write_text(struct buf *out, const char *text)
{
	(void)buf_add(out, "\"", 1);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			(void)buf_addf(out, "\\%c", c);
		else if (c < 0x20)
			(void)buf_addf(out, "\\u%04x", c);
		else
			(void)buf_add(out, text, 1);
	}
	(void)buf_add(out, "\"", 1);
}

static size_t
digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* Does JSON write it so: as a number, true or false? */
static bool
is_json(const char *text)
{
	size_t n;

	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return true;
	text += text[0] == '-';
	n = digits(text);
	if (n == 0 || (n > 1 && text[0] == '0'))
		return false;
	text += n;
	if (text[0] == '.') {
		n = digits(++text);
		if (n == 0)
			return false;
		text += n;
	}
	if (text[0] == 'e' || text[0] == 'E') {
		text += text[1] == '+' || text[1] == '-' ? 2 : 1;
		n = digits(text);
		if (n == 0)
			return false;
		text += n;
	}
	return text[0] == '\0';
}

static const struct node *
child(const struct node *map, const char *key)
{
	const struct node *found = NULL;

	for (const struct node *n = map->first; n != NULL; n = n->next)
		if (strcmp(n->key, key) == 0)
			found = n;
	return found;
}

static const char *
name_of(const struct node *option)
{
	const struct node *name = child(option, "optionName");

	return name != NULL && name->text != NULL ? name->text : "";
}

/* The tree stops at a depth of 64. */
static void
write_node(struct buf *out, const struct node *n)
{
	const char *before = "";
	bool map = n->kind == NODE_MAP;

	switch (n->kind) {
	case NODE_NULL:
		(void)buf_add_str(out, "null");
		return;
	case NODE_BARE:
		if (is_json(n->text)) {
			(void)buf_add_str(out, n->text);
			return;
		}
		write_text(out, n->text);
		return;
	case NODE_QUOTED:
		write_text(out, n->text);
		return;
	case NODE_LIST:
	case NODE_MAP:
		break;
	}
	(void)buf_add(out, map ? "{" : "[", 1);
	for (const struct node *in = n->first; in != NULL; in = in->next) {
		(void)buf_add_str(out, before);
		if (map) {
			write_text(out, in->key);
			(void)buf_add(out, ":", 1);
		}
		write_node(out, in);
		before = ",";
	}
	(void)buf_add(out, map ? "}" : "]", 1);
}

/* The Java agent passes over what it does not know. */
static void
check_keys(const struct setting *s, const struct node *option, struct report *r)
{
	char why[256];

	for (const struct node *n = option->first; n != NULL; n = n->next)
		if (!parser_knows(name_of(option), n->key, why, sizeof(why)))
			report_slip(r, n->at, s->key, "%.64s: %s", n->key, why);
}

/* A pattern that another rule would be made of. */
static void
check_java(const struct setting *s, const struct node *option, struct report *r)
{
	static const char *const keys[] = { "matchPattern", "delimiter" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct node *n = child(option, keys[i]);
		const char *fault = n != NULL && n->text != NULL
					? javaregex_fault(n->text)
					: NULL;

		if (fault != NULL)
			report_error(r, n->at, s->key, "%.64s: %s: %s",
			    name_of(option), keys[i], fault);
	}
}

/* Without the keys that it does not have: what is passed over is not kept. */
static void
write_option(struct buf *out, const struct node *option)
{
	const char *before = "";
	char why[256];

	(void)buf_add(out, "{", 1);
	for (const struct node *n = option->first; n != NULL; n = n->next) {
		if (!parser_knows(name_of(option), n->key, why, sizeof(why)))
			continue;
		(void)buf_add_str(out, before);
		write_text(out, n->key);
		(void)buf_add(out, ":", 1);
		write_node(out, n);
		before = ",";
	}
	(void)buf_add(out, "}", 1);
}

static const struct node *
nth(const struct node *list, size_t i)
{
	const struct node *n = list->first;

	while (i-- > 0)
		n = n->next;
	return n;
}

/* Say what is wrong where it stands. */
static void
say_fault(const struct setting *s, const struct node *list,
    const struct parser_fault *fault, struct report *r)
{
	const struct node *option = nth(list, fault->option);
	const struct node *at = child(option, fault->key);
	bool named = fault->key[0] != '\0';

	report_error(r, at != NULL ? at->at : option->at, s->key,
	    "%.64s%s%s: %s", name_of(option), named ? ": " : "", fault->key,
	    fault->why);
}

static size_t
count_maps(const struct setting *s, const struct node *list, struct report *r)
{
	size_t count = 0;

	for (const struct node *n = list->first; n != NULL; n = n->next) {
		if (n->kind != NODE_MAP) {
			report_error(r, n->at, s->key,
			    "an option is a map with an optionName");
			return 0;
		}
		check_keys(s, n, r);
		if (r->java)
			check_java(s, n, r);
		count++;
	}
	if (count <= OPTIONS_MAX)
		return count;
	report_error(r, list->at, s->key, "%zu of them; allowed: at most %d",
	    count, OPTIONS_MAX);
	return 0;
}

void
options_store(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	char ***field = (char ***)(void *)((char *)base + s->at);
	struct parser_fault fault;
	struct parser *judge;
	char **texts;
	size_t count;

	assert(*field == NULL);
	if (n->kind != NODE_LIST) {
		report_error(r, n->at, s->key,
		    "not a list; each option begins with a dash, or in JSON "
		    "stands in [ ]");
		return;
	}
	count = count_maps(s, n, r);
	if (count == 0)
		return;
	texts = mem_new_array(count + 1, sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		struct buf json;

		buf_init(&json, JSON_MAX);
		write_option(&json, nth(n, i));
		texts[i] = mem_dup(buf_text(&json));
		buf_fini(&json);
	}
	judge =
	    parser_new((const char *const *)texts, count, ANY_RECORD, &fault);
	if (judge != NULL) {
		parser_free(judge);
		*field = texts;
		return;
	}
	say_fault(s, n, &fault, r);
	patterns_free(texts);
}
