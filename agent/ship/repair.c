/* SPDX-License-Identifier: Apache-2.0
 *
 * repair: what we can put right ourselves when a request is refused: read
 * the credentials again, learn the service's time.
 *
 * Thread: ship.
 */
#include "repair.h"

#include <inttypes.h>

#include "credentials.h"
#include "http.h"
#include "keyring.h"
#include "log.h"
#include "state.h"
#include "transfer.h"
#include "verdict.h"

/* The clocks of two good machines differ by less; AWS allows five minutes. */
#define SKEW_MS 60000

/* The clock is set so often. */
#define REPAIR_MS 1000

/* Have other credentials got. True: others than `t` was signed with are there,
 * so it may go again at once. */
static bool
renew(struct ship *s, const struct transfer *t)
{
	const struct credentials *c = t->lane->credentials;

	if (t->serial != c->serial)
		return true;
	t->lane->refused = t->serial;
	keyring_renew(s->keyring, c);
	return false;
}

static int64_t
apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Learn the time from the answer to `t`. True: it is another than `t` was
 * signed by, so it may go again at once. */
static bool
set_clock(struct ship *s, const struct transfer *t, int64_t date_ms)
{
	int64_t skew_ms = date_ms - s->wall_ms;

	if (date_ms == 0)
		return false;
	if (apart(t->skew_ms, s->skew_ms) > SKEW_MS)
		return true;
	if (apart(skew_ms, s->skew_ms) <= SKEW_MS)
		return false;
	if (s->clock_set_ms != 0 && s->now_ms - s->clock_set_ms < REPAIR_MS)
		return false;
	s->clock_set_ms = s->now_ms;
	s->skew_ms = skew_ms;
	if (apart(skew_ms, 0) <= SKEW_MS) {
		log_info("this machine's clock agrees with the service's "
			 "again");
		return true;
	}
	log_warn("this machine's clock is %" PRId64
		 " s %s the service's: signing by the service's; "
		 "set the clock right",
	    apart(skew_ms, 0) / 1000, skew_ms < 0 ? "ahead of" : "behind");
	return true;
}

/* Is the cause gone already, so that `t`'s batch need not wait? */
bool
repair(struct ship *s, const struct transfer *t, const struct verdict *v,
    const struct http_end *end)
{
	switch (v->action) {
	case ACTION_WAIT:
	case ACTION_SIFT:
		return false;
	case ACTION_RENEW:
		return renew(s, t);
	case ACTION_CLOCK:
		return set_clock(s, t, end->date_ms);
	}
	return false;
}
