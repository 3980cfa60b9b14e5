/* SPDX-License-Identifier: Apache-2.0
 *
 * reload: see reload.h.
 *
 * A flow is known by its name. One whose settings are the same is not touched.
 * For each other one everything that may fail is made first: a lane of the
 * ship, and what the tail makes records with. Only then is anything changed,
 * and that cannot fail. What was in force before is kept until the last lane by
 * which something of it goes is empty and closed.
 *
 * Thread: main, which is the tail's: it runs from the tail's loop.
 */
#include "reload.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "host.h"
#include "log.h"
#include "mem.h"
#include "ship.h"
#include "tail.h"

/* What goes by a lane. */
struct lane {
	struct flow_config *flow; /* owned; NULL: nothing */
	bool left;                /* the ship was told to close it */
};

struct reload {
	struct reload_rooms rooms;
	struct lane *lanes; /* owned: as many as slots */
	size_t *lane_of;    /* owned: by which the flow in a slot goes */
	bool *leaving;      /* owned: the flow in it is no longer configured */
};

/* A flow that comes or is changed, ready. */
struct step {
	size_t slot, lane;
	struct flow_config *config; /* owned */
	struct ship_lane *ship;
	struct flow *tail;
};

struct plan {
	struct step *steps;
	size_t count;
	bool *stays; /* by slot: it is configured */
};

struct reload *
reload_new(const struct reload_rooms *rooms)
{
	struct reload *r = mem_new(sizeof(*r));
	size_t slots = rooms->config->flow_count;

	r->rooms = *rooms;
	r->lanes = mem_new_array(slots, sizeof(*r->lanes));
	r->lane_of = mem_new_array(slots, sizeof(*r->lane_of));
	r->leaving = mem_new_array(slots, sizeof(*r->leaving));
	for (size_t i = 0; i < slots; i++) {
		r->lanes[i].flow = rooms->config->in_force[i];
		r->lane_of[i] = i;
	}
	return r;
}

void
reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->rooms.config->flow_count; i++) {
		struct flow_config *flow = r->lanes[i].flow;
		bool in_force = false;

		for (size_t k = 0; k < r->rooms.config->flow_count; k++)
			in_force =
			    in_force || r->rooms.config->in_force[k] == flow;
		if (!in_force)
			config_flow_free(flow);
	}
	free(r->lanes);
	free(r->lane_of);
	free(r->leaving);
	free(r);
}

/* What went by lanes that are closed by now is nobody's. */
static void
tidy(struct reload *r)
{
	for (size_t i = 0; i < r->rooms.config->flow_count; i++) {
		struct lane *l = &r->lanes[i];

		if (!l->left || !ship_is_closed(r->rooms.ship, i))
			continue;
		config_flow_free(l->flow);
		*l = (struct lane){ NULL, false };
	}
}

void
reload_left_lane(void *owner, size_t lane)
{
	struct reload *r = owner;

	assert(r->lanes[lane].flow != NULL && !r->lanes[lane].left);
	r->lanes[lane].left = true;
	ship_close(r->rooms.ship, lane);
}

void
reload_left_slot(void *owner, size_t slot)
{
	struct reload *r = owner;

	assert(r->leaving[slot]);
	r->leaving[slot] = false;
	(void)config_put(r->rooms.config, slot, NULL);
}

/* ---- Where a flow goes ---- */

/* The slot of the flow called `name`; the number of slots: it has none. */
static size_t
slot_of(const struct reload *r, const char *name)
{
	const struct config *c = r->rooms.config;
	size_t i = 0;

	while (i < c->flow_count && (config_flow_is_empty(&c->flows[i]) ||
					strcmp(c->flows[i].name, name) != 0))
		i++;
	return i;
}

/* One that nothing of its last flow is under way from. */
static size_t
free_slot(const struct reload *r, const struct plan *p)
{
	const struct config *c = r->rooms.config;
	size_t i = 0;

	while (i < c->flow_count &&
	       (p->stays[i] || !config_flow_is_empty(&c->flows[i]) ||
		   r->lanes[r->lane_of[i]].left))
		i++;
	return i;
}

static size_t
free_lane(const struct reload *r, const struct plan *p)
{
	size_t lanes = r->rooms.config->flow_count;

	for (size_t i = 0; i < lanes; i++) {
		bool planned = false;

		for (size_t k = 0; k < p->count; k++)
			planned = planned || p->steps[k].lane == i;
		if (!planned && r->lanes[i].flow == NULL)
			return i;
	}
	return lanes;
}

static int
find_way(const struct reload *r, const struct plan *p, const char *name,
    struct step *s)
{
	size_t slots = r->rooms.config->flow_count;

	s->slot = slot_of(r, name);
	if (s->slot == slots)
		s->slot = free_slot(r, p);
	s->lane = free_lane(r, p);
	if (s->slot < slots && s->lane < slots)
		return 0;
	log_error("flow %s: no room: since the start there may be %zu flows at "
		  "a time, and flows or their earlier settings of which "
		  "something is still under way count too (%zu): try again "
		  "when that is delivered, or restart",
	    name, slots, tail_remainders(r->rooms.tail));
	return -1;
}

/* ---- The plan ---- */

static int
prepare(struct reload *r, struct plan *p, const struct config *next,
    struct flow_config *from)
{
	struct step *s = &p->steps[p->count];
	struct flow_stats *stats;

