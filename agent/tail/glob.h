/* SPDX-License-Identifier: Apache-2.0
 *
 * glob: does a file name match a pattern? The Java agent's rules for the last
 * component: `*`, `?`, `[a-z]`, `[!a]`, `{this,that}`, backslash to quote;
 * hidden files match `*`; bytes, case-sensitive.
 */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>

struct glob;

/* Compile `pattern`. Braces (no nesting) are spelled out, up to 1,024 ways.
 * NULL: it is malformed; `*why` (static) says how. */
struct glob *glob_new(const char *pattern, const char **why);
void glob_free(struct glob *g);

bool glob_matches(const struct glob *g, const char *name);

/* Names of compressed files, which are never read as text. */
bool glob_is_compressed(const char *name);

#endif
