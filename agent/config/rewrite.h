/* SPDX-License-Identifier: Apache-2.0
 *
 * rewrite: a configuration that was read from the Java agent's file, written
 * in our own format, with what changes above it in comments.
 */
#ifndef REWRITE_H
#define REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config;
struct report;

/* Write what `c` says: nothing that is a default anyway or follows from
 * something else. Of the `count` reports about its files the warnings come
 * first. Without `secrets`, keys and passwords are left to be filled in, and
 * the agent refuses to start until they are. */
void rewrite(FILE *out, const struct config *c, const struct report *reports,
    size_t count, bool secrets);

#endif
