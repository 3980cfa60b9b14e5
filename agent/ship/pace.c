/* SPDX-License-Identifier: Apache-2.0
 *
 * pace: how fast a destination may be fed.
 *
 * A destination that has never refused anything has no speed limit, only an
 * opening through which the first requests go, as in TCP's slow start: it
 * widens with every success as fast as it is used. A fleet that starts at
 * once finds out with a request or two each, not with a thousand.
 *
 * A destination that refuses has one, and it is measured. What it accepted
 * lately, old answers fading over the second that a shard's bucket holds, is
 * what it takes in a second, whether the bucket was full in the beginning or
 * empty. From there the rate is TCP CUBIC's: a cut when something is refused,
 * back to the crest, some time at about the crest, then up and up until it is
 * refused again, in the end twice as fast every second: a moment of refusals
 * must not be felt for minutes. By the share that was refused we know how far
 * above the limit we were, so the cut goes to just below it. The bucket holds
 * more than the dent costs: nothing is wasted, and little refused. A constant
 * climb beside the cubic one lets the small catch up with the large where
 * several agents share a stream; that no two agents' plateaus are equally long
 * keeps them from climbing in step.
 *
 * Time only counts while the rate is what holds us back: who sends less than
 * he may learns nothing about the limit.
 *
 * Refusals below the tolerance change nothing. A shard here and there that is
 * hotter than the others must not hold those back; what it refused goes again.
 *
 * Thread: ship. Time and chance come as arguments. Never allocates.
 */
#include "pace.h"

#include <assert.h>

#define OPENING_FIRST 1
#define OPENING_SOON  4 /* until here chance has a say: fleets spread */
/* One that hangs must not keep the others back. */
#define OPENING_WAIT_MS 100
#define OPENING_IDLE_MS 1000 /* after so long the destination is unknown */

#define TOLERANCE  0.02 /* the share of refused that is none */
#define CUT        0.15 /* below the crest */
#define CUT_MOST   0.5  /* of the rate, however much was refused */
#define PLATEAU_MS 2500.0
/* Beside the cubic climb, units/s each second: the same for all, but gently
 * where all are small. */
#define CLIMB_MOST  20.0
#define CLIMB_SHARE 0.1 /* of the crest */
#define RATE_LEAST  5.0
/* Nothing refused for so many plateaus: the limit is far away, or was never
 * there; from then on the rate doubles every so often. */
#define DOUBLING_AFTER 2.5
#define DOUBLING_MS    1000.0
/* The narrowest destination takes twice as much if it is ours alone. */
#define RATE_FIRST 500.0
#define RATE_MOST  1e9

#define FADE_MS       1000.0  /* a shard's bucket holds a second */
#define PORTION_MS    750.0   /* a request has what may go in this time ... */
#define PORTION_LEAST 10.0    /* ... or so much */
#define PATIENCE_MS   10000.0 /* however low the rate, a request goes */
#define SLACK_MS      100.0   /* departures may be late by, and catch up */
#define FORGET_MS     (10LL * 60 * 1000) /* nothing refused for so long */

static double
within(double value, double least, double most)
{
	if (value < least)
		return least;
	return value < most ? value : most;
}

void
pace_init(struct pace *p)
{
	*p = (struct pace){ .opening = OPENING_FIRST };
}

/* What was answered until now counts less by now: about exp(-passed). */
static void
fade(struct pace *p, int64_t now_ms)
{
	double passed = (double)(now_ms - p->answered_ms) / FADE_MS;
	double factor = passed < 2 ? (2 - passed) / (2 + passed) : 0;

	p->accepted *= factor;
	p->refused *= factor;
	p->answered_ms = now_ms;
}

static bool
ask_opening(struct pace *p, int64_t now_ms, int64_t *due_ms)
{
	if (p->flying == 0 && now_ms - p->opened_ms >= OPENING_IDLE_MS)
		pace_init(p);
	if (p->flying < p->opening)
		return true;
	if (now_ms - p->opened_ms >= OPENING_WAIT_MS) {
		p->opened_ms = now_ms;
		p->opening++;
		return true;
	}
	*due_ms = p->opened_ms + OPENING_WAIT_MS;
	return false;
}

static void
forget(struct pace *p)
{
	*p = (struct pace){
		.flying = p->flying, .peak = p->flying, .opening = OPENING_FIRST
	};
}

bool
pace_ask(struct pace *p, int64_t now_ms, int64_t *due_ms)
{
	if (p->measured && now_ms - p->cut_ms > FORGET_MS)
		forget(p);
	if (!p->measured)
		return ask_opening(p, now_ms, due_ms);
	if (p->next_ms <= (double)now_ms ||
	    now_ms - p->departed_ms >= p->pause_ms)
		return true;
	*due_ms = (int64_t)p->next_ms + 1;
	if (*due_ms > p->departed_ms + p->pause_ms)
		*due_ms = p->departed_ms + p->pause_ms;
	return false;
}

