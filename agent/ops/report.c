/* SPDX-License-Identifier: Apache-2.0
 *
 * report: see report.h. One line for each flow that moved since its last.
 *
 * Thread: main.
 */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "progress.h"

struct report {
	const struct config *config;    /* borrowed */
	const struct flow_stats *stats; /* borrowed */
	int64_t began_ms;
	uint64_t *said; /* per flow: the sum of what was said last */
};

struct report *
report_new(const struct config *config, const struct flow_stats *stats)
{
	struct report *r = mem_new(sizeof(*r));

	r->config = config;
	r->stats = stats;
	r->began_ms = clock_ms();
	r->said = mem_new_array(config->flow_count, sizeof(*r->said));
	return r;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	free(r->said);
	free(r);
}

/* Changes whenever a line about `s` would. */
static uint64_t
activity(const struct flow_stats *s)
{
	return stats_get(&s->bytes_read) + stats_get(&s->requests) +
	       stats_get(&s->records_delivered) + stats_get(&s->records_dead) +
	       stats_get(&s->records_lost_dead) + stats_get(&s->bytes_lost) +
	       stats_get(&s->files_unseen);
}

/* What was read and is neither delivered nor dead. */
static uint64_t
left(const struct flow_stats *s)
{
	return stats_get(&s->records_read) - stats_get(&s->records_delivered) -
	       stats_get(&s->records_dead);
}

static void
say(const char *name, const struct flow_stats *s, const char *waiting)
{
	uint64_t delivered = stats_get(&s->records_delivered);

	log_info("flow %s: delivered %" PRIu64 " records (%" PRIu64
		 " bytes), sent again %" PRIu64 ", %s %" PRIu64
		 ", truncated %" PRIu64 ", split %" PRIu64
		 ", dead letters %" PRIu64 " (%" PRIu64 " bytes"
		 ", lost %" PRIu64 "), without newline %" PRIu64
		 ", filtered %" PRIu64 " lines (%" PRIu64
		 " bytes), not understood %" PRIu64 ", lost %" PRIu64
		 " bytes; requests %" PRIu64 ", failed %" PRIu64
		 "; files %" PRIu64 ", directories %" PRIu64 " (%" PRIu64
		 " polled)",
	    name, delivered, stats_get(&s->bytes_delivered),
	    stats_get(&s->records_again), waiting, left(s),
	    stats_get(&s->records_truncated), stats_get(&s->records_split),
	    stats_get(&s->records_dead), stats_get(&s->bytes_dead),
	    stats_get(&s->records_lost_dead), stats_get(&s->partial_lines),
	    stats_get(&s->lines_filtered), stats_get(&s->bytes_filtered),
	    stats_get(&s->records_unmatched), stats_get(&s->bytes_lost),
	    stats_get(&s->requests), stats_get(&s->requests_failed),
	    stats_get(&s->files), stats_get(&s->directories),
	    stats_get(&s->directories_polled));
}

/* Only of flows whose keys are made of fields. */
static void
say_keys(const char *name, const struct flow_stats *s)
{
	uint64_t random = stats_get(&s->keys_random);
	uint64_t refused = stats_get(&s->hashes_refused);

	if (random > 0 || refused > 0)
		log_info("flow %s: %" PRIu64 " records had a random key for "
			 "want of their field, %" PRIu64
			 " no explicit hash key",
		    name, random, refused);
}

void
report_news(struct report *r)
{
	if (r->config->status_format == STATUS_JAVA) {
		progress_say(r->config, r->stats, clock_ms() - r->began_ms);
		return;
	}
	for (size_t i = 0; i < r->config->flow_count; i++) {
		uint64_t now = activity(&r->stats[i]);

		if (config_flow_is_empty(&r->config->flows[i]) ||
		    now == r->said[i])
			continue;
		r->said[i] = now;
		say(r->config->flows[i].name, &r->stats[i], "under way");
		say_keys(r->config->flows[i].name, &r->stats[i]);
	}
}

void
report_end(struct report *r)
{
	for (size_t i = 0; i < r->config->flow_count; i++) {
		const char *name = r->config->flows[i].name;
		uint64_t undone = left(&r->stats[i]);

		if (config_flow_is_empty(&r->config->flows[i]))
			continue;
		say(name, &r->stats[i], "left for the next start");
		say_keys(name, &r->stats[i]);
		if (undone > 0)
			log_warn("flow %s: stopped before %" PRIu64
				 " records were answered: they are sent at "
				 "the next start",
			    name, undone);
	}
}
