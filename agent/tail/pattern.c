/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern: see pattern.h. Matching a whole path is the loop of glob.c again
 * with parts for characters and `**` for the star, so its cost is bounded in
 * the same way.
 *
 * Thread: any; a pattern is read-only once it is made.
 */
#include "pattern.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "glob.h"
#include "mem.h"

static void
add_part(struct pattern *p, enum part_kind kind, const char *at, size_t len)
{
	struct part part = { kind, mem_dup_span(at, len) };

	if (kind == PART_NAME)
		glob_unquote(part.text);
	p->parts = mem_resize(p->parts, p->count + 1, sizeof(*p->parts));
	p->parts[p->count++] = part;
}

static enum part_kind
kind_of(const char *at, size_t len)
{
	char *text;
	bool plain;

	if (len == 2 && memcmp(at, "**", 2) == 0)
		return PART_DIRECTORIES;
	text = mem_dup_span(at, len);
	plain = glob_is_plain(text);
	free(text);
	return plain ? PART_NAME : PART_GLOB;
}

/* Take the parts of `text`, from its first slash on. */
static void
take_apart(struct pattern *p, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(++text, "/");
		enum part_kind kind = kind_of(text, len);
		bool again = kind == PART_DIRECTORIES && p->count > 0 &&
			     p->parts[p->count - 1].kind == kind;

		/* Braces may leave nothing between two slashes. */
		if (len > 0 && !again)
			add_part(p, kind, text, len);
		text += len;
	}
	/* All files below. */
	if (p->count > 0 && p->parts[p->count - 1].kind == PART_DIRECTORIES)
		add_part(p, PART_GLOB, "*", 1);
}

/* Put the plain parts, but for the last, into the root. */
static void
split_root(struct pattern *p)
{
	size_t plain = 0;

	p->root = mem_dup("");
	while (plain + 1 < p->count && p->parts[plain].kind == PART_NAME) {
		char *longer =
		    mem_format("%s/%s", p->root, p->parts[plain].text);

		free(p->root);
		p->root = longer;
		free(p->parts[plain++].text);
	}
	p->count -= plain;
	memmove(p->parts, p->parts + plain, p->count * sizeof(*p->parts));
	if (p->root[0] != '\0')
		return;
	free(p->root);
	p->root = mem_dup("/");
}

static void
free_pattern(struct pattern *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->parts[i].text);
	free(p->parts);
	free(p->root);
}

/* Add `p`, whose insides move; not if it names nothing. */
static bool
keep(struct patterns *all, struct pattern *p, const char **why)
{
	if (p->count == 0) {
		free_pattern(p);
		*why = "no file name";
		return false;
	}
	all->at = mem_resize(all->at, all->count + 1, sizeof(*all->at));
	all->at[all->count++] = *p;
	return true;
}

/* Drop what was added behind the first `count`. */
static void
cut_back(struct patterns *all, size_t count)
{
	while (all->count > count)
		free_pattern(&all->at[--all->count]);
}

static bool
add_below(struct patterns *all, const char *text, bool hidden, const char **why)
{
	const char *name = strrchr(text, '/') + 1;
	size_t root_len = (size_t)(name - text) - 1, before = all->count;
	struct glob_ways ways;
	bool good = true;

	if (!glob_spell(name, &ways, why))
		return false;
	for (size_t i = 0; good && i < ways.count; i++) {
		struct pattern p = { .hidden = hidden };
		const char *way = ways.at[i];

		p.root =
		    root_len == 0 ? mem_dup("/") : mem_dup_span(text, root_len);
		if (way[0] != '\0')
			add_part(&p, glob_is_plain(way) ? PART_NAME : PART_GLOB,
			    way, strlen(way));
		good = keep(all, &p, why);
	}
	glob_forget(&ways);
	if (!good)
		cut_back(all, before);
	return good;
}

static bool
add_ways(struct patterns *all, const char *text, bool hidden, const char **why)
{
	size_t before = all->count;
	struct glob_ways ways;
	bool good = true;

	if (!glob_spell(text, &ways, why))
		return false;
	for (size_t i = 0; good && i < ways.count; i++) {
		struct pattern p = { .hidden = hidden };

		take_apart(&p, ways.at[i]);
		if (p.count > 0)
			split_root(&p);
		good = keep(all, &p, why);
	}
	glob_forget(&ways);
	if (!good)
		cut_back(all, before);
	return good;
}

