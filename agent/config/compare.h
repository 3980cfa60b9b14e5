/* SPDX-License-Identifier: Apache-2.0
 *
 * compare: what two configurations have in common. config.h says of
 * config_flow_equal and config_adopt what these do.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>

struct config;
struct flow_config;

bool compare_flows(const struct flow_config *a, const struct flow_config *b);
void compare_adopt(struct config *c, const struct config *next);

#endif
