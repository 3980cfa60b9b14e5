/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: see reader.h.
 *
 * A read begins MARK_BYTES before the offset, and what it brings is believed
 * only if those bytes are the ones that stood there when the reader left:
 * a file that was truncated and written anew past our offset is seen without
 * an extra call.
 *
 * A line longer than a record may be is not kept: `scanned` moves on through
 * the file until its end is found, then its head is read once more.
 *
 * Thread: tail. Nothing is allocated per line.
 */
#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "chain.h"
#include "copy.h"
#include "file.h"
#include "flow.h"
#include "frame.h"
#include "header.h"
#include "hold.h"
#include "lag.h"
#include "line.h"
#include "log.h"
#include "mem.h"
#include "past.h"
#include "place.h"
#include "state.h"

static struct reader *
reader_make(
    struct flow *flow, struct file *f, enum reader_start start, uint64_t row)
{
	struct reader *r = mem_new(sizeof(*r));

	r->flow = flow;
	r->file = f;
	r->start = start;
	r->row = row;
	r->generation = f->generation;
	r->seen = f->size;
	r->seen_at_end = start == START_AT_END ? f->size : UINT64_MAX;
	r->wanted = true;
	r->given_up = flow->leaving;
	list_init(&r->in_chain);
	list_init(&r->of_original);
	list_init(&r->copies);
	list_init(&r->moved);
	list_init(&r->partial);
	list_init(&r->of_file);
	list_add_last(&f->readers, &r->of_file);
	return r;
}

struct reader *
reader_new(
    struct flow *flow, struct file *f, enum reader_start start, uint64_t row)
{
	struct reader *r = reader_make(flow, f, start, row);

	chain_join(r);
	reader_ready(r);
	return r;
}

static void
reader_free(struct reader *r)
{
	assert(r->riding == 0);
	lag_forget(r);
	archive_release(r);
	chain_leave(r);
	list_remove(&r->moved);
	list_remove(&r->partial);
	list_remove(&r->of_file);
	list_remove(&r->of_original);
	past_landed(r);
	place_disown(&r->row_found);
	free(r->last_path);
	free(r->skip);
	free(r->debts);
	free(r);
}

void
reader_detach(struct tail *t, struct reader *r, bool forget)
{
	lag_forget(r);
	archive_release(r);
	past_remember(t, r);
	copy_resolve(t, r);
	list_remove(&r->of_original);
	r->original = NULL;
	chain_leave(r);
	list_remove(&r->moved);
	list_remove(&r->partial);
	list_remove(&r->of_file);
	list_add_last(&t->departed, &r->of_file);
	if (r->riding > 0)
		r->last_path = mem_dup(r->file->path);
	r->file = NULL;
	r->forget = forget;
	if (r->riding == 0)
		reader_landed(t, r);
}

const char *
reader_path(const struct reader *r)
{
	return r->file != NULL ? r->file->path : r->last_path;
}

/* `r` is done before its elder is: what was to become of the row is the
 * elder's to do. */
static void
leave_to_elder(struct reader *r)
{
	r->elder->heir = r->heir;
	r->elder->forget = r->forget;
	if (r->heir != NULL)
		r->heir->elder = r->elder;
}

static void
leave_to_heir(struct tail *t, struct reader *r)
{
	r->heir->row = r->row;
	r->heir->elder = NULL;
	reader_moved(t, r->heir);
}

void
reader_landed(struct tail *t, struct reader *r)
{
	if (r->file != NULL)
		return;
	if (r->elder != NULL)
		leave_to_elder(r);
	else if (r->heir != NULL)
		leave_to_heir(t, r);
	else if (r->forget && r->row != 0)
		place_forget(t, r->row);
	reader_free(r);
}

/* A reader of what `r`'s file holds now, behind `r` in the chain. */
static struct reader *
successor(struct reader *r, uint64_t row)
{
	struct reader *next = reader_make(r->flow, r->file, START_SETTLED, row);

	next->wanted = r->wanted;
	next->given_up = r->given_up;
	next->renewed = true;
	chain_join_behind(next, r);
	reader_ready(next);
	return next;
}

void
reader_succeed(struct tail *t, struct reader *r)
{
	struct reader *next = successor(r, 0);

	next->elder = r;
	r->heir = next;
	reader_detach(t, r, false);
}

/* The mark that tells the least: it stands close between others for its
 * distance from the offset. So the others reach back further and further: a
 * copy that ended long before us is known, too. Never the youngest. */
