/* SPDX-License-Identifier: Apache-2.0
 *
 * encoding: is it text? Both readers may rely on it.
 */
#ifndef ENCODING_H
#define ENCODING_H

#include "span.h"

struct report;

/* -1: `text` holds a byte that is not UTF-8, or a NUL; reported with its
 * place. */
int encoding_check(struct span text, struct report *r);

#endif
