/* SPDX-License-Identifier: Apache-2.0
 *
 * exposition: the agent's numbers in Prometheus's text format (0.0.4).
 *
 * A family of lines is a row; its lines stand together, as the format asks,
 * one for each flow and none for each file, so that there are as many as the
 * operator has flows. Names follow Prometheus's conventions: base units, and
 * _total on whatever only grows.
 *
 * Thread: any; it reads counters. Numbers of one reading are a moment apart.
 */
#include "exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"

#define NAME(rest) "kinesis_agent_" rest

enum kind {
	KIND_COUNTER,
	KIND_GAUGE,
	KIND_MILLIS, /* a gauge of seconds */
	KIND_TIMES,  /* a histogram of seconds */
	KIND_INFO,   /* of each flow: what else is known of it */
	KIND_PROCESS /* of the agent itself */
};

struct family {
	const char *name, *help;
	enum kind kind;
	size_t at;          /* in struct flow_stats */
	const char *labels; /* beside the flow, or NULL */
	bool goes_on;       /* the row before has the same name */
	void (*say)(const struct exposition *e, const struct family *f,
	    struct buf *out); /* KIND_PROCESS */
};

#define AT(field) .at = offsetof(struct flow_stats, field)
#define COUNTER(name, field, help)                                             \
	{                                                                      \
		NAME(name "_total"), help, KIND_COUNTER, AT(field)             \
	}
#define LOST(help, field, why, more)                                           \
	{                                                                      \
		NAME("lost_bytes_total"), help, KIND_COUNTER, AT(field),       \
		    .labels = "reason=\"" why "\"", .goes_on = (more)          \
	}
#define GAUGE(name, field, help)                                               \
	{                                                                      \
		NAME(name), help, KIND_GAUGE, AT(field)                        \
	}

static void
say_version(const struct exposition *e, const struct family *f, struct buf *out)
{
	(void)e;
	(void)buf_addf(out, "%s{version=\"" AGENT_VERSION "\"} 1\n", f->name);
}

static void
say_start(const struct exposition *e, const struct family *f, struct buf *out)
{
	(void)buf_addf(out, "%s %" PRId64 ".%03d\n", f->name,
	    e->started_ms / 1000, (int)(e->started_ms % 1000));
}

static void
say_processor(
    const struct exposition *e, const struct family *f, struct buf *out)
{
	struct rusage usage;
	int64_t us;

	(void)e;
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	     usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
	(void)buf_addf(out, "%s %" PRId64 ".%06d\n", f->name, us / 1000000,
	    (int)(us % 1000000));
}

static void
say_memory(const struct exposition *e, const struct family *f, struct buf *out)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long page = sysconf(_SC_PAGESIZE);
	char line[128], *resident;

	(void)e;
	if (file == NULL)
		return;
	/* In pages; the second number. */
	if (page > 0 && fgets(line, sizeof(line), file) != NULL &&
	    (resident = strchr(line, ' ')) != NULL)
		(void)buf_addf(out, "%s %ld\n", f->name,
		    strtol(resident, NULL, 10) * page);
	(void)fclose(file);
}

