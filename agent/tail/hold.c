/* SPDX-License-Identifier: Apache-2.0
 *
 * hold: see hold.h.
 *
 * A record may begin in a file and go on in the next of its chain. It rides in
 * one batch with the first's bytes; the second's are covered behind it (I2).
 * Should that batch be sealed just between, and we die, they are sent once
 * more.
 *
 * Thread: tail.
 */
#include "hold.h"

#include <string.h>

#include "chain.h"
#include "convert.h"
#include "file.h"
#include "flow.h"
#include "header.h"
#include "line.h"
#include "log.h"
#include "multiline.h"
#include "reader.h"
#include "state.h"

int
hold_init(struct flow *f)
{
	const struct flow_config *config = f->config;
	struct regex_fault fault;

	if (config->multiline == MULTILINE_NONE)
		return 0;
	f->lines =
	    multiline_new(config->multiline, config->start_pattern, &fault);
	if (f->lines != NULL)
		return 0;
	log_error("flow %s: multiLineStartPattern: %s, behind byte %zu",
	    config->name, fault.why, fault.at);
	return -1;
}

enum frame_result
hold_next(struct flow *f, struct span bytes, size_t searched, size_t *length)
{
	if (f->lines == NULL)
		return frame_line(bytes, searched, length);
	return multiline_next(
	    f->lines, bytes, searched, flow_max_data(f), length);
}

size_t
hold_last(struct flow *f, struct span bytes)
{
	return f->lines != NULL ? multiline_last(f->lines, bytes) : bytes.len;
}

int64_t
hold_ms(const struct flow *f)
{
	const struct flow_config *config = f->config;

	if (f->lines == NULL || config->partial_ms > config->hold_ms)
		return config->partial_ms;
	return config->hold_ms;
}

bool
hold_wants_lines(const struct flow *f)
{
	return f->lines != NULL && f->config->partial_ms == 0;
}

/* What `elder` holds, into the flow's own room; only if it is all lines, and
 * no longer than a record. */
static bool
read_held(struct tail *t, struct reader *elder)
{
	struct flow *f = elder->flow;
	uint64_t rest = elder->scanned - elder->offset;
	uint32_t links;

	buf_clear(&f->held);
	if (rest > flow_max_data(f) || file_open(&t->files, elder->file) != 0 ||
	    file_refresh(elder->file, t->now_ms, &links) != 0 ||
	    elder->file->size != elder->scanned ||
	    !buf_reserve(&f->held, (size_t)rest) ||
	    file_read(elder->file, f->held.at, (size_t)rest, elder->offset) !=
		(ssize_t)rest)
		return false;
	f->held.len = (size_t)rest;
	return f->held.at[rest - 1] == '\n';
}

/* Does the file of `r` hold what it held when `r` left it? */
static bool
is_as_it_was(const struct reader *r)
{
	const struct mark *mark;

	if (r->generation != r->file->generation)
		return false;
	if (r->mark_count == 0)
		return r->offset == 0;
	mark = &r->marks[r->mark_count - 1];
	return mark->end == r->offset && file_holds(r->file, mark);
}

static struct reader *
holding_elder(const struct reader *r)
{
	struct reader *elder = chain_elder(r);

	if (elder == NULL || elder->given_up || elder->start != START_SETTLED ||
	    elder->file->packed != UNPACK_NONE || elder->ready ||
	    elder->scanned <= elder->offset || header_awaited(elder))
		return NULL;
	return elder;
}

static struct span
last_line(struct span text)
{
	const unsigned char *at =
	    text.len > 1 ? memrchr(text.at, '\n', text.len - 1) : NULL;
	size_t from = at != NULL ? (size_t)(at - text.at) + 1 : 0;

	return span_of(text.at + from, text.len - from);
}

/* `more`, at the start of `r`'s file, goes on with what `elder` holds. */
static bool
put_both(
    struct tail *t, struct reader *elder, struct reader *r, struct span more)
{
	struct flow *f = r->flow;
	uint64_t covers = f->held.len;
	uint64_t filtered = stats_get(&f->stats->bytes_filtered);
	enum tally_fate fate;

	if (!buf_add_span(&f->held, more) ||
	    !line_put_joined(t, elder, buf_span(&f->held), covers))
		return false;
	fate = stats_get(&f->stats->bytes_filtered) > filtered ? TALLY_FILTERED
							       : TALLY_BESIDE;
	reader_mark(elder);
	if (!flow_cover(f, r, more.len, fate, t->now_ms))
		return false;
	reader_mark(r);
	return true;
}

bool
hold_settle(struct tail *t, struct reader *r)
{
	struct flow *f = r->flow;
	struct reader *elder = f->lines != NULL ? holding_elder(r) : NULL;
	struct span text, first;
	size_t length = 0;
	ssize_t n;

	if (elder == NULL || r->file->packed != UNPACK_NONE ||
	    !read_held(t, elder) || !is_as_it_was(elder))
		return true;
	n = file_read(r->file, t->chunk, READER_CHUNK, 0);
	if (n <= 0)
		return true;
	text = span_of(t->chunk, (size_t)n);
	if (frame_line(text, 0, &length) == FRAME_MORE)
		return true;
	first = span_of(text.at, length);
	if (multiline_begins(f->lines, last_line(buf_span(&f->held)), first)) {
		if (!line_put(t, elder, buf_span(&f->held)))
			return false;
		reader_mark(elder);
		return true;
	}
	if (multiline_next(f->lines, text, 0, text.len, &length) ==
		FRAME_RECORD &&
	    length <= reader_limit(r) &&
	    f->held.len + length <= flow_max_data(f))
		return put_both(t, elder, r, span_of(text.at, length));
	return true;
}