unsigned
pattern_manners(const struct config *c, const struct flow_config *f)
{
	return (c->java ? PATTERN_PLAIN_FOLDER : 0U) |
	       (f->hidden ? PATTERN_HIDDEN : 0U);
}

bool
pattern_add(
    struct patterns *all, const char *text, unsigned manners, const char **why)
{
	bool hidden = (manners & PATTERN_HIDDEN) != 0;

	assert(text[0] == '/');
	return (manners & PATTERN_PLAIN_FOLDER) != 0
		   ? add_below(all, text, hidden, why)
		   : add_ways(all, text, hidden, why);
}

void
pattern_forget(struct patterns *all)
{
	cut_back(all, 0);
	free(all->at);
	*all = (struct patterns){ NULL, 0 };
}

bool
pattern_takes(const struct pattern *p, size_t at, const char *name)
{
	const struct part *part = &p->parts[at];

	assert(at < p->count);
	switch (part->kind) {
	case PART_NAME:
		return strcmp(part->text, name) == 0;
	case PART_GLOB:
		return glob_matches(part->text, name, p->hidden);
	case PART_DIRECTORIES:
		return p->hidden || name[0] != '.';
	}
	return false;
}

/* What of `path` is below `root`, without a slash; NULL: nothing. */
static const char *
below(const char *root, const char *path)
{
	size_t len = strlen(root);

	if (strcmp(root, "/") == 0)
		return path + 1;
	if (strncmp(root, path, len) != 0 || path[len] != '/')
		return NULL;
	return path + len + 1;
}

/* The part of the path that `at` begins with, into `name`; what follows it. */
static const char *
next_name(const char *at, char name[static NAME_MAX + 1])
{
	size_t len = strcspn(at, "/");

	(void)snprintf(name, NAME_MAX + 1, "%.*s", (int)len, at);
	return at[len] == '/' ? at + len + 1 : at + len;
}

bool
pattern_matches(const struct pattern *p, const char *path)
{
	const char *at = below(p->root, path), *from = NULL;
	size_t part = 0, behind = 0; /* behind the last `**` met */
	char name[NAME_MAX + 1];

	while (at != NULL && *at != '\0') {
		const char *next = next_name(at, name);

		if (part < p->count &&
		    p->parts[part].kind == PART_DIRECTORIES) {
			behind = ++part;
			from = at;
		} else if (part < p->count && pattern_takes(p, part, name)) {
			part++;
			at = next;
		} else if (from != NULL) {
			from = next_name(from, name);
			/* It takes no hidden directory on the way. */
			if (!pattern_takes(p, behind - 1, name))
				return false;
			part = behind;
			at = from;
		} else {
			return false;
		}
	}
	return at != NULL && part == p->count;
}

bool
pattern_exclude(struct excludes *all, const char *text, const char **why)
{
	struct glob_ways ways;

	if (text[0] == '/')
		return add_ways(&all->paths, text, true, why);
	if (!glob_spell(text, &ways, why))
		return false;
	all->names = mem_resize(
	    all->names, all->name_count + ways.count, sizeof(*all->names));
	for (size_t i = 0; i < ways.count; i++)
		all->names[all->name_count++] = ways.at[i];
	free(ways.at);
	return true;
}

void
pattern_include_all(struct excludes *all)
{
	pattern_forget(&all->paths);
	for (size_t i = 0; i < all->name_count; i++)
		free(all->names[i]);
	free(all->names);
	*all = (struct excludes){ .names = NULL };
}

bool
pattern_excludes(
    const struct excludes *all, const char *directory, const char *name)
{
	char path[PATH_MAX + NAME_MAX + 2];

	for (size_t i = 0; i < all->name_count; i++)
		if (glob_matches(all->names[i], name, true))
			return true;
	if (all->paths.count == 0)
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s",
	    strcmp(directory, "/") == 0 ? "" : directory, name);
	for (size_t i = 0; i < all->paths.count; i++)
		if (pattern_matches(&all->paths.at[i], path))
			return true;
	return false;
}
