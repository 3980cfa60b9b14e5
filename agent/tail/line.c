/* SPDX-License-Identifier: Apache-2.0
 *
 * line: see line.h.
 *
 * Whatever becomes of a line, its bytes are covered by a run, so that they are
 * accounted for when their neighbours are delivered (I2). A line that is
 * longer than a record is no footer.
 *
 * Thread: tail. Per-line work: allocates nothing, makes no system call.
 */
#include "line.h"

#include <inttypes.h>
#include <string.h>

#include "convert.h"
#include "file.h"
#include "flow.h"
#include "limit.h"
#include "log.h"
#include "reader.h"
#include "regex.h"
#include "state.h"

/* Why a letter is dead. */
#define TOO_LONG "the line is longer than a record may be"

bool
line_is_behind_footer(const struct reader *r)
{
	return r->footer > 0 && r->offset >= r->footer;
}

static bool
is_kept_apart(const struct flow *f)
{
	return f->config->oversize == OVERSIZE_DEAD_LETTER;
}

bool
line_is_split(const struct reader *r)
{
	const struct flow *f = r->flow;

	if (line_is_behind_footer(r))
		return false;
	if (is_kept_apart(f))
		return true;
	return f->config->oversize == OVERSIZE_SPLIT && !convert_drops_long(f);
}

/* What becomes of a long line, for people. */
static const char *
fate(const struct reader *r)
{
	if (!line_is_split(r))
		return "cut";
	return is_kept_apart(r->flow) ? "kept in the dead-letter file"
				      : "sent in pieces";
}

bool
line_filter(struct tail *t, struct reader *r, uint64_t to, uint64_t count)
{
	if (!flow_cover(r->flow, r, to, TALLY_FILTERED, t->now_ms))
		return false;
	stats_add(&r->flow->stats->lines_filtered, count);
	return true;
}

/* The line without its newline, where that is not wanted. */
static struct span
shown(const struct reader *r, struct span line)
{
	if (!r->flow->config->keep_newline && line.len > 0 &&
	    line.at[line.len - 1] == '\n')
		line.len--;
	return line;
}

/* Without the blanks and control characters around it. */
static struct span
trimmed(struct span s)
{
	while (s.len > 0 && s.at[s.len - 1] <= ' ')
		s.len--;
	while (s.len > 0 && s.at[0] <= ' ')
		s = span_of(s.at + 1, s.len - 1);
	return s;
}

static bool
is_footer(struct tail *t, struct reader *r, struct span record)
{
	struct flow *f = r->flow;
	uint64_t held;

	switch (regex_is(f->footer, trimmed(record))) {
	case REGEX_YES:
		return true;
	case REGEX_NO:
		return false;
	case REGEX_TOO_HARD:
		break;
	}
	if (log_gate_open(&f->footer_gate, t->now_ms, &held))
		log_warn("flow %s: %s: fileFooterPattern takes too long on "
			 "the line at %" PRIu64 " (and %" PRIu64
			 " more): sent as if it did not match",
		    f->config->name, r->file->path, r->offset, held);
	return false;
}

static bool
put_footer(struct tail *t, struct reader *r, struct span line)
{
	uint64_t at = r->offset;

	if (!line_filter(t, r, at + line.len, 1))
		return false;
	r->footer = r->offset;
	log_info("flow %s: %s: the footer is at %" PRIu64
		 ": what follows is not sent",
	    r->flow->config->name, r->file->path, at);
	return true;
}

/* The line at `at` has `len` bytes (known so far: `more`). */
static void
say_long(struct tail *t, const struct reader *r, uint64_t at, uint64_t len,
    const char *more)
{
	struct flow *f = r->flow;
	uint64_t held;

	if (log_gate_open(&f->long_gate, t->now_ms, &held))
		log_warn("flow %s: %s: the line at %" PRIu64 " has %" PRIu64
			 " bytes%s, a record at most %zu: %s (and %" PRIu64
			 " more such lines)",
		    f->config->name, r->file->path, at, len, more,
		    flow_max_data(f), fate(r), held);
}

bool
line_put_long(struct tail *t, struct reader *r, struct span head, uint64_t len)
{
	uint64_t at = r->offset;

	if (line_is_behind_footer(r))
		return line_filter(t, r, at + len, 1);
	if (limit_awaited(t, r->flow))
		return false;
	if (convert_drops_long(r->flow))
		return convert_drop_long(t, r, len);
	if (!flow_put_cut(r->flow, r, head, len, t->now_ms))
		return false;
	say_long(t, r, at, len, "");
	return true;
}

bool
line_put_piece(
    struct tail *t, struct reader *r, struct span piece, uint64_t known)
{
	struct flow *f = r->flow;
	uint64_t at = r->offset;

	if (limit_awaited(t, f))
		return false;
	if (is_kept_apart(f)) {
		if (!flow_put_dead(f, r, piece, piece.len,
			r->amid ? LETTER_MIDDLE : LETTER_FIRST, TOO_LONG,
			t->now_ms))
			return false;
	} else {
		const struct record record = record_of(piece);

		if (!flow_put(f, r, &record, piece.len, t->now_ms))
			return false;
		stats_add(&f->stats->records_split, 1);
	}
	if (!r->amid)
		say_long(t, r, at, known, " or more");
	r->amid = true;
	return true;
}

/* A piece is as long as a record may be, and holds no newline. */
bool
line_look_back(struct tail *t, const struct reader *r)
{
	size_t max = flow_max_data(r->flow);

	if (!line_is_split(r) || r->offset < max ||
	    r->file->packed != UNPACK_NONE)
		return false;
	if (file_read(r->file, t->chunk, 1, r->offset - 1) != 1 ||
	    t->chunk[0] == '\n')
		return false;
	return file_read(r->file, t->chunk, max, r->offset - max) ==
		   (ssize_t)max &&
	       memchr(t->chunk, '\n', max) == NULL;
}

/* Put a whole line, or the rest of one that is split. */
static bool
put_rest(struct tail *t, struct reader *r, struct span record, uint64_t covers)
{
	if (r->amid && is_kept_apart(r->flow))
		return flow_put_dead(r->flow, r, record, covers, LETTER_LAST,
		    TOO_LONG, t->now_ms);
	const struct record whole = record_of(record);

	return flow_put(r->flow, r, &whole, covers, t->now_ms);
}

bool
line_put(struct tail *t, struct reader *r, struct span line)
{
	struct flow *f = r->flow;
	size_t max = flow_max_data(f);
	struct span record = shown(r, line);

	if (line_is_behind_footer(r))
		return line_filter(t, r, r->offset + line.len, 1);
	if (f->footer != NULL && record.len <= max && !r->amid &&
	    is_footer(t, r, record))
		return put_footer(t, r, line);
	if (f->parser != NULL && record.len <= max && !r->amid)
		return convert_put(t, r, line, line.len);
	while (record.len > max && line_is_split(r)) {
		if (!line_put_piece(t, r, span_of(line.at, max), line.len))
			return false;
		line = span_of(line.at + max, line.len - max);
		record = shown(r, line);
	}
	if (record.len > max)
		return line_put_long(t, r, record, line.len);
	if (!put_rest(t, r, record, line.len))
		return false;
	r->amid = false;
	return true;
}

bool
line_put_joined(
    struct tail *t, struct reader *r, struct span text, uint64_t covers)
{
	const struct record whole = record_of(shown(r, text));

	if (line_is_behind_footer(r))
		return line_filter(t, r, r->offset + covers, 1);
	if (r->flow->parser != NULL)
		return convert_put(t, r, text, covers);
	return flow_put(r->flow, r, &whole, covers, t->now_ms);
}
