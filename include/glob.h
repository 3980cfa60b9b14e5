/* SPDX-License-Identifier: Apache-2.0
 *
 * glob: does a name match a pattern? `*`, `?`, `[a-z]`, `[!a]` and backslash
 * to quote; bytes, case-sensitive. `{this,that}` is spelled out beforehand,
 * over the whole text, so that it may span the slashes of a path.
 *
 * Text only: neither files nor directories. Thread: any.
 */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Patterns without braces. */
struct glob_ways {
	char **at; /* owned array of owned texts */
	size_t count;
};

/* Spell out the braces of `pattern` (no nesting), up to 1,024 ways, each of
 * them well-formed. False: it is malformed, `ways` is empty and `*why`
 * (static) says how. */
bool glob_spell(const char *pattern, struct glob_ways *ways, const char **why);
void glob_forget(struct glob_ways *ways);

/* Does `pattern`, one of the ways, mean one name only? */
bool glob_is_plain(const char *pattern);

/* Take the backslashes of the plain `pattern` out, in place. */
void glob_unquote(char *pattern);

/* Does `pattern`, one of the ways or a piece of it between slashes, match
 * `name`? Without `hidden`, a leading dot is matched by a dot only. */
bool glob_matches(const char *pattern, const char *name, bool hidden);

/* Names of compressed files, which are never read as text. */
bool glob_is_compressed(const char *name);

#endif
