/* SPDX-License-Identifier: Apache-2.0
 *
 * progress: the Java agent's progress lines, word for word: people have
 * programs that read them. How far behind it is it says at three levels, by
 * how far that is.
 *
 * Thread: main. Only reads counters.
 */
#include "progress.h"

#include <inttypes.h>

#include "log.h"

/* Ten and five requests of Firehose's. */
#define BEHIND_WARN (UINT64_C(10) * 4194304)
#define BEHIND_INFO (UINT64_C(5) * 4194304)

/* What a line is made of. */
struct sum {
	uint64_t parsed, bytes, sent;
	uint64_t behind, files;
};

static struct sum
sum_of(const struct flow_stats *s)
{
	return (struct sum){
		.parsed = stats_get(&s->records_read) +
			  stats_get(&s->records_dropped),
		.bytes = stats_get(&s->bytes_read),
		.sent = stats_get(&s->records_delivered),
		.behind = stats_get(&s->bytes_behind),
		.files = stats_get(&s->files_behind),
	};
}

/* `who`: "Agent: Tailing" and the like, in three parts. */
static void
say_behind(const char *who, const char *id, const char *what, const char *files,
    const struct sum *sum)
{
	double mb = (double)sum->behind / 1048576;
	uint64_t newer = sum->files > 1 ? sum->files - 1 : 0;

#define LINE                                                                   \
	"%s%s%s is %02f MB (%" PRIu64 " bytes) behind. There are %" PRIu64     \
	" file(s) newer than current %s being tailed."
	if (sum->behind >= BEHIND_WARN)
		log_warn(LINE, who, id, what, mb, sum->behind, newer, files);
	else if (sum->behind >= BEHIND_INFO)
		log_info(LINE, who, id, what, mb, sum->behind, newer, files);
	else if (sum->behind > 0)
		log_debug(LINE, who, id, what, mb, sum->behind, newer, files);
#undef LINE
}

static void
say_flow(const struct flow_config *f, const struct flow_stats *s,
    const struct sum *sum)
{
	log_info("FileTailer[%s]: Tailer Progress: Tailer has parsed %" PRIu64
		 " records (%" PRIu64 " bytes), transformed %" PRIu64
		 " records, skipped %" PRIu64
		 " records, and has successfully sent %" PRIu64
		 " records to destination.",
	    f->java_id, sum->parsed, sum->bytes,
	    stats_get(&s->records_transformed), stats_get(&s->records_dropped),
	    sum->sent);
	say_behind("FileTailer[", f->java_id, "]: Tailer", "file", sum);
}

void
progress_say(const struct config *config, const struct flow_stats *stats,
    int64_t uptime_ms)
{
	struct sum all = { 0, 0, 0, 0, 0 };

	for (size_t i = 0; i < config->flow_count; i++) {
		struct sum sum;

		if (config_flow_is_empty(&config->flows[i]))
			continue;
		sum = sum_of(&stats[i]);
		say_flow(&config->flows[i], &stats[i], &sum);
		all.parsed += sum.parsed;
		all.bytes += sum.bytes;
		all.sent += sum.sent;
		all.behind += sum.behind;
		all.files += sum.files;
	}
	log_info("Agent: Progress: %" PRIu64 " records parsed (%" PRIu64
		 " bytes), and %" PRIu64
		 " records sent successfully to destinations. Uptime: %" PRId64
		 "ms",
	    all.parsed, all.bytes, all.sent, uptime_ms);
	say_behind("Agent: ", "", "Tailing", "file(s)", &all);
}