static uint32_t
dispensable(const struct reader *r)
{
	double least = 0;
	uint32_t found = 0;

	for (uint32_t i = 0; i + 1 < r->mark_count; i++) {
		uint64_t from = i > 0 ? r->marks[i - 1].end : 0;
		double gap = (double)(r->marks[i + 1].end - from);
		double worth = gap / (double)(r->offset - r->marks[i].end + 1);

		if (i == 0 || worth < least) {
			least = worth;
			found = i;
		}
	}
	return found;
}

static void
add_mark(struct reader *r, struct mark mark)
{
	if (r->mark_count == MARKS_MAX) {
		uint32_t gone = dispensable(r);

		memmove(&r->marks[gone], &r->marks[gone + 1],
		    (MARKS_MAX - 1 - gone) * sizeof(r->marks[0]));
		r->mark_count--;
	}
	r->marks[r->mark_count++] = mark;
}

/* Remember the bytes before `r->offset`, which are the last of `before`. */
static void
leave_mark(struct reader *r, struct span before)
{
	add_mark(r, file_mark(before, r->offset));
}

/* `r` was moved into a copy, which may end before what it passed: leave it
 * proof of what the copy does hold. */
static void
prove_copy(struct reader *r)
{
	struct file *f = r->file;
	unsigned char bytes[MARK_BYTES];
	size_t len = f->size < sizeof(bytes) ? (size_t)f->size : sizeof(bytes);

	if (f->head.end == 0)
		file_take_head(f);
	if (f->size >= r->offset)
		return;
	while (r->mark_count > 0 && r->marks[r->mark_count - 1].end >= f->size)
		r->mark_count--;
	if (file_read(f, bytes, len, f->size - len) == (ssize_t)len)
		add_mark(r, file_mark(span_of(bytes, len), f->size));
}

void
reader_move(struct tail *t, struct reader *r, struct reader *s)
{
	struct reader *next = successor(r, r->row);

	/* The row of the old file goes to whoever reads that. */
	if (r->elder != NULL) {
		next->elder = r->elder;
		r->elder->heir = next;
		r->elder = NULL;
	}
	r->row = s->row;
	s->file->born_ns = r->file->born_ns;
	r->file = s->file;
	r->generation = s->file->generation;
	r->wanted = s->wanted;
	r->copied = true;
	prove_copy(r);
	list_remove(&r->of_file);
	list_add_last(&s->file->readers, &r->of_file);
	s->row = 0;
	reader_free(s);
	reader_ready(r);
	reader_moved(t, r);
	reader_moved(t, next);
}

void
reader_abandon(struct tail *t, struct reader *r)
{
	assert(r->file == NULL);
	r->riding = 0;
	reader_landed(t, r);
}

void
reader_ready(struct reader *r)
{
	chain_ready(r);
}

void
reader_moved(struct tail *t, struct reader *r)
{
	if (r->row != 0 && r->file != NULL && r->start == START_SETTLED &&
	    !list_on(&r->moved))
		list_add_last(&t->moved, &r->moved);
}

ssize_t
reader_read(struct reader *r, void *into, size_t len, uint64_t at)
{
	return r->file->packed == UNPACK_NONE
		   ? file_read(r->file, into, len, at)
		   : archive_read(r, into, len, at);
}

void
reader_mark(struct reader *r)
{
	unsigned char bytes[MARK_BYTES];
	size_t len =
	    r->offset < sizeof(bytes) ? (size_t)r->offset : sizeof(bytes);

	/* Bytes that are not there any more are found missing when read. */
	if (len > 0 &&
	    reader_read(r, bytes, len, r->offset - len) == (ssize_t)len)
		leave_mark(r, span_of(bytes, len));
}

static const struct mark *
last_mark(const struct reader *r)
{
	if (r->mark_count == 0 || r->marks[r->mark_count - 1].end != r->offset)
		return NULL;
	return &r->marks[r->mark_count - 1];
}

bool
reader_is_overtaken(struct tail *t, const struct reader *r)
{
	const struct mark *mark = last_mark(r);
	struct file *f = r->file;
	uint32_t links;

	if (r->generation != f->generation)
		return true;
	if (r->copied || file_refresh(f, t->now_ms, &links) != 0)
		return false;
	if (f->size < r->offset || (mark != NULL && !file_holds(f, mark)))
		return true;
	file_saw(f, f->size, t->now_ms);
	return false;
}

/* Bytes beyond `r->offset` that were not delivered in an earlier life. */
uint64_t
reader_limit(const struct reader *r)
{
	if (r->skip_done == r->skip_count)
		return UINT64_MAX;
	return r->skip[r->skip_done].from;
}

