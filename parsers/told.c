/* SPDX-License-Identifier: Apache-2.0
 *
 * told: see told.h. The thread that loads.
 */
#include "told.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "jsonin.h"
#include "mem.h"
#include "parser.h"

#define LIST_MAX 1000

static char *
text_of(struct span json)
{
	char *text;

	if (json.at[0] != '"')
		return mem_dup_span(json.at, json.len);
	text = mem_new(json.len);
	(void)jsonin_unescape(json, (unsigned char *)text);
	return text;
}

bool
told_init(struct told *t, struct span text, struct parser_fault *fault)
{
	struct span key, value;
	struct jsonin walk;
	bool more = jsonin_open(&walk, text, '{');

	*t = (struct told){ .fault = fault };
	fault->key[0] = fault->why[0] = '\0';
	while (more && jsonin_next(&walk, &key, &value)) {
		struct told_pair pair = { text_of(key), value, NULL };

		if (value.at[0] != '{' && value.at[0] != '[')
			pair.text = text_of(value);
		t->pairs =
		    mem_resize(t->pairs, t->count + 1, sizeof(*t->pairs));
		t->pairs[t->count++] = pair;
	}
	if (more && walk.done)
		return true;
	told_refuse(t, "", "an option is a map with an optionName");
	return false;
}

void
told_fini(struct told *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->pairs[i].key);
		free(t->pairs[i].text);
	}
	free(t->pairs);
}

void
told_refuse(struct told *t, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!t->failed) {
		snprintf(t->fault->key, sizeof(t->fault->key), "%s", key);
		vsnprintf(t->fault->why, sizeof(t->fault->why), format, args);
	}
	va_end(args);
	t->failed = true;
}

/* The last of equal keys counts, as with Jackson. */
static const struct told_pair *
find(const struct told *t, const char *key)
{
	for (size_t i = t->count; i-- > 0;)
		if (strcmp(t->pairs[i].key, key) == 0)
			return t->pairs[i].value.at[0] != 'n' ? &t->pairs[i]
							      : NULL;
	return NULL;
}

bool
told_has(const struct told *t, const char *key)
{
	return find(t, key) != NULL;
}

const char *
told_text(struct told *t, const char *key)
{
	const struct told_pair *pair = find(t, key);

	if (pair == NULL)
		return NULL;
	if (pair->text == NULL)
		told_refuse(t, key,
		    "a list or map is not allowed here; "
		    "one text is");
	return pair->text;
}

const char *
told_need(struct told *t, const char *key)
{
	const char *text = told_text(t, key);

	if (!told_has(t, key))
		told_refuse(t, key, "missing");
	else if (text != NULL && text[0] == '\0')
		told_refuse(t, key, "empty");
	return t->failed ? NULL : text;
}

static void
refuse_word(
    struct told *t, const char *key, const char *text, const char *const *words)
{
	char list[256] = "";
	size_t len = 0;

	for (; *words != NULL && len < sizeof(list); words++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
		    len == 0 ? "" : ", ", *words);
	told_refuse(
	    t, key, "not a known word (got `%.64s`); allowed: %s", text, list);
}

size_t
told_choice(
    struct told *t, const char *key, const char *const *words, size_t fallback)
{
	const char *text = told_text(t, key);

	if (text == NULL)
		return fallback;
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	refuse_word(t, key, text, words);
	return fallback;
}

bool
told_flag(struct told *t, const char *key, bool fallback)
{
	const char *text = told_text(t, key);

	if (text == NULL)
		return fallback;
	if (strcasecmp(text, "true") == 0)
		return true;
	if (strcasecmp(text, "false") != 0)
		told_refuse(
		    t, key, "neither true nor false (got `%.64s`)", text);
	return false;
}

char **
told_list(struct told *t, const char *key, size_t *count)
{
	const struct told_pair *pair = find(t, key);
	struct span item, none;
	struct jsonin walk;
	char **list = NULL;

	*count = 0;
	if (pair == NULL)
		return NULL;
	if (!jsonin_open(&walk, pair->value, '[')) {
		told_refuse(t, key, "not a list; write [a, b, c]");
		return NULL;
	}
	while (jsonin_next(&walk, &none, &item)) {
		if (item.at[0] == '[' || item.at[0] == '{' ||
		    *count == LIST_MAX) {
			told_refuse(t, key,
			    "a list of at most %d texts is expected", LIST_MAX);
			break;
		}
		list = mem_resize(list, *count + 1, sizeof(*list));
		list[(*count)++] = text_of(item);
	}
	if (*count == 0)
		told_refuse(t, key, "empty; leave it away, or name some");
	if (!t->failed)
		return list;
	told_free_list(list, *count);
	*count = 0;
	return NULL;
}

struct span
told_json(const struct told *t, const char *key)
{
	const struct told_pair *pair = find(t, key);

	return pair != NULL ? pair->value : span_of(NULL, 0);
}

struct regex *
told_regex(struct told *t, const char *key, enum regex_place place)
{
	const char *pattern = told_text(t, key);
	struct regex_fault fault;
	struct regex *re;

	if (pattern == NULL)
		return NULL;
	re = regex_new_text(pattern, place, &fault);
	if (re == NULL)
		told_refuse(t, key,
		    "%s, behind byte %zu of the pattern (got `%.64s`); "
		    "allowed: a regular expression as PCRE2 takes it",
		    fault.why, fault.at, pattern);
	return re;
}

void
told_free_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}
