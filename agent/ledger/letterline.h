/* SPDX-License-Identifier: Apache-2.0
 *
 * letterline: a dead letter as a line of JSON.
 */
#ifndef LETTERLINE_H
#define LETTERLINE_H

#include <stdint.h>

struct flow_config;
struct letter;
struct pen;

/* Write `letter` of `flow`, dead since `wall_ms`, newline included. */
void letterline_write(struct pen *pen, const struct letter *letter,
    const struct flow_config *flow, int64_t wall_ms);

#endif
