/* SPDX-License-Identifier: Apache-2.0
 *
 * trouble: what the operator is told of a lane that is not well.
 *
 * Whatever fails at a destination fails for every batch: one line says it,
 * now and then, and one says when it is over.
 *
 * Thread: ship.
 */
#include "trouble.h"

#include <inttypes.h>
#include <stdio.h>

#include "credentials.h"
#include "lane.h"
#include "log.h"
#include "state.h"
#include "verdict.h"

/* For status. What does not fit is cut off there. */
static void
leave_remark(
    const struct ship *s, struct lane *l, const char *text, const char *advice)
{
	remark_say(&l->stats->ship_trouble, s->wall_ms, "%s %s%s%s",
	    l->address.host, text, advice[0] != '\0' ? "; " : "", advice);
}

void
trouble_say(struct ship *s, struct lane *l, const struct verdict *v,
    const struct http_end *end, const struct reply *reply)
{
	const struct credentials_keys *keys = &l->credentials->now;
	char text[VERDICT_TEXT], key[CREDENTIALS_ID + 64] = "", more[64] = "";
	uint64_t held;

	if (l->troubles++ == 0) {
		l->trouble_ms = s->now_ms;
		stats_set(&l->stats->failing_since_ms, (uint64_t)s->wall_ms);
	}
	verdict_text(v, end, reply, text);
	leave_remark(s, l, text, v->advice);
	if (!log_gate_open(&l->gate, s->now_ms, &held))
		return;
	l->complained = true;
	if (v->about_key)
		snprintf(key, sizeof(key), " (access key %s, from %s)",
		    keys->access_key, keys->source);
	if (held > 0)
		snprintf(more, sizeof(more),
		    "; %" PRIu64 " more failed since the last such line", held);
	log_warn("flow %s: %s %s; %s%s%s", l->flow->name, l->address.host, text,
	    v->advice, key, more);
}

void
trouble_dead(struct ship *s, struct lane *l, const char *why)
{
	uint64_t held;

	leave_remark(s, l, "will not take a record: it is dead", why);
	if (log_gate_open(&l->dead_gate, s->now_ms, &held))
		log_warn("flow %s: %s will not take a record (%s): it goes to "
			 "the dead-letter file (and %" PRIu64
			 " more since the last such line)",
		    l->flow->name, l->address.host, why, held);
}

static bool
is_well(const struct lane *l)
{
	struct list_node *node;

	list_for_each (node, &l->batches) {
		if (batch_of(node)->attempts > 0)
			return false;
	}
	return true;
}

void
trouble_over(struct ship *s, struct lane *l)
{
	if (l->troubles == 0 || !is_well(l))
		return;
	if (l->complained)
		log_info("flow %s: %s takes everything again, "
			 "after %" PRIu64 " failures in %" PRId64 " s",
		    l->flow->name, l->address.host, l->troubles,
		    (s->now_ms - l->trouble_ms) / 1000);
	l->troubles = 0;
	stats_set(&l->stats->failing_since_ms, 0);
	l->complained = false;
}
