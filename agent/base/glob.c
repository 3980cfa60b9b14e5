/* SPDX-License-Identifier: Apache-2.0
 *
 * glob: see glob.h. Matching is one loop that backs up to the last star only:
 * the cost is bounded by pattern length x name length for every input.
 *
 * Thread: any.
 */
#include "glob.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"

#define WAYS_MAX   1024
#define BRACES_MAX 64 /* each is a recursion when it is spelled out */

static bool
add_way(struct glob_ways *g, const char *at, size_t len)
{
	if (g->count == WAYS_MAX)
		return false;
	g->at = mem_resize(g->at, g->count + 1, sizeof(*g->at));
	g->at[g->count++] = mem_dup_span(at, len);
	return true;
}

/* The end of a bracket expression that starts at `p` ('['): its ']', or NULL.
 * A ']' right after the (negated) opening is a member. A slash ends it: names
 * hold none. */
static const char *
bracket_end(const char *p)
{
	p++;
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p != '\0' && *p != ']' && *p != '/')
		p++;
	return *p == ']' ? p : NULL;
}

/* The first unquoted '{' outside brackets at or after `p`; NULL: none. */
static const char *
find_brace(const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '[' && bracket_end(p) != NULL)
			p = bracket_end(p);
		else if (*p == '{')
			return p;
	}
	return NULL;
}

static const char *
alternative_end(const char *p)
{
	while (*p != '\0' && *p != ',' && *p != '}' && *p != '{') {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '[' && bracket_end(p) != NULL)
			p = bracket_end(p);
		p++;
	}
	return p;
}

static const char *spell_out(struct glob_ways *g, const char *pattern);

/* Spell out `pattern`, whose first brace is at `open`. */
static const char *
spell_brace(struct glob_ways *g, const char *pattern, const char *open)
{
	const char *close = open + 1;
	const char *from = open + 1;
	const char *why = NULL;

	while (*(close = alternative_end(close)) == ',')
		close++;
	if (*close == '{')
		return "braces inside braces";
	if (*close == '\0')
		return "'{' without '}'";
	while (why == NULL) {
		const char *to = alternative_end(from);
		char *one = mem_format("%.*s%.*s%s", (int)(open - pattern),
		    pattern, (int)(to - from), from, close + 1);

		why = spell_out(g, one);
		free(one);
		if (to == close)
			break;
		from = to + 1;
	}
	return why;
}

/* NULL, or what is wrong. Each call spells out one brace, so it goes as deep
 * as the pattern has braces; WAYS_MAX bounds how wide. */
static const char *
spell_out(struct glob_ways *g, const char *pattern)
{
	const char *open = find_brace(pattern);

	if (open != NULL)
		return spell_brace(g, pattern, open);
	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
		} else if (*p == '[') {
			p = bracket_end(p);
			if (p == NULL)
				return "'[' without ']'";
		}
	}
	if (!add_way(g, pattern, strlen(pattern)))
		return "more than 1024 alternatives";
	return NULL;
}

static size_t
count_braces(const char *p)
{
	size_t count = 0;

	for (; *p != '\0'; p++)
		count += *p == '{';
	return count;
}

bool
glob_spell(const char *pattern, struct glob_ways *ways, const char **why)
{
	*ways = (struct glob_ways){ NULL, 0 };
	*why = count_braces(pattern) > BRACES_MAX ? "more than 64 braces"
						  : spell_out(ways, pattern);
	if (*why == NULL)
		return true;
	glob_forget(ways);
	return false;
}

void
glob_forget(struct glob_ways *ways)
{
	for (size_t i = 0; i < ways->count; i++)
		free(ways->at[i]);
	free(ways->at);
	*ways = (struct glob_ways){ NULL, 0 };
}

bool
glob_is_plain(const char *pattern)
{
	for (; *pattern != '\0'; pattern++) {
		if (strchr("*?[", *pattern) != NULL)
			return false;
		if (*pattern == '\\' && pattern[1] != '\0')
			pattern++;
	}
	return true;
}

void
glob_unquote(char *pattern)
{
	char *to = pattern;

	for (const char *from = pattern; *from != '\0'; from++) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from;
	}
	*to = '\0';
}

/* Is `c` in the bracket expression at `p`? `*end` is its ']'. */
static bool
bracket_has(const char *p, char c, const char **end)
{
	const unsigned char byte = (unsigned char)c;
	bool negated = p[1] == '!' || p[1] == '^';
	bool found = false;

	*end = bracket_end(p);
	for (p += negated ? 2 : 1; p < *end; p++) {
		unsigned char low = (unsigned char)*p, high = low;

		if (p[1] == '-' && p + 2 < *end) {
			high = (unsigned char)p[2];
			p += 2;
		}
		if (low <= byte && byte <= high)
			found = true;
	}
	return found != negated;
}

/* Does the single element at `*p` take `c`? Moves `*p` behind it. */
static bool
element_takes(const char **p, char c)
{
	const char *at = *p;
	bool takes;

	switch (*at) {
	case '?':
		*p = at + 1;
		return true;
	case '[':
		takes = bracket_has(at, c, &at);
		*p = at + 1;
		return takes;
	case '\\':
		if (at[1] != '\0')
			at++;
		break;
	}
	*p = at + 1;
	return *at == c;
}

bool
glob_matches(const char *pattern, const char *name, bool hidden)
{
	const char *p = pattern;
	const char *star = NULL; /* behind the last star met */
	const char *from = NULL; /* where the name goes on after it */

	if (*name == '.' && !hidden && strncmp(p, "\\.", 2) != 0 && *p != '.')
		return false;
	while (*name != '\0') {
		const char *next = p;

		if (*p == '*') {
			star = ++p;
			from = name;
		} else if (*p != '\0' && element_takes(&next, *name)) {
			p = next;
			name++;
		} else if (star != NULL) {
			p = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

bool
glob_is_compressed(const char *name)
{
	static const char *const endings[] = { ".gz", ".bz2", ".zip", ".zst",
		".xz", ".lz4" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strcasecmp(name + len - n, endings[i]) == 0)
			return true;
	}
	return false;
}
