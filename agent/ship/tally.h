/* SPDX-License-Identifier: Apache-2.0
 *
 * tally: what became of a destination's requests since it was last published,
 * request by request, as CloudWatch's statistic sets have it.
 *
 * Thread: whoever owns it; the ship until it leaves in a bulletin.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

enum tally_kind {
	TALLY_ATTEMPTS, /* records that a request carried */
	TALLY_ERRORS,   /* of these, those that its answer named as failed */
	TALLY_SENT,     /* of these, those accepted */
	TALLY_BYTES,    /* of those, data and keys */
	TALLY_BROKEN,   /* 1: the request as a whole failed */
	TALLY_KINDS
};

struct tally {
	uint64_t count; /* requests */
	struct {
		uint64_t sum, least, most;
	} of[TALLY_KINDS];
};

/* One more request, of which this is known. */
static inline void
tally_add(struct tally *t, const uint64_t values[static TALLY_KINDS])
{
	for (int i = 0; i < TALLY_KINDS; i++) {
		t->of[i].sum += values[i];
		if (t->count == 0 || values[i] < t->of[i].least)
			t->of[i].least = values[i];
		if (values[i] > t->of[i].most)
			t->of[i].most = values[i];
	}
	t->count++;
}

/* Add the requests of `more` to `t`. */
static inline void
tally_merge(struct tally *t, const struct tally *more)
{
	for (int i = 0; i < TALLY_KINDS && more->count > 0; i++) {
		t->of[i].sum += more->of[i].sum;
		if (t->count == 0 || more->of[i].least < t->of[i].least)
			t->of[i].least = more->of[i].least;
		if (more->of[i].most > t->of[i].most)
			t->of[i].most = more->of[i].most;
	}
	t->count += more->count;
}

#endif
