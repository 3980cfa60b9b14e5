/* SPDX-License-Identifier: Apache-2.0
 *
 * status: see status.h. A flow's row is made of the counters as they are when
 * it is written; two rows may be of two moments.
 *
 * Thread: tail, so that what the tail counts does not move meanwhile.
 */
#include "status.h"

#include <stddef.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "stats.h"

/* A counter and what it is called in the answer. */
struct column {
	const char *name;
	size_t at; /* in struct flow_stats */
};

#define COLUMN(field)                                                          \
	{                                                                      \
#field, offsetof(struct flow_stats, field)                     \
	}

/* I7: the first is the sum of the others. */
static const struct column bytes[] = {
	{ "seen", offsetof(struct flow_stats, bytes_seen) },
	{ "delivered", offsetof(struct flow_stats, bytes_delivered) },
	{ "filtered", offsetof(struct flow_stats, bytes_filtered) },
	{ "skipped", offsetof(struct flow_stats, bytes_skipped) },
	{ "dead", offsetof(struct flow_stats, bytes_dead) },
	{ "in_flight", offsetof(struct flow_stats, bytes_in_flight) },
	{ "lost", offsetof(struct flow_stats, bytes_lost) },
	{ NULL, 0 },
};

static const struct column losses[] = {
	{ "vanished",
	    offsetof(struct flow_stats, bytes_lost_by[STATS_LOSS_VANISHED]) },
	{ "truncated",
	    offsetof(struct flow_stats, bytes_lost_by[STATS_LOSS_TRUNCATED]) },
	{ "before_truncation",
	    offsetof(struct flow_stats, bytes_lost_by[STATS_LOSS_COPY]) },
	{ "unreadable",
	    offsetof(struct flow_stats, bytes_lost_by[STATS_LOSS_UNREADABLE]) },
	{ NULL, 0 },
};

static const struct column counts[] = {
	COLUMN(bytes_committed),
	COLUMN(bytes_truncated),
	COLUMN(bytes_on_wire),
	COLUMN(bytes_lost_dead),
	COLUMN(records_read),
	COLUMN(records_delivered),
	COLUMN(records_dead),
	COLUMN(records_lost_dead),
	COLUMN(records_sent),
	COLUMN(records_again),
	COLUMN(records_refused),
	COLUMN(records_truncated),
	COLUMN(records_split),
	COLUMN(records_unmatched),
	COLUMN(records_too_hard),
	COLUMN(lines_filtered),
	COLUMN(partial_lines),
	COLUMN(keys_random),
	COLUMN(hashes_refused),
	COLUMN(requests),
	COLUMN(requests_failed),
	COLUMN(files),
	COLUMN(files_unseen),
	COLUMN(directories),
	COLUMN(directories_polled),
	COLUMN(unbalanced),
	{ NULL, 0 },
};

static json_t *
object_of(const struct column *columns, const struct flow_stats *s)
{
	json_t *object = json_object();

	for (; columns->name != NULL; columns++) {
		const counter *c =
		    (const counter *)(const void *)((const char *)s +
						    columns->at);

		(void)json_object_set_new(object, columns->name,
		    json_integer((json_int_t)stats_get(c)));
	}
	return object;
}

static json_t *
row_of(const struct flow_config *f, const struct flow_stats *s)
{
	return json_pack("{s:o,s:s,s:s,s:o,s:o,s:o}", "name",
	    answer_name(f->name), "destination",
	    f->destination == DESTINATION_STREAM ? "stream" : "firehose",
	    "target", f->target, "bytes", object_of(bytes, s), "lost_bytes",
	    object_of(losses, s), "counts", object_of(counts, s));
}

static json_t *
agent_of(const struct answer *a)
{
	char now[25];

	clock_extended(clock_wall_ms(), now);
	return json_pack("{s:s,s:i,s:s,s:o}", "version", AGENT_VERSION, "pid",
	    (int)getpid(), "now", now, "configuration",
	    answer_name(a->doors->config->path));
}

/* Are all slots before `i` empty? */
static bool
is_first(const struct config *config, size_t i)
{
	while (i > 0 && config_flow_is_empty(&config->flows[i - 1]))
		i--;
	return i == 0;
}

enum answer_step
status_next(struct answer *a)
{
	const struct config *config = a->doors->config;
	size_t i;

	if (a->at == 0) {
		answer_text(a, "{\"agent\":");
		answer_value(a, agent_of(a));
		answer_text(a, ",\n\"flows\":[");
	}
	i = (size_t)a->at++;
	if (i < config->flow_count) {
		const struct flow_config *flow = &config->flows[i];

		if (!config_flow_is_empty(flow))
			answer_row(a, is_first(config, i),
			    row_of(flow, &a->doors->stats[i]));
		return ANSWER_MORE;
	}
	answer_text(a, "]}\n");
	return ANSWER_DONE;
}
