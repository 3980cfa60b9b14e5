/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: is it text? Both readers may rely on it.
 */
#ifndef UTF8_H
#define UTF8_H

#include "span.h"

struct report;

/* -1: `text` holds a byte that is not UTF-8, or a NUL; reported with its
 * place. */
int utf8_check(struct span text, struct report *r);

#endif
