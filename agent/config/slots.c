/* SPDX-License-Identifier: Apache-2.0
 *
 * slots: where flows stand while others come and go.
 *
 * Their number is fixed at the start (I6), so whoever has an array with a place
 * for each never moves it. The settings of a flow stand apart, each by itself:
 * they are borrowed until the last batch that was made by them is home, when
 * `flows` may have others already.
 *
 * Thread: main.
 */
#include "slots.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "draft.h"
#include "mem.h"

#define SPARE_SLOTS 16

void
slots_make(struct config *c)
{
	size_t flows = c->flow_count, slots = 2 * flows + SPARE_SLOTS;

	assert(c->in_force == NULL && flows > 0);
	c->in_force = mem_new_array(slots, sizeof(struct flow_config *));
	for (size_t i = 0; i < flows; i++) {
		c->in_force[i] = mem_new(sizeof(*c->in_force[i]));
		*c->in_force[i] = c->flows[i];
	}
	c->flows = mem_resize(c->flows, slots, sizeof(*c->flows));
	memset(&c->flows[flows], 0, (slots - flows) * sizeof(*c->flows));
	c->flow_count = slots;
}

struct flow_config *
slots_take(struct flow_config *from)
{
	struct flow_config *f = mem_new(sizeof(*f));

	*f = *from;
	memset(from, 0, sizeof(*from));
	return f;
}

void
slots_drop(struct flow_config *f)
{
	if (f != NULL)
		draft_free_flow(f);
	free(f);
}

struct flow_config *
slots_put(struct config *c, size_t slot, struct flow_config *flow)
{
	struct flow_config *before = c->in_force[slot];

	assert(slot < c->flow_count);
	c->in_force[slot] = flow;
	if (flow != NULL)
		c->flows[slot] = *flow;
	else
		memset(&c->flows[slot], 0, sizeof(c->flows[slot]));
	return before;
}

void
slots_free(struct config *c)
{
	if (c == NULL || c->in_force == NULL)
		return;
	for (size_t i = 0; i < c->flow_count; i++) {
		if (c->in_force[i] == NULL)
			continue;
		draft_free_flow(c->in_force[i]);
		free(c->in_force[i]);
	}
	free(c->in_force);
	/* What they borrowed is gone. */
	c->in_force = NULL;
	c->flow_count = 0;
}
