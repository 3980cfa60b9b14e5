/* SPDX-License-Identifier: Apache-2.0
 *
 * document: keys as instance metadata, containers and programs tell them: a
 * flat JSON object of texts.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "errand.h"

/* The text (or number, as written) of the member `name` of the object in
 * `json`, into `out` of `room` bytes. False: there is none, it is longer, or
 * `json` is no such object; `out` is "" then. */
bool document_text(const char *json, const char *name, char *out, size_t room);

/* Make `keys` of the document `json`, which came from what `what` names, at
 * `wall_ms` by its clock. */
enum errand_answer document_keys(struct errand *e, const char *what,
    const char *json, int64_t wall_ms, struct credentials_keys *keys);

#endif