double
pace_portion(const struct pace *p)
{
	if (!p->measured)
		return RATE_MOST;
	return within(p->rate * PORTION_MS / 1000, PORTION_LEAST, RATE_MOST);
}

/* CUBIC: flat around the plateau, steep before and behind. */
static void
set_rate(struct pace *p)
{
	double way = (p->climbed_ms - p->plateau_ms) / p->plateau_ms;
	double climb = within(p->crest * CLIMB_SHARE, 0, CLIMB_MOST);
	double rate = p->crest * (1 + CUT * way * way * way) +
		      climb * p->climbed_ms / 1000;
	double over_ms = p->climbed_ms - DOUBLING_AFTER * p->plateau_ms;

	while (over_ms > 0 && rate < RATE_MOST) {
		rate *= over_ms < DOUBLING_MS ? 1 + over_ms / DOUBLING_MS : 2;
		over_ms -= DOUBLING_MS;
	}
	p->rate = within(rate, RATE_LEAST, RATE_MOST);
}

void
pace_depart(struct pace *p, double cost, int64_t now_ms)
{
	assert(cost > 0);
	p->flying++;
	if (!p->measured) {
		p->opened_ms = now_ms;
		if (p->peak < p->flying)
			p->peak = p->flying;
		return;
	}
	if (p->next_ms < (double)now_ms - SLACK_MS)
		p->next_ms = (double)now_ms - SLACK_MS;
	else
		p->climbed_ms += (double)(now_ms - p->departed_ms);
	/* Out of patience: what was still owed is forgiven. */
	if (p->next_ms > (double)now_ms)
		p->next_ms = (double)now_ms;
	set_rate(p);
	p->next_ms += cost / p->rate * 1000;
	p->departed_ms = now_ms;
}

/* Begin anew below `crest`. */
static void
cut(struct pace *p, double crest, int64_t now_ms, uint64_t dice)
{
	double chance = (double)(dice >> 11) / (double)(UINT64_C(1) << 53);
	double owed = (p->next_ms - (double)now_ms) * p->rate;

	p->crest = within(crest, RATE_LEAST, RATE_MOST);
	p->plateau_ms = PLATEAU_MS * (0.9 + 0.2 * chance);
	p->pause_ms = (int64_t)(PATIENCE_MS * (0.5 + chance / 2));
	p->climbed_ms = 0;
	p->cut_ms = now_ms + 1;
	p->refused = 0;
	set_rate(p);
	/* What is owed is owed at the new rate: or the next request is too
	 * early by the old one, refused, and taken for news. */
	if (owed > 0)
		p->next_ms =
		    (double)now_ms + owed / p->rate * (0.75 + chance / 2);
}

/* The first refusal, of a request of `cost`: what was accepted until now is
 * the measure. If that is little, then little was sent, and nothing is known:
 * half of what a shard takes is tried, from where a few more refusals lead
 * down quickly. The bucket is empty: the next must be saved up for. */
static void
measure(struct pace *p, double cost, int64_t now_ms, uint64_t dice)
{
	p->measured = true;
	p->departed_ms = now_ms;
	p->next_ms = (double)now_ms;
	cut(p, within(p->accepted * 1000 / FADE_MS, RATE_FIRST, RATE_MOST),
	    now_ms, dice);
	p->next_ms += within(cost, 0, pace_portion(p)) / p->rate * 1000;
}

/* As wide again as it was ever used: no wider, for that would be a guess. */
static void
widen(struct pace *p, uint64_t dice)
{
	if (p->opening >= 2 * p->peak)
		return;
	if (p->opening >= OPENING_SOON || (dice & 1) != 0)
		p->opening++;
}

void
pace_land(struct pace *p, int64_t began_ms, double accepted, double refused,
    int64_t now_ms, uint64_t dice)
{
	assert(p->flying > 0 && accepted >= 0 && refused >= 0);
	if (!p->measured && refused == 0 && accepted > 0)
		widen(p, dice);
	p->flying--;
	if (p->measured && began_ms < p->cut_ms)
		return;
	fade(p, now_ms);
	p->accepted += accepted;
	p->refused += refused;
	double share = p->refused / (p->accepted + p->refused + 1e-9);

	if (refused == 0 || share < TOLERANCE)
		return;
	if (!p->measured)
		measure(p, accepted + refused, now_ms, dice);
	else
		cut(p, p->rate * (1 - within(share, 0, CUT_MOST)), now_ms,
		    dice);
}
