/* SPDX-License-Identifier: Apache-2.0
 *
 * landing: what becomes of a batch when its exchange is over.
 *
 * What was accepted is no longer pending, and when nothing is the batch goes
 * home; the rest is kept in its lane and goes again, for as long as it takes.
 * Only what the service refuses for what it is becomes a dead letter; verdict.c
 * says when that may be.
 *
 * Thread: ship.
 */
#include "landing.h"

#include <assert.h>
#include <stdio.h>

#include "lane.h"
#include "letter.h"
#include "log.h"
#include "pace.h"
#include "repair.h"
#include "sieve.h"
#include "state.h"
#include "transfer.h"
#include "trouble.h"
#include "verdict.h"

void
landing_home(struct ship *s, struct batch *b, enum batch_outcome outcome)
{
	b->outcome = outcome;
	batch_send(s->home, &b);
}

void
landing_note(struct ship *s, struct transfer *t)
{
	assert(s->flying_count > 0);
	s->flying_count--;
	if (t->lane->flying < s->kept)
		s->reserved++;
	s->landed_ms = s->now_ms;
	list_remove(&t->node);
	list_add_first(&s->idle, &t->node);
	t->lane = NULL;
	t->batch = NULL;
	t->exchange = NULL;
}

/* A lane with nothing left takes no more turns. */
static void
leave_round(struct lane *l)
{
	if (!list_empty(&l->batches))
		return;
	list_remove(&l->node);
	stats_set(&l->stats->ship_waits, STATS_SHIP_NOTHING);
}

/* What of the batch was not accepted goes again at `due_ms`, or it has
 * arrived. */
static void
go_on(struct ship *s, struct lane *l, struct batch *b, int64_t due_ms)
{
	if (b->pending_count > 0) {
		lane_keep(l, b, due_ms);
		return;
	}
	lane_deliver(l, b);
	leave_round(l);
	stats_took(&l->stats->deliveries, s->now_ms - b->born_ms);
	trouble_over(s, l);
	landing_home(s, b, BATCH_DELIVERED);
}

static void
land_whole(struct ship *s, struct transfer *t)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;

	for (uint32_t i = t->from; i < t->to; i++) {
		if (batch_is_pending(b, i))
			batch_accept(b, i);
	}
	l->mercy = BATCH_RECORDS;
	sieve_accepted(b);
	lane_press_on(l);
	go_on(s, l, b, s->now_ms);
}

/* Give the pending record `i` up, on credit. False: there is none. */
static bool
give_up(struct ship *s, struct lane *l, struct batch *b, uint32_t i,
    const char *why)
{
	if (l->mercy == 0)
		return false;
	l->mercy--;
	letter_make(b, i, LETTER_WHOLE, why);
	trouble_dead(s, l, why);
	return true;
}

/* Accept what was accepted, and give up what is refused for ever. Answers how
 * many failed otherwise. */
static uint32_t
accept_some(struct ship *s, struct transfer *t)
{
	struct batch *b = t->batch;
	uint32_t nth = 0, failed = 0;

	if (t->reply.failures < t->records)
		t->lane->mercy = BATCH_RECORDS;
	for (uint32_t i = t->from; i < t->to; i++) {
		const struct reply_cause *cause;
		char why[VERDICT_TEXT];

		if (!batch_is_pending(b, i))
			continue;
		if (!reply_failed(&t->reply, nth)) {
			batch_accept(b, i);
			nth++;
			continue;
		}
		cause = reply_cause(&t->reply, nth++);
		if (cause != NULL && verdict_is_final(cause->code)) {
			snprintf(why, sizeof(why), "%s: %s", cause->code,
			    cause->message);
			if (give_up(s, t->lane, b, i, why))
				continue;
		}
		failed++;
	}
	assert(nth == t->records);
	return failed;
}

static void
land_in_part(struct ship *s, struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;
	uint32_t failures = accept_some(s, t);

	stats_add(&l->stats->records_refused, failures);
	b->attempts++;
	if (failures > 0)
		trouble_say(s, l, v, end, &t->reply);
	/* Too much is the pace's affair; anything else, if most of them
	 * failed, is the destination and not the records. */
	if (!v->at_limit && failures > t->records / 2)
		lane_back_off(l, t->began_ms, s->now_ms, ship_roll(s));
	else
		lane_press_on(l);
	sieve_accepted(b);
	go_on(s, l, b, s->now_ms + lane_pause(l, b->attempts, ship_roll(s)));
}

