/* SPDX-License-Identifier: Apache-2.0
 *
 * differences: what an operator who comes from the Java agent should know of
 * a configuration of theirs, as comments.
 */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config;
struct report;

/* First what the reports warn of, then what of the table below `c` makes use
 * of. `secrets`: they are in what follows. */
void differences_write(FILE *out, const struct config *c,
    const struct report *reports, size_t count, bool secrets);

#endif