static const struct family families[] = {
	{ NAME("build_info"), "Which version this is.", KIND_PROCESS,
	    .say = say_version },
	{ "process_start_time_seconds",
	    "When the agent was started, in seconds since 1970.", KIND_PROCESS,
	    .say = say_start },
	{ "process_cpu_seconds_total", "Processor time it has used.",
	    KIND_PROCESS, .say = say_processor },
	{ "process_resident_memory_bytes", "Memory it has now.", KIND_PROCESS,
	    .say = say_memory },
	{ NAME("flow_info"), "What a flow's records go to.", KIND_INFO,
	    .at = 0 },

	COUNTER("read_bytes", bytes_read,
	    "Bytes of the log files put into batches, or filtered."),
	COUNTER("read_records", records_read, "Records put into batches."),
	COUNTER("delivered_bytes", bytes_delivered,
	    "Bytes of the log files whose records arrived."),
	COUNTER(
	    "delivered_records", records_delivered, "Records that arrived."),
	COUNTER("filtered_bytes", bytes_filtered,
	    "Bytes of the log files that became no record, by configuration."),
	COUNTER("filtered_lines", lines_filtered,
	    "Headers, footers and what follows those."),
	COUNTER("unmatched_records", records_unmatched,
	    "Records that a processing option did not understand."),
	COUNTER("resumed_bytes", bytes_skipped,
	    "Bytes delivered before a restart, not read again."),
	COUNTER("truncated_records", records_truncated,
	    "Records that were cut for their length."),
	COUNTER("truncated_bytes", bytes_truncated, "What was cut off."),
	COUNTER("split_records", records_split,
	    "Pieces cut off lines that are longer than a record."),
	COUNTER("partial_lines", partial_lines,
	    "Lines sent without their newline."),
	COUNTER("random_keys", keys_random,
	    "Records with a random partition key for want of a field."),
	COUNTER("refused_hash_keys", hashes_refused,
	    "Explicit hash keys that are none."),
	COUNTER("dead_letter_records", records_dead,
	    "Records kept in the dead-letter file."),
	COUNTER("dead_letter_bytes", bytes_dead,
	    "What those were in the log files."),
	LOST("Bytes that are lost, as a lower bound, by reason.",
	    bytes_lost_by[STATS_LOSS_VANISHED], "vanished", false),
	LOST(NULL, bytes_lost_by[STATS_LOSS_TRUNCATED], "truncated", true),
	LOST(NULL, bytes_lost_by[STATS_LOSS_COPY], "copy", true),
	LOST(NULL, bytes_lost_by[STATS_LOSS_UNREADABLE], "unreadable", true),
	LOST(NULL, bytes_lost_dead, "dead_letters_full", true),
	COUNTER("lost_dead_letter_records", records_lost_dead,
	    "Dead letters that made room for newer ones."),
	COUNTER("unseen_files", files_unseen,
	    "Files that were gone before they could be looked at."),
	COUNTER("seen_bytes", bytes_seen,
	    "Bytes of the log files that were read or are known to be lost."),
	GAUGE("in_flight_bytes", bytes_in_flight,
	    "Bytes of the log files whose records are under way."),
	GAUGE("behind_bytes", bytes_behind,
	    "Bytes of the log files that are not delivered."),
	{ NAME("behind_seconds"), "How long the eldest of them has been there.",
	    KIND_MILLIS, AT(millis_behind) },
	GAUGE("files", files, "Files that are followed."),
	GAUGE("directories", directories, "Directories that are looked into."),
	GAUGE("polled_directories", directories_polled,
	    "Those of them of which the kernel gives no news."),
	GAUGE("record_limit_bytes", record_limit,
	    "The longest record the stream takes, as it says; 0: not asked."),
	COUNTER("requests", requests, "Requests begun."),
	COUNTER("failed_requests", requests_failed,
	    "Requests without a verdict for any record."),
	COUNTER("request_bytes", bytes_on_wire, "Bytes of request bodies."),
	COUNTER("sent_records", records_sent,
	    "Records that went out, repeats included."),
	COUNTER("sent_again_records", records_again,
	    "Those of them that had gone out before."),
	COUNTER("refused_records", records_refused,
	    "Records that an answer named as failed; they go again."),
	{ NAME("request_duration_seconds"),
	    "How long requests took, failed ones too.", KIND_TIMES,
	    AT(exchanges) },
	{ NAME("delivery_delay_seconds"),
	    "From when a batch's first record was read to when all of it had "
	    "arrived.",
	    KIND_TIMES, AT(deliveries) },
};

#define COUNT (sizeof(families) / sizeof(families[0]))

/* --- Whose numbers --- */

/* Append NAME="VALUE", escaped. */
static void
add_label(struct buf *b, const char *name, const char *value)
{
	(void)buf_addf(b, "%s%s=\"", b->len > 0 ? "," : "", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			(void)buf_add_str(b, "\\n");
		else if (*value == '"' || *value == '\\')
			(void)buf_addf(b, "\\%c", *value);
		else
			(void)buf_add(b, value, 1);
	}
	(void)buf_add(b, "\"", 1);
}

static void
describe(const struct flow_config *f, struct exposition_flow *out)
{
	bool stream = f->destination == DESTINATION_STREAM;
	struct buf b;

	buf_init(&b, EXPOSITION_CHUNK / 4);
	add_label(&b, "flow", f->name);
	out->labels = mem_dup(buf_text(&b));
	buf_clear(&b);
	add_label(&b, "service", stream ? "kinesis" : "firehose");
	add_label(&b, "destination", f->target);
	add_label(&b, "region", f->region != NULL ? f->region : "");
	out->more = mem_dup(buf_text(&b));
	buf_fini(&b);
}

