/* SPDX-License-Identifier: Apache-2.0
 *
 * javaregex: see javaregex.h.
 *
 * What Java knows and PCRE2 does not is mostly refused when it is compiled.
 * Classes inside of classes are not: [a-z&&[^b]] is the letters but b to one,
 * and to the other a letter, & or ^ and then a ]. Records would be cut or
 * dropped by another rule, in silence.
 *
 * Thread: any.
 */
#include "javaregex.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Behind the quoted thing at `at`, a backslash. */
static const char *
skip_quoted(const char *at)
{
	const char *end;

	if (at[1] == 'Q') {
		end = strstr(at, "\\E");
		return end != NULL ? end + 2 : at + strlen(at);
	}
	return at[1] != '\0' ? at + 2 : at + 1;
}

const char *
javaregex_fault(const char *pattern)
{
	bool in_class = false;

	for (const char *at = pattern; *at != '\0';) {
		if (*at == '\\') {
			at = skip_quoted(at);
			continue;
		}
		if (in_class && strncmp(at, "&&", 2) == 0)
			return "&& in a class is known to Java only; write "
			       "the class out, as [ac-z] for [a-z&&[^b]]";
		if (in_class && *at == '[')
			return "a class in a class is known to Java only; "
			       "write them as one, or \\[ for the bracket";
		if (*at == '[') {
			in_class = true;
			at += at[1] == '^' ? 1 : 0;
			/* The first of a class is no end of it. */
			at += at[1] == ']' ? 1 : 0;
		} else if (*at == ']') {
			in_class = false;
		}
		at++;
	}
	return NULL;
}
