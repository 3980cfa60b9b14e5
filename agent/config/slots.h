/* SPDX-License-Identifier: Apache-2.0
 *
 * slots: where flows stand while others come and go. For each function its
 * namesake in config.h says what it does.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include <stddef.h>

struct config;
struct flow_config;

void slots_make(struct config *c);
struct flow_config *slots_take(struct flow_config *from);
void slots_drop(struct flow_config *f);
struct flow_config *slots_put(
    struct config *c, size_t slot, struct flow_config *flow);

/* Free what slots_make made of `c`, and the flows in it. NULL is fine. */
void slots_free(struct config *c);

#endif
