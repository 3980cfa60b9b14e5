/* SPDX-License-Identifier: Apache-2.0
 *
 * example: agent.yaml.example, made from the table of settings.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stddef.h>
#include <stdio.h>

struct setting;

/* Write it to `out`. It loads as it is; every setting that is commented out
 * shows its default, or a value of the right kind. */
void example_write(FILE *out);

/* The default of `s`, or a sample where there is none, as YAML. Not of a
 * list. */
void example_value(const struct setting *s, char *out, size_t size);

/* `text` as comment lines behind `indent`, broken at blanks. */
void example_comment(FILE *out, const char *indent, const char *text);

#endif
