/* SPDX-License-Identifier: Apache-2.0
 *
 * convert: see convert.h.
 *
 * A record that an option does not understand is counted, and once a minute
 * one is shown, its beginning only; none of a flow that redacts.
 *
 * Thread: tail. Per-line work: allocates nothing once records of such a size
 * were met, makes no system call.
 */
#include "convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "flow.h"
#include "line.h"
#include "log.h"
#include "parser.h"
#include "reader.h"
#include "record.h"
#include "state.h"

#define SHOWN 100 /* at most so many bytes of a record that is not understood */

int
convert_init(struct flow *f)
{
	const char *const *options = (const char *const *)f->config->options;
	struct parser_fault fault;
	size_t count = 0;

	if (options == NULL)
		return 0;
	while (options[count] != NULL)
		count++;
	f->parser = parser_new(options, count, f->api->max_record, &fault);
	if (f->parser == NULL) {
		log_error("flow %s: dataProcessingOptions: %s: %s",
		    f->config->name, fault.key, fault.why);
		return -1;
	}
	if (parser_is_interpreted(f->parser))
		log_warn("flow %s: the system refuses to run machine code that "
			 "was just made (a hardened unit does): patterns are "
			 "interpreted, which is slower",
		    f->config->name);
	return 0;
}

static struct span
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_str(slash != NULL ? slash + 1 : path);
}

static struct parser_facts
facts_of(const struct tail *t, const struct reader *r)
{
	return (struct parser_facts){
		.hostname = span_str(r->flow->keys.hostname),
		.path = span_str(r->file->path),
		.file = name_of(r->file->path),
		.offset = r->offset,
		.now_ms = t->wall_ms,
		.host = t->doors.host,
	};
}

/* What becomes of a record that is not understood. */
enum fate { FATE_DROPPED, FATE_RAW, FATE_KEPT };

static enum fate
fate_of(const struct flow *f, bool skips)
{
	switch (f->config->mismatch) {
	case MISMATCH_BY_OPTION:
		return skips ? FATE_DROPPED : FATE_RAW;
	case MISMATCH_SKIP:
		return FATE_DROPPED;
	case MISMATCH_RAW:
		return FATE_RAW;
	case MISMATCH_DEAD_LETTER:
		break;
	}
	return FATE_KEPT;
}

bool
convert_drops_long(const struct flow *f)
{
	enum fate fate;

	if (f->parser == NULL)
		return false;
	fate = fate_of(f, parser_skips(f->parser));
	return fate == FATE_DROPPED ||
	       (fate == FATE_KEPT && parser_redacts(f->parser));
}

/* How much of `record` may be shown: enough to know it by, never all of it
 * unless somebody looks for a mistake. */
static int
shown_of(struct span record)
{
	size_t most = log_on(LOG_LEVEL_DEBUG) ? record.len : record.len / 2;

	return most < SHOWN ? (int)most : SHOWN;
}

/* `record`, which stands at `at`, was not understood, for `why`. */
static void
note(struct tail *t, const struct reader *r, uint64_t at, struct span record,
    const char *why, enum fate fate)
{
	static const char *const fates[] = { "not sent", "sent as it came",
		"kept in the dead-letter file" };
	struct flow *f = r->flow;
	uint64_t held;
	int shown = shown_of(record);

	stats_add(&f->stats->records_unmatched, 1);
	if (!log_gate_open(&f->mismatch_gate, t->now_ms, &held))
		return;
	if (parser_redacts(f->parser))
		shown = 0;
	log_warn("flow %s: %s: the record at %" PRIu64 " %s (and %" PRIu64
		 " more): %s%s%.*s",
	    f->config->name, r->file->path, at, why, held, fates[fate],
	    shown > 0 ? ": " : "", shown, (const char *)record.at);
}

/* Nothing becomes of the next `covers` bytes. */
static bool
drop(struct tail *t, struct reader *r, uint64_t covers)
{
	if (!line_filter(t, r, r->offset + covers, 1))
		return false;
	stats_add(&r->flow->stats->records_dropped, 1);
	return true;
}

bool
convert_drop_long(struct tail *t, struct reader *r, uint64_t len)
{
	uint64_t at = r->offset;

	if (!drop(t, r, len))
		return false;
	note(t, r, at, span_of(NULL, 0),
	    "is longer than dataProcessingOptions take", FATE_DROPPED);
	return true;
}

static struct span
shown(const struct flow *f, struct span text)
{
	if (!f->config->keep_newline && text.len > 0 &&
	    text.at[text.len - 1] == '\n')
		text.len--;
	return text;
}

/* Put `record`, which accounts for `covers` bytes and was made of `line`. */
static bool
put(struct tail *t, struct reader *r, struct record *record, struct span line,
    uint64_t covers)
{
	struct flow *f = r->flow;

	record->data = shown(f, record->data);
	if (record->data.len <= flow_max_data(f))
		return flow_put(f, r, record, covers, t->now_ms);
	if (f->config->oversize == OVERSIZE_DEAD_LETTER)
		return flow_put_dead(f, r, shown(f, line), covers, LETTER_WHOLE,
		    "what dataProcessingOptions made of it is longer than a "
		    "record may be",
		    t->now_ms);
	return flow_put_cut(f, r, record->data, covers, t->now_ms);
}

static bool
put_by_fate(struct tail *t, struct reader *r, struct span line, uint64_t covers,
    enum fate fate, const char *why)
{
	struct flow *f = r->flow;
	struct record raw = record_of(line);

	switch (fate) {
	case FATE_DROPPED:
		return drop(t, r, covers);
	case FATE_RAW:
		return put(t, r, &raw, line, covers);
	case FATE_KEPT:
		break;
	}
	return flow_put_dead(
	    f, r, shown(f, line), covers, LETTER_WHOLE, why, t->now_ms);
}

/* `line` was not understood. */
static bool
put_unmatched(struct tail *t, struct reader *r, struct span line,
    uint64_t covers, const struct parser_result *result, bool too_hard)
{
	struct flow *f = r->flow;
	uint64_t at = r->offset;
	enum fate fate = fate_of(f, result->skips);
	char why[64];

	snprintf(why, sizeof(why), "is %s for %s",
	    too_hard ? "too hard" : "nothing",
	    parser_option(f->parser, result->option));
	if (!put_by_fate(t, r, line, covers, fate, why))
		return false;
	if (too_hard)
		stats_add(&f->stats->records_too_hard, 1);
	note(t, r, at, line, why, fate);
	return true;
}

bool
convert_put(struct tail *t, struct reader *r, struct span line, uint64_t covers)
{
	struct flow *f = r->flow;
	struct parser_facts facts = facts_of(t, r);
	struct parser_result result;
	struct record record;

	switch (parser_run(f->parser, line, &facts, &result)) {
	case PARSER_RECORD:
		break;
	case PARSER_SKIPPED:
		return drop(t, r, covers);
	case PARSER_NO_MATCH:
		return put_unmatched(t, r, line, covers, &result, false);
	case PARSER_TOO_HARD:
		return put_unmatched(t, r, line, covers, &result, true);
	}
	record = record_of(result.record);
	if (key_is_by_field(&f->keys))
		parser_capture(f->parser, &record);
	if (!put(t, r, &record, line, covers))
		return false;
	stats_add(&f->stats->records_transformed, 1);
	return true;
}