/* The request is refused for one of its records, or so it seems: narrow it
 * down, and give the record up when it stands alone. False: it stands alone
 * and may not be given up. */
static bool
sift(struct ship *s, struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;
	uint64_t dice = l->mercy > 0 ? 0 : ship_roll(s);
	char why[VERDICT_TEXT];
	uint32_t guilty;

	switch (sieve_refused(b, t->from, t->to, dice, &guilty)) {
	case SIEVE_NARROWER:
		break;
	case SIEVE_FOUND:
		verdict_text(v, end, &t->reply, why);
		if (!give_up(s, l, b, guilty, why))
			return false;
		break;
	}
	if (b->attempts == 0)
		b->attempts = 1;
	go_on(s, l, b, s->now_ms);
	return true;
}

static void
land_with_all(struct ship *s, struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	struct lane *l = t->lane;
	struct batch *b = t->batch;

	stats_add(&l->stats->requests_failed, 1);
	trouble_say(s, l, v, end, &t->reply);
	if (v->action == ACTION_SIFT && sift(s, t, v, end))
		return;
	b->attempts++;
	if (repair(s, t, v, end)) {
		lane_keep(l, b, s->now_ms);
		return;
	}
	lane_keep(l, b, s->now_ms + lane_pause(l, b->attempts, ship_roll(s)));
	lane_back_off(l, t->began_ms, s->now_ms, ship_roll(s));
}

void
landing_body(void *owner, struct span bytes)
{
	struct transfer *t = owner;

	reply_feed(&t->reply, bytes);
}

/* What went out counts, arrived or not. Libcurl sends a request again where
 * a kept connection turned out closed under it: an exchange of its own. */
static void
note_sent(const struct transfer *t, uint32_t times)
{
	struct flow_stats *stats = t->lane->stats;
	uint64_t sent = (uint64_t)times * t->records;

	stats_add(&stats->records_sent, sent);
	if (times > 0) {
		stats_add(&stats->records_again, sent - t->fresh);
		if (t->batch->reached < t->to)
			t->batch->reached = t->to;
	}
	stats_add(&stats->bytes_on_wire, (uint64_t)times * t->length);
	if (times < 2)
		return;
	log_debug("flow %s: %s closed a kept connection: sent again",
	    t->lane->flow->name, t->lane->address.host);
	stats_add(&stats->requests, times - 1);
	stats_add(&stats->requests_failed, times - 1);
}

static void
tell_pace(struct ship *s, const struct transfer *t, const struct verdict *v)
{
	double failed = 0;

	if (v->kind == VERDICT_NONE)
		failed = t->cost;
	if (v->kind == VERDICT_SOME)
		failed = t->cost * t->reply.failures / t->records;
	pace_land(t->lane->pace, t->began_ms, t->cost - failed,
	    v->at_limit ? failed : 0, s->now_ms, ship_roll(s));
}

/* To be published: how it ended. */
static void
note_end(const struct transfer *t, const struct verdict *v)
{
	const struct batch *b = t->batch;
	bool broken = v->kind == VERDICT_NONE;
	uint64_t failed = v->kind == VERDICT_SOME ? t->reply.failures : 0;
	uint64_t sent = broken ? 0 : t->records - failed;
	uint64_t values[TALLY_KINDS] = { [TALLY_ATTEMPTS] = t->records,
		[TALLY_ERRORS] = failed,
		[TALLY_SENT] = sent,
		[TALLY_BYTES] = b->weight * sent / b->count,
		[TALLY_BROKEN] = broken };

	tally_add(&t->lane->tally, values);
}

void
landing_end(void *owner, const struct http_end *end)
{
	struct transfer *t = owner;
	struct ship *s = t->ship;
	struct verdict v = verdict_of(end, &t->reply);

	note_sent(t, end->times_sent);
	stats_took(&t->lane->stats->exchanges, s->now_ms - t->began_ms);
	note_end(t, &v);
	tell_pace(s, t, &v);
	switch (v.kind) {
	case VERDICT_ALL:
		land_whole(s, t);
		break;
	case VERDICT_SOME:
		land_in_part(s, t, &v, end);
		break;
	case VERDICT_NONE:
		land_with_all(s, t, &v, end);
		break;
	}
	landing_note(s, t);
}
