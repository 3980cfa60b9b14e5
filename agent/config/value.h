/* SPDX-License-Identifier: Apache-2.0
 *
 * value: from a node's text to a setting's field.
 *
 * Two sets of manners: the Java agent's file keeps the Java agent's (numbers
 * and booleans may be strings, "0x10" is 16, yes/no/t/f/1/0), our YAML takes
 * decimal digits, units, true/false/yes/no, and refuses by name what YAML 1.1
 * would read differently from how it looks.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct node;
struct report;
struct setting;

/* Put the default of `s` into `base` (a struct config or flow_config whose
 * field is still zero). */
void value_default(const struct setting *s, void *base, bool java);

/* Check `n` and put it into its field in `base`, in place of what was there.
 * What is wrong is reported, and the field stays as it was. */
void value_store(const struct setting *s, const struct node *n, void *base,
    struct report *r);

/* Does `n` say the same as leaving the setting away? For settings that are
 * not acted upon. */
bool value_is_off(const struct setting *s, const struct node *n);

/* The allowed values of `s` in words, into `out`, "" if all are. */
void value_allowed(const struct setting *s, char *out, size_t size);

/* The name of a stream that may be an ARN: what follows its last slash. */
const char *value_stream_name(const char *stream);

/* The region of `stream` into `out` (of 64 bytes) if it is an ARN. */
bool value_arn_region(const char *stream, char *out);

#endif