/* What one read of the file brought. */
struct chunk {
	struct span text; /* from r->offset on; borrowed from t->chunk */
	size_t back;      /* bytes before the text, in the buffer too */
	bool more;        /* the read was full: there may be more */
	bool limited;     /* ends where an earlier life's delivery begins */
};

/* Read up to `want` bytes of text at r->offset. */
static enum reader_turn
read_chunk(struct tail *t, struct reader *r, size_t want, struct chunk *c)
{
	const struct mark *mark = last_mark(r);
	ssize_t n;

	c->back = mark != NULL ? mark->len : 0;
	c->limited = reader_limit(r) - r->offset <= want;
	if (c->limited)
		want = (size_t)(reader_limit(r) - r->offset);
	assert(c->back + want <= t->chunk_room);
	n = reader_read(r, t->chunk, c->back + want, r->offset - c->back);
	if (n < 0)
		return TURN_FAILED;
	if ((size_t)n < c->back)
		return TURN_SHRUNK;
	if (mark != NULL &&
	    file_mark(span_of(t->chunk, c->back), mark->end).mark != mark->mark)
		return TURN_SHRUNK;
	c->text = span_of(t->chunk + c->back, (size_t)n - c->back);
	c->more = c->text.len == want;
	c->limited = c->limited && c->more;
	return TURN_MORE;
}

/* Cut `c` into lines and put them. False: the flow blocks. */
static bool
put_lines(struct tail *t, struct reader *r, const struct chunk *c)
{
	struct span rest = c->text;
	uint64_t before = r->offset;
	bool taken = true;

	while (taken && rest.len > 0) {
		uint64_t start = r->offset;
		/* Without a mark, who knows what was searched? */
		uint64_t seen = c->back > 0 ? r->scanned - start : 0;
		size_t len = rest.len;

		if (hold_next(r->flow, rest,
			seen < rest.len ? (size_t)seen : rest.len,
			&len) == FRAME_MORE) {
			len = rest.len;
			if (!c->limited) {
				r->scanned = start + rest.len;
				break;
			}
		}
		taken = line_put(t, r, span_of(rest.at, len));
		len = (size_t)(r->offset - start);
		rest = span_of(rest.at + len, rest.len - len);
	}
	if (r->offset > before) {
		size_t done = (size_t)(r->offset - before);

		leave_mark(r, span_of(t->chunk, c->back + done));
	}
	return taken;
}

/* There is nothing where the next read would be: has the file been cut? */
static enum reader_turn
look_at_end(struct tail *t, struct reader *r)
{
	struct file *f = r->file;
	uint32_t links;

	if (file_refresh(f, t->now_ms, &links) != 0)
		return TURN_FAILED;
	if (f->size < r->offset)
		return TURN_SHRUNK;
	/* Only of the unfinished line: search what is left of it anew. */
	if (f->size < r->scanned)
		r->scanned = r->offset;
	return f->size > r->scanned ? TURN_MORE : TURN_END;
}

/* The line at r->offset is longer than a record, and its pieces are records:
 * put one. */
static enum reader_turn
split_on(struct tail *t, struct reader *r)
{
	size_t max = flow_max_data(r->flow);
	struct chunk c;
	enum reader_turn turn = read_chunk(t, r, max, &c);

	if (turn != TURN_MORE)
		return turn;
	if (c.text.len < max && !c.limited)
		return TURN_SHRUNK;
	if (!line_put_piece(t, r, c.text, r->scanned - r->offset))
		return TURN_BLOCKED;
	leave_mark(r, span_of(t->chunk, c.back + c.text.len));
	return TURN_MORE;
}

/* The line at r->offset is longer than a record: its end lies at or beyond
 * r->scanned. Search one chunk further; when the end is there, put the line's
 * head. */
static enum reader_turn
search_on(struct tail *t, struct reader *r)
{
	size_t max = flow_max_data(r->flow);
	uint64_t end = reader_limit(r);
	size_t want = t->chunk_room, len = 0;
	struct chunk head;
	enum reader_turn turn;
	ssize_t n;

	if (end - r->scanned < want)
		want = (size_t)(end - r->scanned);
	n = reader_read(r, t->chunk, want, r->scanned);
	if (n < 0)
		return TURN_FAILED;
	if (frame_line(span_of(t->chunk, (size_t)n), 0, &len) == FRAME_MORE) {
		r->scanned += (uint64_t)n;
		if (r->scanned != end)
			return n > 0 ? TURN_MORE : look_at_end(t, r);
		len = 0;
	}
	end = r->scanned + len;
	turn = read_chunk(t, r, max, &head);
	if (turn != TURN_MORE)
		return turn;
	if (head.text.len < max)
		return TURN_SHRUNK;
	if (!line_put_long(t, r, head.text, end - r->offset))
		return TURN_BLOCKED;
	reader_mark(r);
	return TURN_MORE;
}

