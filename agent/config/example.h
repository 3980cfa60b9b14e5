/* SPDX-License-Identifier: Apache-2.0
 *
 * example: agent.yaml.example, made from the table of settings.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>

/* Write it to `out`. It loads as it is; every setting that is commented out
 * shows its default, or a value of the right kind. */
void example_write(FILE *out);

#endif
