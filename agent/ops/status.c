/* SPDX-License-Identifier: Apache-2.0
 *
 * status: see status.h. A flow's row is made of the counters as they are when
 * it is written; two rows may be of two moments.
 *
 * Thread: tail, so that what the tail counts does not move meanwhile.
 */
#include "status.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "remark.h"
#include "stats.h"
#include "tail.h"

/* So long may what is sent fail before somebody is wanted. */
#define FAILING_MS 3000

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

/* What a flow waits for, in a word; the first that holds is what an operator
 * would want to know. */
static const char *
wait_of(const struct flow_stats *s)
{
	switch ((enum stats_ship_wait)stats_get(&s->ship_waits)) {
	case STATS_SHIP_KEYS:
		return "credentials";
	case STATS_SHIP_BACKOFF:
		return "backoff";
	case STATS_SHIP_PACE:
		return "pace";
	case STATS_SHIP_CONNECTION:
		return "connection";
	case STATS_SHIP_NOTHING:
	case STATS_SHIP_ANSWERS:
		break;
	}
	switch ((enum stats_tail_wait)stats_get(&s->tail_waits)) {
	case STATS_TAIL_LIMIT:
		return "record_limit";
	case STATS_TAIL_WINDOW:
		return "window";
	case STATS_TAIL_MEMORY:
		return "memory";
	case STATS_TAIL_NOTHING:
		return "reading";
	case STATS_TAIL_NEWS:
	case STATS_TAIL_FILES:
		break;
	}
	if (stats_get(&s->bytes_in_flight) > 0)
		return "answers";
	return stats_get(&s->tail_waits) == STATS_TAIL_FILES ? "files" : "news";
}

/* Is somebody wanted? What fails for a moment is not worth it. */
static const char *
trouble_of(const struct flow_stats *s, int64_t wall_ms)
{
	int64_t since = (int64_t)stats_get(&s->failing_since_ms);
	uint64_t ship = stats_get(&s->ship_waits);

	if (stats_get(&s->letters_wait) != 0)
		return "disk";
	if (ship == STATS_SHIP_KEYS)
		return "credentials";
	if (since != 0 && wall_ms - since >= FAILING_MS &&
	    ship == STATS_SHIP_BACKOFF)
		return "sending";
	if (stats_get(&s->unbalanced) != 0)
		return "accounts";
	return NULL;
}

static json_t *
time_of(int64_t wall_ms)
{
	char text[25];

	if (wall_ms <= 0)
		return json_null();
	clock_extended(wall_ms, text);
	return json_string(text);
}

/* The latest of what the threads remarked. */
static json_t *
last_error(const struct flow_stats *s)
{
	const struct remark *remarks[] = { &s->tail_trouble, &s->ship_trouble,
		&s->ledger_trouble };
	char text[REMARK_BYTES], latest[REMARK_BYTES];
	int64_t when, latest_ms = 0;

	for (size_t i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++) {
		if (!remark_get(remarks[i], &when, text) || when <= latest_ms)
			continue;
		latest_ms = when;
		memcpy(latest, text, sizeof(latest));
	}
	if (latest_ms == 0)
		return json_null();
	return json_pack("{s:o,s:o}", "time", time_of(latest_ms), "text",
	    answer_name(latest));
}

static double
seconds(uint64_t ms)
{
	return (double)ms / 1000;
}

/* What changes all the time, into `row`. */
static void
add_state(json_t *row, const struct flow_stats *s, int64_t wall_ms)
{
	const char *trouble = trouble_of(s, wall_ms);

	(void)json_object_set_new(row, "waits_for", json_string(wait_of(s)));
	(void)json_object_set_new(
	    row, "waits_until", time_of((int64_t)stats_get(&s->ship_due_ms)));
	(void)json_object_set_new(row, "trouble",
	    trouble != NULL ? json_string(trouble) : json_null());
	(void)json_object_set_new(row, "failing_since",
	    time_of((int64_t)stats_get(&s->failing_since_ms)));
	(void)json_object_set_new(row, "last_error", last_error(s));
	(void)json_object_set_new(row, "behind",
	    json_pack("{s:I,s:f}", "bytes",
		(json_int_t)stats_get(&s->bytes_behind), "seconds",
		seconds(stats_get(&s->millis_behind))));
	(void)json_object_set_new(row, "rate",
	    json_pack("{s:I,s:I}", "records",
		(json_int_t)stats_get(&s->records_a_second), "bytes",
		(json_int_t)stats_get(&s->bytes_a_second)));
}

static json_t *
row_of(const struct flow_config *f, const struct flow_stats *s)
{
	json_t *row = json_pack("{s:o,s:s,s:s}", "name", answer_name(f->name),
	    "destination",
	    f->destination == DESTINATION_STREAM ? "stream" : "firehose",
	    "target", f->target);

	if (row == NULL)
		return NULL;
	add_state(row, s, clock_wall_ms());
	(void)json_object_set_new(row, "bytes", object_of(bytes, s));
	(void)json_object_set_new(row, "lost_bytes", object_of(losses, s));
	(void)json_object_set_new(row, "counts", object_of(counts, s));
	return row;
}

static json_t *
agent_of(const struct answer *a)
{
	return json_pack("{s:s,s:i,s:o,s:o,s:o}", "version", AGENT_VERSION,
	    "pid", (int)getpid(), "now", time_of(clock_wall_ms()), "started",
	    time_of(a->doors->started_ms), "configuration",
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
		if (a->doors->tail != NULL)
			tail_measure(a->doors->tail);
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
