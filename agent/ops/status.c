/* SPDX-License-Identifier: Apache-2.0
 *
 * status: see status.h. A flow's row is made of the counters as they are when
 * it is written; two rows may be of two moments.
 *
 * Thread: tail, so that what the tail counts does not move meanwhile.
 */
#include "status.h"

#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "stats.h"

static json_t *
number(const counter *c)
{
	return json_integer((json_int_t)stats_get(c));
}

static json_t *
counts_of(const struct flow_stats *s)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "bytes_read",
	    number(&s->bytes_read), "records_read", number(&s->records_read),
	    "records_delivered", number(&s->records_delivered), "records_again",
	    number(&s->records_again), "files", number(&s->files),
	    "directories", number(&s->directories));
}

static json_t *
row_of(const struct flow_config *f, const struct flow_stats *s)
{
	return json_pack("{s:o,s:s,s:s,s:o}", "name", answer_name(f->name),
	    "destination",
	    f->destination == DESTINATION_STREAM ? "stream" : "firehose",
	    "target", f->target, "counts", counts_of(s));
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
