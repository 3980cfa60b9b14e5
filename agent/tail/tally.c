/* SPDX-License-Identifier: Apache-2.0
 *
 * tally: see tally.h.
 *
 * What rides is counted twice, independently: when the reader moves over it,
 * and by its records when they come home. So a batch whose records do not
 * account for its bytes is seen at once. It is said once and counted: a wrong
 * sum is no reason to stop delivering.
 *
 * A batch that was abandoned stays in flight in these numbers: nobody knows
 * what became of it, and it is sent at the next start.
 *
 * Thread: tail. tally_cover is per-line work.
 */
#include "tally.h"

#include <assert.h>
#include <inttypes.h>

#include "batch.h"
#include "clock.h"
#include "flow.h"
#include "letter.h"
#include "log.h"

void
tally_cover(struct flow *f, enum tally_fate fate, uint64_t bytes)
{
	struct flow_stats *s = f->stats;

	stats_add(&s->bytes_seen, bytes);
	stats_add(&s->bytes_read, bytes);
	switch (fate) {
	case TALLY_BESIDE:
		f->filling->beside += bytes;
		/* fallthrough */
	case TALLY_RIDES:
		f->filling->riding += bytes;
		stats_add(&s->bytes_in_flight, bytes);
		return;
	case TALLY_FILTERED:
		stats_add(&s->bytes_filtered, bytes);
		return;
	case TALLY_SKIPPED:
		stats_add(&s->bytes_skipped, bytes);
		return;
	}
}

void
tally_lose(
    struct flow *f, enum stats_loss reason, uint64_t bytes, const char *path)
{
	static const char *const reasons[STATS_LOSSES] = {
		[STATS_LOSS_VANISHED] = "gone before they were read",
		[STATS_LOSS_TRUNCATED] = "truncated before they were read",
		[STATS_LOSS_COPY] = "written between copy and truncation",
		[STATS_LOSS_UNREADABLE] = "cannot be unpacked",
	};

	if (bytes == 0)
		return;
	remark_say(&f->stats->tail_trouble, clock_wall_ms(),
	    "lost %" PRIu64 " bytes, %s: %s", bytes, reasons[reason], path);
	stats_add(&f->stats->bytes_seen, bytes);
	stats_add(&f->stats->bytes_lost, bytes);
	stats_add(&f->stats->bytes_lost_by[reason], bytes);
}

static void
check(struct flow *f)
{
	struct flow_stats *s = f->stats;

	if (stats_balance(s) || stats_get(&s->unbalanced) > 0)
		return;
	stats_add(&s->unbalanced, 1);
	log_error("flow %s: the accounts do not balance: of %" PRIu64
		  " bytes seen %" PRIu64 " are delivered, %" PRIu64
		  " filtered, %" PRIu64 " skipped, %" PRIu64
		  " dead letters, %" PRIu64 " in flight, %" PRIu64
		  " lost; this is a mistake in the agent: please report it",
	    f->config->name, stats_get(&s->bytes_seen),
	    stats_get(&s->bytes_delivered), stats_get(&s->bytes_filtered),
	    stats_get(&s->bytes_skipped), stats_get(&s->bytes_dead),
	    stats_get(&s->bytes_in_flight), stats_get(&s->bytes_lost));
}

void
tally_home(struct flow *f, const struct batch *b)
{
	struct flow_stats *s = f->stats;
	uint64_t dead = 0, delivered = b->beside, from, to;

	for (uint32_t i = 0; i < b->placed; i++) {
		(void)letter_origin(b, i, &from, &to);
		if (letter_is(b, i))
			dead += to - from;
		else
			delivered += to - from;
	}
	/* What was filtered between lines that were joined. Should such a
	 * record be dead, that is counted as if it had been delivered. */
	if (delivered >= b->gaps)
		delivered -= b->gaps;
	else
		dead -= b->gaps;
	stats_add(&s->bytes_in_flight, -b->riding);
	stats_add(&s->bytes_delivered, delivered);
	stats_add(&s->bytes_dead, dead);
	stats_add(&s->records_delivered, b->count - letter_count(b));
	stats_add(&s->records_dead, letter_count(b));
	check(f);
}