/* Pass over what an earlier life delivered. False: blocked. */
static bool
skip_delivered(struct tail *t, struct reader *r)
{
	while (r->skip_done < r->skip_count &&
	       r->skip[r->skip_done].from <= r->offset) {
		uint64_t to = r->skip[r->skip_done].to;

		if (!flow_cover(r->flow, r, to, TALLY_SKIPPED, t->now_ms))
			return false;
		r->skip_done++;
		reader_mark(r);
		r->amid = line_look_back(t, r);
	}
	return true;
}

/* Was the file truncated before the first of it was read, by a writer that
 * does not append? Or once more, when the hole of the first time was passed
 * over and nothing behind it was read? */
static bool
begins_anew(const struct reader *r, const struct chunk *c)
{
	return r->offset == r->hole && c->text.len > 0 && c->text.at[0] == 0 &&
	       r->file->packed == UNPACK_NONE && file_begins_with_hole(r->file);
}

/* How long the content is that begins with what was read just now, should it
 * be lost. What was seen before may have been another one; what is seen now,
 * too, unless the file has been left alone. */
static void
know_length(const struct tail *t, struct file *f, const struct chunk *c)
{
	uint64_t size = c->more ? file_settled_size(f, t->wall_ms) : 0;

	f->most = size > c->text.len ? size : c->text.len;
}

/* Read a chunk and cut it. Each turn either takes a line, or knows of more
 * bytes than before that they hold no newline, or is at the end. */
static enum reader_turn
read_on(struct tail *t, struct reader *r, size_t want)
{
	uint64_t start = r->offset;
	enum reader_turn turn;
	struct chunk c;

	turn = read_chunk(t, r, want, &c);
	if (turn != TURN_MORE)
		return turn;
	if (begins_anew(r, &c)) {
		r->renewed = true;
		return TURN_MORE;
	}
	if (start == 0)
		know_length(t, r->file, &c);
	if (!put_lines(t, r, &c))
		return TURN_BLOCKED;
	if (c.more)
		return TURN_MORE;
	if (c.back + c.text.len == 0 && start > 0)
		return look_at_end(t, r);
	/* A read that came short of what it asked for has seen the end. */
	r->scanned = start + c.text.len;
	/* Should it be lost, how much it was is known from the row. */
	if (r->scanned > r->file->most)
		reader_moved(t, r);
	file_saw(r->file, r->scanned, t->now_ms);
	/* While it is open, which it may not be when its row is noted. */
	if (r->mark_count > 0)
		file_learn_head(r->file, &r->marks[r->mark_count - 1]);
	return TURN_END;
}

/* A copy may end before what was read of its original. */
static bool
has_more(struct tail *t, struct reader *r)
{
	uint32_t links;

	return file_refresh(r->file, t->now_ms, &links) == 0 &&
	       r->file->size > r->offset;
}

/* A writer that does not append goes on at its old offset in a truncated
 * file, and leaves a hole of NULs at its head: pass over it. */
static enum reader_turn
skip_hole(struct tail *t, struct reader *r)
{
	static const unsigned char nuls[MARK_BYTES];
	uint64_t from = r->offset, to;
	enum file_hole hole =
	    file_find_data(r->file, t->chunk, t->chunk_room, from, &to);

	if (hole == HOLE_FAILED)
		return TURN_FAILED;
	if (to > from) {
		if (!flow_cover(r->flow, r, to, TALLY_FILTERED, t->now_ms))
			return TURN_BLOCKED;
		r->hole = to;
		/* Of what was seen: something else may stand there by now. */
		leave_mark(
		    r, span_of(nuls, to < sizeof(nuls) ? to : sizeof(nuls)));
		log_info("flow %s: %s: begins with a hole of %" PRIu64
			 " bytes of NUL, which a writer that does not append "
			 "leaves after a truncation: passed over",
		    r->flow->config->name, r->file->path, to - from);
	}
	r->renewed = hole == HOLE_ON;
	return to > from || !r->renewed ? TURN_MORE : TURN_END;
}

/* Who writes to a new file has written its last to the old one: only now is
 * it known that what the elders have stands before this. */
