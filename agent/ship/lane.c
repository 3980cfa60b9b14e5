/* SPDX-License-Identifier: Apache-2.0
 *
 * lane: one flow's batches on their way, and how hard its destination may be
 * pressed at the moment.
 *
 * A batch waits for its own reasons (some of its records failed) or for its
 * destination's (nothing gets through). For the latter the lane keeps TCP's
 * rule: additive increase, multiplicative decrease of the exchanges in
 * flight; all that fail together count once. A second round of failures
 * without a success between makes the whole lane pause, so that an endpoint
 * that is down sees one probe at a time and not every batch in turn.
 *
 * Thread: ship. Time and chance come as arguments.
 */
#include "lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"

void
lane_init(struct lane *l, const struct flow_config *flow,
    struct flow_stats *stats, struct sigv4_key *key)
{
	*l = (struct lane){ .flow = flow,
		.api = api_of(flow),
		.stats = stats,
		.key = key,
		.allowed = flow->max_in_flight };
	assert(flow->max_in_flight > 0);
	list_init(&l->node);
	list_init(&l->batches);
	address_init(&l->address, flow, l->api->service);
	l->host_line = mem_format("Host: %s", l->address.host);
	l->type_line = mem_format("Content-Type: %s", l->api->content_type);
	l->target_line = mem_format("X-Amz-Target: %s", l->api->target);
}

bool
lane_same_destination(const struct lane *l, const struct lane *other)
{
	return strcmp(l->api->service, other->api->service) == 0 &&
	       strcmp(l->address.url, other->address.url) == 0 &&
	       strcmp(l->flow->region, other->flow->region) == 0 &&
	       strcmp(l->flow->target, other->flow->target) == 0;
}

void
lane_fini(struct lane *l)
{
	assert(l->flow == NULL || list_empty(&l->batches));
	address_fini(&l->address);
	free(l->host_line);
	free(l->type_line);
	free(l->target_line);
	l->host_line = l->type_line = l->target_line = NULL;
	l->flow = NULL;
	l->elder = NULL;
}

void
lane_add(struct lane *l, struct batch **b)
{
	(*b)->due_ms = 0;
	(*b)->attempts = 0;
	list_add_last(&l->batches, &(*b)->node);
	*b = NULL;
}

/* Is anything under way that goes first? */
static bool
has_elders(const struct lane *l)
{
	for (l = l->elder; l != NULL; l = l->elder)
		if (!list_empty(&l->batches))
			return true;
	return false;
}

struct batch *
lane_next(const struct lane *l, int64_t now_ms, int64_t *due_ms)
{
	struct list_node *node;

	*due_ms = CLOCK_NEVER;
	if (l->flying >= l->allowed || has_elders(l))
		return NULL;
	if (l->due_ms > now_ms) {
		*due_ms = l->due_ms;
		return NULL;
	}
	list_for_each (node, &l->batches) {
		struct batch *b = batch_of(node);

		if (b->due_ms <= now_ms)
			return b;
		if (b->due_ms < *due_ms)
			*due_ms = b->due_ms;
	}
	return NULL;
}

void
lane_depart(struct lane *l, struct batch *b)
{
	assert(b->due_ms != CLOCK_NEVER && b->pending_count > 0);
	b->due_ms = CLOCK_NEVER;
	l->flying++;
}

static void
land(struct lane *l, const struct batch *b)
{
	assert(l->flying > 0 && b->due_ms == CLOCK_NEVER);
	l->flying--;
}

void
lane_deliver(struct lane *l, struct batch *b)
{
	assert(b->pending_count == 0);
	land(l, b);
	list_remove(&b->node);
}

void
lane_keep(struct lane *l, struct batch *b, int64_t due_ms)
{
	assert(b->pending_count > 0 && due_ms != CLOCK_NEVER);
	land(l, b);
	b->due_ms = due_ms;
}

/* The destination is back: nobody waits for it any longer. */
static void
recall(struct lane *l)
{
	struct list_node *node;

	list_for_each (node, &l->batches) {
		struct batch *b = batch_of(node);

		if (b->due_ms != CLOCK_NEVER)
			b->due_ms = 0;
	}
}

void
lane_press_on(struct lane *l)
{
	if (l->failures > 1)
		recall(l);
	l->failures = 0;
	l->answered = true;
	l->due_ms = 0;
	if (l->allowed < l->flow->max_in_flight)
		l->allowed++;
}

void
lane_resume(struct lane *l)
{
	recall(l);
	l->failures = 0;
	l->due_ms = 0;
}

void
lane_back_off(struct lane *l, int64_t began_ms, int64_t now_ms, uint64_t dice)
{
	if (began_ms < l->judged_ms)
		return;
	/* What is in flight now was sent in the same belief. */
	l->judged_ms = now_ms + 1;
	l->answered = false;
	l->allowed = l->allowed > 1 ? l->allowed / 2 : 1;
	if (l->failures++ > 0)
		l->due_ms = now_ms + lane_pause(l, l->failures - 1, dice);
}

int64_t
lane_pause(const struct lane *l, uint32_t nth, uint64_t dice)
{
	int64_t max = l->flow->backoff_max_ms;
	int64_t ceiling = l->flow->backoff_first_ms;

	assert(nth > 0);
	if (ceiling < 1)
		ceiling = 1;
	while (--nth > 0 && ceiling < max)
		ceiling *= 2;
	if (ceiling > max)
		ceiling = max;
	return ceiling > 0 ? (int64_t)(dice % ((uint64_t)ceiling + 1)) : 0;
}