struct exposition_roll *
exposition_roll_new(const struct config *config)
{
	struct exposition_roll *roll = mem_new(
	    sizeof(*roll) + config->flow_count * sizeof(roll->flows[0]));

	for (size_t i = 0; i < config->flow_count; i++) {
		struct exposition_flow *f;

		if (config_flow_is_empty(&config->flows[i]))
			continue;
		f = &roll->flows[roll->count++];
		f->slot = i;
		describe(&config->flows[i], f);
	}
	return roll;
}

void
exposition_roll_free(struct exposition_roll *roll)
{
	if (roll == NULL)
		return;
	for (size_t i = 0; i < roll->count; i++) {
		free(roll->flows[i].labels);
		free(roll->flows[i].more);
	}
	free(roll);
}

/* --- Lines --- */

static const char *
type_of(const struct family *f)
{
	size_t len = strlen(f->name);

	switch (f->kind) {
	case KIND_COUNTER:
		return "counter";
	case KIND_GAUGE:
	case KIND_MILLIS:
	case KIND_INFO:
		return "gauge";
	case KIND_TIMES:
		return "histogram";
	case KIND_PROCESS:
		break;
	}
	return strcmp(f->name + len - 6, "_total") == 0 ? "counter" : "gauge";
}

static void
say_bucket(const struct family *f, const struct exposition_flow *flow,
    int64_t bound_ms, uint64_t count, struct buf *out)
{
	(void)buf_addf(out, "%s_bucket{%s,le=\"", f->name, flow->labels);
	if (bound_ms == CLOCK_NEVER)
		(void)buf_add_str(out, "+Inf");
	else
		(void)buf_addf(out, "%g", (double)bound_ms / 1000);
	(void)buf_addf(out, "\"} %" PRIu64 "\n", count);
}

static void
say_times(const struct family *f, const struct exposition_flow *flow,
    const struct stats_times *t, struct buf *out)
{
	uint64_t count = 0, sum_ms = stats_get(&t->sum_ms);

	for (size_t i = 0; i < STATS_BUCKETS; i++) {
		count += stats_get(&t->bucket[i]);
		say_bucket(f, flow, stats_bucket_ms[i], count, out);
	}
	count += stats_get(&t->bucket[STATS_BUCKETS]);
	say_bucket(f, flow, CLOCK_NEVER, count, out);
	(void)buf_addf(out,
	    "%s_sum{%s} %" PRIu64 ".%03d\n%s_count{%s} %" PRIu64 "\n", f->name,
	    flow->labels, sum_ms / 1000, (int)(sum_ms % 1000), f->name,
	    flow->labels, count);
}

static void
say_flow(const struct exposition *e, const struct family *f,
    const struct exposition_flow *flow, struct buf *out)
{
	const char *at = (const char *)&e->stats[flow->slot] + f->at;
	uint64_t ms;

	switch (f->kind) {
	case KIND_COUNTER:
	case KIND_GAUGE:
		(void)buf_addf(out, "%s{%s%s%s} %" PRIu64 "\n", f->name,
		    flow->labels, f->labels != NULL ? "," : "",
		    f->labels != NULL ? f->labels : "",
		    stats_get((const counter *)(const void *)at));
		break;
	case KIND_MILLIS:
		ms = stats_get((const counter *)(const void *)at);
		(void)buf_addf(out, "%s{%s} %" PRIu64 ".%03d\n", f->name,
		    flow->labels, ms / 1000, (int)(ms % 1000));
		break;
	case KIND_TIMES:
		say_times(
		    f, flow, (const struct stats_times *)(const void *)at, out);
		break;
	case KIND_INFO:
		(void)buf_addf(
		    out, "%s{%s,%s} 1\n", f->name, flow->labels, flow->more);
		break;
	case KIND_PROCESS:
		break;
	}
}

bool
exposition_next(struct exposition *e, struct buf *out)
{
	const struct family *f;

	if (e->family == COUNT)
		return false;
	f = &families[e->family];
	if (e->flow == 0 && !f->goes_on)
		(void)buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name,
		    f->help, f->name, type_of(f));
	if (f->kind == KIND_PROCESS)
		f->say(e, f, out);
	else if (e->flow < e->roll->count)
		say_flow(e, f, &e->roll->flows[e->flow++], out);
	if (f->kind == KIND_PROCESS || e->flow == e->roll->count) {
		e->family++;
		e->flow = 0;
	}
	return true;
}
