/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern: an absolute path with wildcards, taken apart at its slashes.
 *
 * Its leading plain parts are its root, a directory; the rest is held, part by
 * part, against the entries of directories, beginning with the root's. `**` is
 * a part of its own: any number of directories, none too. Behind it all comes
 * a last part that names files.
 *
 * Text only: no file system. Thread: any.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct config;
struct flow_config;

enum part_kind {
	PART_NAME, /* itself only */
	PART_GLOB,
	PART_DIRECTORIES /* `**` */
};

struct part {
	enum part_kind kind;
	char *text; /* owned */
};

/* One way to spell what was written: braces are gone. */
struct pattern {
	char *root;         /* owned: without a slash behind, but "/" */
	struct part *parts; /* owned; the last is never PART_DIRECTORIES */
	size_t count;       /* at least 1 */
	bool hidden;        /* wildcards match a leading dot */
};

struct patterns {
	struct pattern *at; /* owned array */
	size_t count;
};

/* What a flow does not follow. Zero-initialised: nothing. */
struct excludes {
	struct patterns paths;
	char **names; /* owned array of owned texts: in any directory */
	size_t name_count;
};

/* How a pattern is meant; bits. */
enum pattern_manners {
	PATTERN_PLAIN_FOLDER = 1, /* all before the last slash is plain */
	PATTERN_HIDDEN = 2        /* wildcards match a leading dot */
};

/* How those of flow `f` are. */
unsigned pattern_manners(const struct config *c, const struct flow_config *f);

/* Add the ways of `text`, an absolute path without doubled slashes. False:
 * malformed, nothing was added; `*why` (static) says how. */
bool pattern_add(
    struct patterns *all, const char *text, unsigned manners, const char **why);
void pattern_forget(struct patterns *all);

/* Does part `at` match the entry `name`? `**`: could it be a directory on the
 * way? */
bool pattern_takes(const struct pattern *p, size_t at, const char *name);

/* Does all of `p` match the absolute path `path`? */
bool pattern_matches(const struct pattern *p, const char *path);

/* Exclude the path or name `text`; a hidden one, too. As pattern_add. */
bool pattern_exclude(struct excludes *all, const char *text, const char **why);
void pattern_include_all(struct excludes *all);

/* Is the entry `name` of `directory` excluded? (What is above it is not asked:
 * an excluded directory is not entered in the first place.) */
bool pattern_excludes(
    const struct excludes *all, const char *directory, const char *name);

#endif
