/* SPDX-License-Identifier: Apache-2.0
 *
 * pace: how fast a destination may be fed. One for each destination, however
 * many flows lead to it.
 *
 * Speeds are in units a second. A unit is what the narrowest destination, a
 * shard, takes in a millisecond: so many records or so many bytes, whichever
 * a request has more of (api_cost).
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Owned by the ship; ship thread only. */
struct pace {
	/* While nothing has been refused: requests in flight. */
	uint32_t flying;
	uint32_t opening;  /* how many there may be */
	uint32_t peak;     /* how many there ever were */
	int64_t opened_ms; /* when it was last widened, or left through */

	/* Since something was: a speed. */
	bool measured;
	double crest;        /* units/s: about what the destination takes */
	double rate;         /* units/s now */
	double climbed_ms;   /* how long it has climbed since the last cut */
	double plateau_ms;   /* when it will be back at the crest */
	double next_ms;      /* the next departure */
	int64_t departed_ms; /* the last one */
	int64_t pause_ms;    /* the longest wait after it */
	int64_t cut_ms;      /* requests that began before say nothing new */

	/* What was answered lately, in units; old answers fade. */
	double accepted, refused;
	int64_t answered_ms;
};

void pace_init(struct pace *p);

/* May a request go now? If not, `*due_ms` is when to ask again at the latest,
 * even if no answer comes before. */
bool pace_ask(struct pace *p, int64_t now_ms, int64_t *due_ms);

/* How many units one request may have at most: more would be too much at once
 * for a bucket, however long it was saved up for. */
double pace_portion(const struct pace *p);

/* A request of `cost` units goes out. */
void pace_depart(struct pace *p, double cost, int64_t now_ms);

/* A request that departed at `began_ms` is back: of its units so many were
 * accepted, and so many refused because the destination is at its limit; what
 * failed for other reasons is neither. `dice` is random. */
void pace_land(struct pace *p, int64_t began_ms, double accepted,
    double refused, int64_t now_ms, uint64_t dice);

#endif
