/* SPDX-License-Identifier: Apache-2.0
 *
 * limit: see limit.h.
 *
 * The ship asks, when it is told through the flow's numbers that somebody
 * wants to know, and answers the same way. What the memory budget could not
 * hold is not allowed, whatever the stream says; and where lines are processed,
 * which has a bounded memory of its own, the usual limit stays.
 *
 * Thread: tail.
 */
#include "limit.h"

#include <inttypes.h>

#include "file.h"
#include "flow.h"
#include "handoff.h"
#include "log.h"
#include "mem.h"
#include "state.h"

#define WAIT_MS 5000

bool
limit_awaited(struct tail *t, struct flow *f)
{
	if (f->limit_known || !f->api->has_keys || f->parser != NULL ||
	    f->config->max_bytes <= f->max_record)
		return false;
	if (f->limit_due_ms == 0) {
		f->limit_due_ms = t->now_ms + WAIT_MS;
		stats_set(&f->stats->limit_wanted, f->lane + 1);
		handoff_wake(f->to_ship);
	}
	if (stats_limit(f->stats, f->lane) == 0 && t->now_ms >= f->limit_due_ms)
		return false;
	f->starved = true;
	return true;
}

void
limit_make_room(struct tail *t, size_t record)
{
	size_t room = MARK_BYTES + record + 1;

	if (room <= t->chunk_room)
		return;
	t->chunk = mem_resize(t->chunk, room, 1);
	t->chunk_room = room;
}

void
limit_learn(struct tail *t, struct flow *f)
{
	size_t limit, most;

	if (f->limit_known || f->limit_due_ms == 0)
		return;
	limit = (size_t)stats_limit(f->stats, f->lane);
	if (limit == 0)
		return;
	f->limit_known = true;
	f->starved = false;
	most = pool_largest(t->pool, f->lane);
	if (limit > most) {
		log_info("flow %s: records of up to %zu bytes, of the %zu that "
			 "the stream takes: memoryBudgetBytes holds no more",
		    f->config->name, most, limit);
		limit = most;
	}
	if (limit <= f->max_record)
		return;
	f->max_record = limit;
	buf_fini(&f->cut);
	buf_init(&f->cut, limit);
	limit_make_room(t, flow_max_data(f));
}
