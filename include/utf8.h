/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: where a character ends. Pure; any thread.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/* The bytes of the character that `s` begins with; 0: it begins with none, or
 * is empty (RFC 3629: shortest form, no surrogates, up to U+10FFFF). */
size_t utf8_length(struct span s);

/* Is `s` all characters? */
bool utf8_is_text(struct span s);

#endif
