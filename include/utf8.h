/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: UTF-8 as RFC 3629 has it: shortest form, no surrogates, nothing beyond
 * U+10FFFF. Pure; any thread.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* The bytes of the character that `s` begins with; 0: it begins with none, or
 * is empty. */
size_t utf8_length(struct span s);

/* Where utf8_length answers 0: how many bytes of `s`, which is not empty, one
 * U+FFFD stands for. As many as could have begun a character, at least one
 * (Unicode, "substitution of maximal subparts"). */
size_t utf8_bad_length(struct span s);

/* Is `s` all characters? */
bool utf8_is_text(struct span s);

/* With U+FFFD in place of what is not UTF-8, into `to`, which has room for
 * three times as many bytes. Answers how many. */
size_t utf8_clean(struct span s, unsigned char *to);

/* The character `point` (a surrogate, or what is beyond the last: U+FFFD),
 * into `to`. Answers how many bytes. */
size_t utf8_encode(uint32_t point, unsigned char to[static 4]);

#endif