static bool
elders_first(struct tail *t, struct reader *r)
{
	uint32_t links;

	if (r->begun || r->offset > 0 ||
	    file_refresh(r->file, t->now_ms, &links) != 0 || r->file->size == 0)
		return false;
	r->begun = true;
	return chain_ready_elders(r);
}

static enum reader_turn
take_turn(struct tail *t, struct reader *r)
{
	size_t max = flow_max_data(r->flow);
	uint64_t unfinished;

	if (file_open(&t->files, r->file) != 0)
		return TURN_FAILED;
	if (r->start != START_SETTLED && place_settle(t, r) != 0)
		return TURN_FAILED;
	if (r->start == START_AS_COPY || r->ended)
		return TURN_END;
	if (r->generation != r->file->generation)
		return TURN_SHRUNK;
	if (elders_first(t, r))
		return TURN_MORE;
	if (r->copied && !has_more(t, r))
		return TURN_END;
	if (r->renewed)
		return skip_hole(t, r);
	if (!skip_delivered(t, r))
		return TURN_BLOCKED;
	if (header_awaited(r))
		return header_pass(t, r);
	if (r->offset == 0 && !hold_settle(t, r))
		return TURN_BLOCKED;
	unfinished = r->scanned - r->offset;
	if (unfinished > max)
		return line_is_split(r) ? split_on(t, r) : search_on(t, r);
	return read_on(t, r,
	    unfinished < READER_CHUNK / 2 || max < READER_CHUNK ? READER_CHUNK
								: max + 1);
}

enum reader_turn
reader_turn(struct tail *t, struct reader *r)
{
	if (r->file->packed == UNPACK_NONE)
		return take_turn(t, r);
	if (r->ended)
		return TURN_END;
	if (!archive_may_read(r))
		return TURN_MORE;
	return archive_turned(t, r, take_turn(t, r));
}

/* The unfinished line is longer than a record: put what a whole one would
 * have become. False: blocked, or it is not as it was. */
static bool
finish_long(struct tail *t, struct reader *r)
{
	size_t max = flow_max_data(r->flow);
	uint64_t rest = r->file->size - r->offset;
	struct chunk c;

	if (line_is_split(r))
		return split_on(t, r) == TURN_MORE;
	if (read_chunk(t, r, max, &c) != TURN_MORE || c.text.len < max ||
	    !line_put_long(t, r, c.text, rest))
		return false;
	reader_mark(r);
	return true;
}

static bool
finish_rest(struct tail *t, struct reader *r, bool *torn)
{
	size_t rest = (size_t)(r->file->size - r->offset);
	struct chunk c;

	if (read_chunk(t, r, rest, &c) != TURN_MORE || c.text.len < rest)
		return false;
	*torn = c.text.at[rest - 1] != '\n';
	while (rest > 0) {
		size_t len = hold_last(r->flow, c.text);

		if (!line_put(t, r, span_of(c.text.at, len)))
			return false;
		rest -= len;
		c.text = span_of(c.text.at + len, rest);
	}
	reader_mark(r);
	return true;
}

void
reader_flush(struct tail *t, struct reader *r)
{
	size_t max = flow_max_data(r->flow);
	uint64_t rest = r->file->size - r->offset;
	struct chunk c;

	if (r->scanned != r->file->size || rest == 0 || header_awaited(r))
		return;
	if (read_chunk(t, r, rest < max ? (size_t)rest : max, &c) !=
	    TURN_MORE) {
		reader_ready(r);
		return;
	}
	while (c.text.len > 0 && c.text.at[c.text.len - 1] != '\n')
		c.text.len--;
	if (c.text.len == 0)
		return;
	if (line_put(t, r, c.text))
		reader_mark(r);
	else
		reader_ready(r);
}

bool
reader_finish(struct tail *t, struct reader *r)
{
	size_t max = flow_max_data(r->flow);
	const struct file *f = r->file;
	bool torn = true;

	if (r->given_up || r->start == START_AS_COPY ||
	    (r->copied && f->size <= r->offset))
		return true;
	if (r->start != START_SETTLED || r->scanned != f->size) {
		reader_ready(r);
		return false;
	}
	if (r->offset == f->size)
		return true;
	if (header_awaited(r))
		return header_end(t, r);
	while (f->size - r->offset > max)
		if (!finish_long(t, r)) {
			reader_ready(r);
			return false;
		}
	if (r->offset < f->size && !finish_rest(t, r, &torn)) {
		reader_ready(r);
		return false;
	}
	if (torn && !line_is_behind_footer(r))
		stats_add(&r->flow->stats->partial_lines, 1);
	return true;
}
