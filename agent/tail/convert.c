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

#define SHOWN 100 /* bytes of a record that is not understood */

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
	};
}

static bool
is_dropped(const struct flow *f, bool by_option)
{
	switch (f->config->mismatch) {
	case MISMATCH_BY_OPTION:
		return by_option;
	case MISMATCH_SKIP:
		return true;
	case MISMATCH_RAW:
		return false;
	}
	return false;
}

bool
convert_drops_long(const struct flow *f)
{
	return f->parser != NULL && is_dropped(f, parser_skips(f->parser));
}

/* `record`, which stands at `at`, was not understood, for `why`. */
static void
note(struct tail *t, const struct reader *r, uint64_t at, struct span record,
    const char *why, bool dropped)
{
	struct flow *f = r->flow;
	uint64_t held;
	int shown = record.len < SHOWN ? (int)record.len : SHOWN;

	stats_add(&f->stats->records_unmatched, 1);
	if (!log_gate_open(&f->mismatch_gate, t->now_ms, &held))
		return;
	if (parser_redacts(f->parser))
		shown = 0;
	log_warn("flow %s: %s: the record at %" PRIu64 " %s (and %" PRIu64
		 " more): %s%s%.*s",
	    f->config->name, r->file->path, at, why, held,
	    dropped ? "not sent" : "sent as it came", shown > 0 ? ": " : "",
	    shown, (const char *)record.at);
}

bool
convert_drop_long(struct tail *t, struct reader *r, uint64_t len)
{
	uint64_t at = r->offset;

	if (!line_filter(t, r, at + len, 1))
		return false;
	note(t, r, at, span_of(NULL, 0),
	    "is longer than dataProcessingOptions take", true);
	return true;
}

/* Put `record`, which accounts for `covers` bytes. */
static bool
put(struct tail *t, struct reader *r, struct record *record, uint64_t covers)
{
	struct flow *f = r->flow;
	struct span *data = &record->data;

	if (!f->config->keep_newline && data->len > 0 &&
	    data->at[data->len - 1] == '\n')
		data->len--;
	if (data->len > flow_max_data(f))
		return flow_put_cut(f, r, *data, covers, t->now_ms);
	return flow_put(f, r, record, covers, t->now_ms);
}

/* `line` was not understood. */
static bool
put_unmatched(struct tail *t, struct reader *r, struct span line,
    uint64_t covers, const struct parser_result *result, bool too_hard)
{
	struct flow *f = r->flow;
	uint64_t at = r->offset;
	bool dropped = is_dropped(f, result->skips);
	struct record raw = record_of(line);
	char why[64];

	if (!(dropped ? line_filter(t, r, at + covers, 1)
		      : put(t, r, &raw, covers)))
		return false;
	if (too_hard)
		stats_add(&f->stats->records_too_hard, 1);
	snprintf(why, sizeof(why), "is %s for %s",
	    too_hard ? "too hard" : "nothing",
	    parser_option(f->parser, result->option));
	note(t, r, at, line, why, dropped);
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
		return line_filter(t, r, r->offset + covers, 1);
	case PARSER_NO_MATCH:
		return put_unmatched(t, r, line, covers, &result, false);
	case PARSER_TOO_HARD:
		return put_unmatched(t, r, line, covers, &result, true);
	}
	record = record_of(result.record);
	if (key_is_by_field(&f->keys))
		parser_capture(f->parser, &record);
	return put(t, r, &record, covers);
}
