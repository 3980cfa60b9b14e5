/* SPDX-License-Identifier: Apache-2.0
 *
 * schema: a JSON Schema of agent.yaml, made from the table of settings, so that
 * editors complete and check it.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdio.h>

/* Write it to `out`: JSON Schema draft 7. It takes whatever the agent takes,
 * and refuses what it can of the rest: unknown keys, wrong kinds of values,
 * numbers out of range. */
void schema_write(FILE *out);

#endif