	if (find_way(r, p, from->name, s) != 0)
		return -1;
	stats = &r->rooms.stats[s->slot];
	s->config = config_flow_take(from);
	p->stays[s->slot] = true;
	p->count++;
	s->ship = ship_prepare(r->rooms.ship, s->config, s->lane, stats);
	if (s->ship == NULL)
		return -1;
	s->tail =
	    tail_prepare(r->rooms.tail, next, s->config, s->slot, s->lane);
	return s->tail != NULL ? 0 : -1;
}

static int
make_plan(struct reload *r, struct config *next, struct plan *p)
{
	const struct config *c = r->rooms.config;
	int answer = 0;

	for (size_t i = 0; i < next->flow_count; i++) {
		size_t slot = slot_of(r, next->flows[i].name);

		if (slot < c->flow_count)
			p->stays[slot] = true;
	}
	for (size_t i = 0; i < next->flow_count && answer == 0; i++) {
		struct flow_config *flow = &next->flows[i];
		size_t slot = slot_of(r, flow->name);

		if (slot < c->flow_count && !r->leaving[slot] &&
		    config_flow_equal(c->in_force[slot], flow))
			continue;
		if (host_is_wanted(flow) && !r->rooms.host_known)
			log_warn("flow %s: ADDEC2METADATA: the instance is "
				 "asked at a start only: records stay as they "
				 "are until the next one",
			    flow->name);
		answer = prepare(r, p, next, flow);
	}
	return answer;
}

static void
drop_plan(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		ship_dismiss(&p->steps[i].ship);
		tail_dismiss(&p->steps[i].tail);
		config_flow_free(p->steps[i].config);
	}
}

/* ---- Adopting ---- */

static void
clear_stats(struct flow_stats *stats)
{
	counter *at = (counter *)(void *)stats;

	for (size_t i = 0; i < sizeof(*stats) / sizeof(*at); i++)
		stats_set(&at[i], 0);
}

static bool
same_patterns(const struct flow_config *a, const struct flow_config *b)
{
	size_t i = 0;

	while (a->patterns[i] != NULL && b->patterns[i] != NULL &&
	       strcmp(a->patterns[i], b->patterns[i]) == 0)
		i++;
	return a->patterns[i] == NULL && b->patterns[i] == NULL;
}

/* Without names of their own flows are called by where they go: who changes
 * that may mean the same flow. */
static void
warn_of_namesake(const struct reload *r, const struct flow_config *flow)
{
	const struct config *c = r->rooms.config;

	for (size_t i = 0; i < c->flow_count; i++)
		if (r->leaving[i] && same_patterns(&c->flows[i], flow))
			log_warn("flow %s: follows what flow %s did, but is "
				 "another one by its name: it begins by its "
				 "initialPosition; give both one name to go on "
				 "where the other stopped",
			    flow->name, c->flows[i].name);
}

static void
take_step(struct reload *r, struct step *s)
{
	struct config *c = r->rooms.config;
	bool comes = config_flow_is_empty(&c->flows[s->slot]);

	if (comes) {
		warn_of_namesake(r, s->config);
		clear_stats(&r->rooms.stats[s->slot]);
	}
	(void)config_put(c, s->slot, s->config);
	r->lanes[s->lane] = (struct lane){ s->config, false };
	r->lane_of[s->slot] = s->lane;
	r->leaving[s->slot] = false;
	ship_open(r->rooms.ship, &s->ship);
	tail_adopt(r->rooms.tail, &s->tail);
	log_info("flow %s: %s", s->config->name,
	    comes ? "is new"
		  : "goes on by its new settings; what was read before goes "
		    "where it was meant to go");
	s->config = NULL;
}

static void
take_steps(struct reload *r, struct plan *p)
{
	struct config *c = r->rooms.config;

	for (size_t i = 0; i < c->flow_count; i++) {
		if (p->stays[i] || r->leaving[i] ||
		    config_flow_is_empty(&c->flows[i]))
			continue;
		log_info("flow %s: is no longer configured: reads no more",
		    c->flows[i].name);
		r->leaving[i] = true;
		tail_release(r->rooms.tail, i);
	}
	for (size_t i = 0; i < p->count; i++)
		take_step(r, &p->steps[i]);
}

static bool
adopt(struct reload *r, struct config *next)
{
	size_t slots = r->rooms.config->flow_count;
	struct plan p = { mem_new_array(slots, sizeof(*p.steps)), 0,
		mem_new_array(slots, sizeof(*p.stays)) };
	bool good = next->flow_count <= slots && make_plan(r, next, &p) == 0;

	if (good) {
		config_adopt(r->rooms.config, next);
		take_steps(r, &p);
	} else if (next->flow_count > slots) {
		log_error("%s: %zu flows: since the start there is room for "
			  "%zu: restart",
		    next->path, next->flow_count, slots);
	}
	drop_plan(&p);
	free(p.steps);
	free(p.stays);
	return good;
}

bool
reload_now(struct reload *r)
{
	const char *path = r->rooms.config->path;
	struct config *next = config_load(path);
	const char *region = r->rooms.region;
	bool good = next != NULL;

	tidy(r);
	if (good && config_lacks_region(next))
		good = config_settle_region(next,
			   region[0] != '\0' ? region : NULL,
			   "the profile and the instance are asked at a start "
			   "only") == 0;
	good = good && adopt(r, next);
	config_free(next);
	if (good)
		log_info("%s: adopted (flows: %zu)", path,
		    config_flows(r->rooms.config));
	else
		log_warn("%s: not adopted: what was in force goes on", path);
	return good;
}
