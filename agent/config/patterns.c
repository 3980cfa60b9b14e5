/* SPDX-License-Identifier: Apache-2.0
 *
 * patterns: see patterns.h.
 *
 * The Java agent takes everything before the last slash as it is and knows
 * one pattern a flow; its file keeps these rules.
 *
 * Thread: the one that loads.
 */
#include "patterns.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "mem.h"
#include "report.h"
#include "settings.h"
#include "tree.h"

#define PATTERNS_MAX 1000 /* in one list */

/* One text under judgement. */
struct candidate {
	const struct setting *s;
	const struct node *n;
	struct report *r;
	char *text; /* owned */
	bool fine;
};

/* "/var//log/x" is "/var/log/x" to everyone. */
static void
squeeze_slashes(char *path)
{
	char *to = path;

	for (const char *from = path; *from != '\0'; from++)
		if (*from != '/' || from[1] != '/')
			*to++ = *from;
	*to = '\0';
}

static void
refuse(struct candidate *c, const char *cause, const char *cure)
{
	report_error(c->r, c->n->at, c->s->key, "%s (got `%.64s`); %s", cause,
	    c->text, cure);
	c->fine = false;
}

static bool
has_dots(const char *path)
{
	for (; path != NULL; path = strchr(path, '/')) {
		size_t len = strcspn(++path, "/");

		if ((len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
	}
	return false;
}

/* One way to spell an absolute pattern. */
static void
judge_way(struct candidate *c, const char *way)
{
	if (way[strlen(way) - 1] == '/') {
		report_error(c->r, c->n->at, c->s->key,
		    "no file name behind the last slash (got `%.64s`); for "
		    "all files in it write %.64s*",
		    c->text, c->text);
		c->fine = false;
	} else if (!c->r->java && has_dots(way)) {
		refuse(c, ". and .. are not understood",
		    "write the path without them");
	}
}

static void
judge_globs(struct candidate *c, const char *globs)
{
	struct glob_ways ways;
	const char *why;

	if (!glob_spell(globs, &ways, &why)) {
		refuse(c, why,
		    "a backslash before a character takes it as "
		    "it is");
		return;
	}
	for (size_t i = 0; c->fine && globs[0] == '/' && i < ways.count; i++)
		judge_way(c, ways.at[i]);
	glob_forget(&ways);
}

static void
judge_java(struct candidate *c)
{
	char *slash = strrchr(c->text, '/');

	judge_way(c, c->text);
	if (!c->fine)
		return;
	judge_globs(c, slash + 1);
	*slash = '\0';
	if (strpbrk(c->text, "*?[{") != NULL) {
		*slash = '/';
		report_warn(c->r, c->n->at, c->s->key,
		    "*, ?, [ and { are taken literally before the last "
		    "slash, so this may match nothing (got `%.128s`)",
		    c->text);
	}
	*slash = '/';
}

static void
judge(struct candidate *c)
{
	bool exclude = c->s->kind == KIND_EXCLUDES;

	if (c->text[0] == '\0') {
		report_error(c->r, c->n->at, c->s->key,
		    "empty; leave the key away for the default");
		c->fine = false;
	} else if (strlen(c->text) >= PATH_MAX) {
		report_error(c->r, c->n->at, c->s->key,
		    "%zu bytes long (got `%.60s...`); allowed: at most %d",
		    strlen(c->text), c->text, PATH_MAX - 1);
		c->fine = false;
	} else if (c->text[0] != '/' && !exclude) {
		refuse(c, "not an absolute path",
		    "allowed: paths from the root (/...)");
	} else if (c->text[0] != '/' && strchr(c->text, '/') != NULL) {
		refuse(c, "neither an absolute path nor a name",
		    "allowed: paths from the root (/...), or names");
	} else if (c->r->java && !exclude) {
		judge_java(c);
	} else {
		judge_globs(c, c->text);
	}
}

/* The text of `n` if it is good, the caller's; else NULL, reported. */
static char *
accept(const struct setting *s, const struct node *n, struct report *r)
{
	struct candidate c = { s, n, r, NULL, true };

	if (n->kind != NODE_BARE && n->kind != NODE_QUOTED) {
		report_error(
		    r, n->at, s->key, "a text is expected; like %s", s->sample);
		return NULL;
	}
	c.text = mem_dup(n->text);
	squeeze_slashes(c.text);
	judge(&c);
	if (c.fine)
		return c.text;
	free(c.text);
	return NULL;
}

static size_t
length(const struct node *list)
{
	size_t count = 0;

	for (const struct node *n = list->first; n != NULL; n = n->next)
		count++;
	return count;
}

static char **
accept_list(const struct setting *s, const struct node *list, struct report *r)
{
	size_t count = length(list), good = 0;
	char **texts;

	if (count == 0 || count > PATTERNS_MAX) {
		report_error(r, list->at, s->key,
		    "a list of %zu; allowed: 1 to %d", count, PATTERNS_MAX);
		return NULL;
	}
	texts = mem_new_array(count + 1, sizeof(*texts));
	for (const struct node *n = list->first; n != NULL; n = n->next) {
		texts[good] = accept(s, n, r);
		if (texts[good] != NULL)
			good++;
	}
	if (good == count)
		return texts;
	patterns_free(texts);
	return NULL;
}

void
patterns_store(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	char ***field = (char ***)(void *)((char *)base + s->at);
	char **texts;

	assert(*field == NULL);
	if (n->kind == NODE_LIST && (!r->java || s->kind == KIND_EXCLUDES)) {
		*field = accept_list(s, n, r);
		return;
	}
	if (n->kind == NODE_LIST || n->kind == NODE_MAP) {
		report_error(r, n->at, s->key,
		    "a %s is not allowed here; one value is",
		    n->kind == NODE_LIST ? "list" : "map");
		return;
	}
	/* The Java agent takes "" for not given. */
	if (n->text[0] == '\0' && r->java && s->kind == KIND_EXCLUDES)
		return;
	texts = mem_new_array(2, sizeof(*texts));
	texts[0] = accept(s, n, r);
	if (texts[0] == NULL) {
		patterns_free(texts);
		return;
	}
	*field = texts;
}

void
patterns_free(char **patterns)
{
	for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++)
		free(patterns[i]);
	free(patterns);
}
