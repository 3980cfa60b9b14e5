/* SPDX-License-Identifier: Apache-2.0
 *
 * pairs: formats whose lines name their own fields. See format.h.
 */
#ifndef PAIRS_H
#define PAIRS_H

#include "format.h"

/* `key=value key="value with blanks" key`; the last is true. At least one pair
 * has its =. */
enum format_answer pairs_logfmt(struct work *w, struct span line);

/* A JSON object; what its fields hold stays as it is. */
enum format_answer pairs_json(struct work *w, struct span line);

#endif
