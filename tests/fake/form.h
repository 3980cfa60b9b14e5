/* SPDX-License-Identifier: Apache-2.0
 *
 * form: the pairs of a query or of a form-encoded body.
 */
#ifndef FAKE_FORM_H
#define FAKE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"
#include "span.h"

/* The pairs of `r`: of its body where that is a form, else of its query. */
struct span form_pairs(const struct request *r);

/* Undo the value called `name` among `pairs` into `out` of `room` bytes, with
 * a NUL. False: there is none ("" then), or it is too long or malformed. */
bool form_value(struct span pairs, const char *name, char *out, size_t room);

#endif
