/* SPDX-License-Identifier: Apache-2.0
 *
 * lanes: see lanes.h.
 *
 * A flow that comes or is changed while we sail gets a lane of its own; the old
 * one is closed when nothing goes by it any more. The ship alone touches lanes:
 * orders come to it as parcels.
 *
 * Thread: ship; what ship.h says of lanes is of whoever fills
 * batches, lanes_make and lanes_free of the ship's owner.
 */
#include "lanes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "inquiry.h"
#include "keyring.h"
#include "lane.h"
#include "log.h"
#include "mem.h"
#include "pace.h"
#include "proxy.h"
#include "secret.h"
#include "sigv4.h"
#include "state.h"

/* Half of the connections are kept; those that are in use beyond that come back
 * by and by. */
static void
share_connections(struct ship *s)
{
	uint32_t max = s->config->max_connections, open = 0;

	for (size_t i = 0; i < s->config->flow_count; i++)
		open += !lane_is_empty(&s->lanes[i]);
	s->kept = open > 0 ? max / 2 / open : 0;
	s->guarded = s->kept == 0 ? (max + 2) / 4 : 0;
	s->reserved = 0;
	for (size_t i = 0; i < s->config->flow_count; i++) {
		const struct lane *l = &s->lanes[i];

		if (!lane_is_empty(l) && l->flying < s->kept)
			s->reserved += s->kept - l->flying;
	}
}

static bool
is_taken(const struct ship *s, const struct pace *p)
{
	for (size_t i = 0; i < s->config->flow_count; i++)
		if (!lane_is_empty(&s->lanes[i]) && s->lanes[i].pace == p)
			return true;
	return false;
}

/* Lanes with one destination have one pace. */
static struct pace *
pace_for(struct ship *s, const struct lane *l)
{
	size_t i = 0;

	for (size_t k = 0; k < s->config->flow_count; k++)
		if (!lane_is_empty(&s->lanes[k]) && &s->lanes[k] != l &&
		    lane_same_destination(&s->lanes[k], l))
			return s->lanes[k].pace;
	/* There are as many paces as lanes. */
	while (is_taken(s, &s->paces[i]))
		i++;
	pace_init(&s->paces[i]);
	return &s->paces[i];
}

/* Who sends one request at a time keeps the order, also to what is still under
 * way by earlier settings. */
static const struct lane *
elder_of(const struct ship *s, const struct lane *l)
{
	for (size_t i = 0;
	     l->flow->max_in_flight == 1 && i < s->config->flow_count; i++) {
		const struct lane *other = &s->lanes[i];
		bool has_heir = false;

		if (other == l || lane_is_empty(other) ||
		    other->stats != l->stats ||
		    !lane_same_destination(other, l))
			continue;
		for (size_t k = 0; k < s->config->flow_count; k++)
			has_heir = has_heir || s->lanes[k].elder == other;
		if (!has_heir)
			return other;
	}
	return NULL;
}

static void
open_lane(struct ship *s, size_t number, const struct flow_config *flow,
    struct flow_stats *stats)
{
	struct lane *l = &s->lanes[number];

	assert(lane_is_empty(l));
	lane_init(l, flow, stats, &s->keys[number]);
	l->number = number;
	l->pace = pace_for(s, l);
	l->elder = elder_of(s, l);
	atomic_store(&s->in_use[number], true);
}

int
lanes_make(struct ship *s, struct flow_stats *stats)
{
	const struct config *config = s->config;
	size_t count = config->flow_count;

	assert(count > 0);
	s->keys = secret_new(count * sizeof(*s->keys));
	if (s->keys == NULL)
		return -1;
	s->lanes = mem_new_array(count, sizeof(*s->lanes));
	s->in_use = mem_new_array(count, sizeof(*s->in_use));
	s->paces = mem_new_array(count, sizeof(*s->paces));
	for (size_t i = 0; i < count; i++)
		if (!config_flow_is_empty(&config->flows[i]))
			open_lane(s, i, config_flow(config, i), &stats[i]);
	share_connections(s);
	return 0;
}

static void
close_lane(struct ship *s, size_t number)
{
	struct lane *l = &s->lanes[number];

	assert(!lane_is_empty(l) && l->flying == 0 && list_empty(&l->batches));
	inquiry_forget(s->inquiry, l);
	for (size_t i = 0; i < s->config->flow_count; i++)
		if (s->lanes[i].elder == l)
			s->lanes[i].elder = l->elder;
	list_remove(&l->node);
	lane_fini(l);
	explicit_bzero(&s->keys[number], sizeof(s->keys[number]));
	atomic_store(&s->in_use[number], false);
}

void
lanes_obey(struct ship *s)
{
	struct list_node came, *node;

	list_init(&came);
	handoff_take(&s->orders, &came);
	if (list_empty(&came))
		return;
	while ((node = list_take_first(&came)) != NULL) {
		struct ship_lane *order =
		    LIST_ENTRY(node, struct ship_lane, node);

		if (order->closes) {
			close_lane(s, order->number);
		} else {
			open_lane(s, order->number, order->flow, order->stats);
			s->lanes[order->number].credentials = order->keys;
		}
		free(order);
	}
	share_connections(s);
}

void
lanes_free(struct ship *s)
{
	size_t count = s->config->flow_count;

	for (size_t i = 0; s->lanes != NULL && i < count; i++)
		lane_fini(&s->lanes[i]);
	free(s->lanes);
	free(s->in_use);
	free(s->paces);
	secret_free(s->keys, count * sizeof(*s->keys));
}

/* ---- The doors ---- */

struct ship_lane *
lanes_prepare(struct ship *s, const struct flow_config *flow, size_t lane,
    struct flow_stats *stats)
{
	const struct credentials *keys = keyring_admit(s->keyring, flow);
	struct address address;
	struct ship_lane *order;
	bool blind;

	assert(lane < s->config->flow_count && lanes_is_closed(s, lane));
	if (keys == NULL)
		return NULL;
	address_init(&address, flow, api_of(flow)->service);
	blind = address.tls && !s->trusts;
	if (!blind)
		proxy_announce(&address, s->config);
	address_fini(&address);
	if (blind) {
		log_error("flow %s: needs certificates to trust, and none were "
			  "found at the start: restart the agent",
		    flow->name);
		return NULL;
	}
	order = mem_new(sizeof(*order));
	order->number = lane;
	order->stats = stats;
	order->flow = flow;
	order->keys = keys;
	return order;
}

void
lanes_dismiss(struct ship_lane **prepared)
{
	free(*prepared);
	*prepared = NULL;
}

static void
give_order(struct ship *s, struct ship_lane *order)
{
	struct list_node *node = &order->node;

	list_init(node);
	handoff_send(&s->orders, &node);
	handoff_wake(&s->inbox);
}

void
lanes_open(struct ship *s, struct ship_lane **prepared)
{
	atomic_store(&s->in_use[(*prepared)->number], true);
	give_order(s, *prepared);
	*prepared = NULL;
}

void
lanes_close(struct ship *s, size_t lane)
{
	struct ship_lane *order = mem_new(sizeof(*order));

	order->number = lane;
	order->closes = true;
	give_order(s, order);
}

bool
lanes_is_closed(const struct ship *s, size_t lane)
{
	return !atomic_load(&s->in_use[lane]);
}
