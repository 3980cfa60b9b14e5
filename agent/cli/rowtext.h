/* SPDX-License-Identifier: Apache-2.0
 *
 * rowtext: a checkpoint as people read it, and as JSON.
 *
 * The names of the fields are a promise to scripts; the README lists them.
 */
#ifndef ROWTEXT_H
#define ROWTEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct checkpoint;

/* `bytes` as a string of JSON: what is not UTF-8 in them becomes U+FFFD. */
json_t *rowtext_string(const char *bytes);

/* The row as one object, which is the caller's; `whole`: with what only tells
 * which file it is. */
json_t *rowtext_json(const struct checkpoint *row, bool whole);

/* `value`, which is taken over, as a line. False: `out` took it not. */
bool rowtext_put(FILE *out, json_t *value);

/* The titles of what rowtext_line writes. */
void rowtext_titles(FILE *out);
void rowtext_line(FILE *out, const struct checkpoint *row);

/* How much of the file as last seen is not accounted for. */
uint64_t rowtext_left(const struct checkpoint *row);

/* `text` without the bytes that would move a terminal's cursor. */
void rowtext_name(FILE *out, const char *text);

#endif
