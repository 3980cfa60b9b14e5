/* SPDX-License-Identifier: Apache-2.0
 *
 * rules: what holds between a flow's settings, and what it takes over from
 * the agent's.
 */
#ifndef RULES_H
#define RULES_H

struct config;
struct flow_config;
struct region_notes;
struct sheet;

/* `f` is filled in by `s`, and `c` by the agent's sheet: judge it, and finish
 * what follows from what: destination, endpoint, role, region, name. What is
 * wrong is in the sheet's report. */
void rules_check_flow(const struct config *c, struct flow_config *f,
    const struct sheet *s, struct region_notes *notes);

#endif
