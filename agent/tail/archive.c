/* SPDX-License-Identifier: Apache-2.0
 *
 * archive: see archive.h.
 *
 * A checkpoint row of an archive says by its size whether more is to come:
 * `committed` is below it until the archive's end is reached and all of it is
 * home. So an archive that is done is not looked into after a restart.
 *
 * Thread: tail.
 */
#include "archive.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "chain.h"
#include "digest.h"
#include "file.h"
#include "flow.h"
#include "ledger.h"
#include "log.h"
#include "state.h"

void
archive_adopt(struct file *f, enum unpack_kind kind)
{
	assert(list_empty(&f->readers) && kind != UNPACK_NONE);
	if (f->packed != UNPACK_NONE)
		return;
	f->packed = kind;
	f->packed_size = f->size;
	f->size = f->most = 0;
}

bool
archive_is_done(const struct checkpoint *row)
{
	return unpack_kind(row->path) != UNPACK_NONE &&
	       row->committed >= row->size && row->range_count == 0;
}

static void
has_at_least(struct file *f, uint64_t size)
{
	if (f->size < size)
		f->size = f->most = size;
}

void
archive_settle(struct reader *r, struct checkpoint *row)
{
	struct file *f = r->file;

	if (row == NULL)
		return;
	r->ended = archive_is_done(row);
	r->expected = row->size;
	r->committed = row->committed;
	r->skip = row->ranges;
	r->skip_count = row->range_count;
	row->ranges = NULL;
	row->range_count = 0;
	has_at_least(f, r->committed);
	if (r->skip_count > 0)
		has_at_least(f, r->skip[r->skip_count - 1].to);
	if (f->head.end == 0)
		f->head = row->head;
	for (uint32_t i = 0; i < row->mark_count; i++)
		if (row->marks[i].end <= r->committed)
			r->marks[r->mark_count++] = row->marks[i];
}

void
archive_enter(struct reader *r, uint64_t expected, struct unpack *u)
{
	r->copied = r->renewed = false;
	r->expected = expected;
	has_at_least(r->file, r->offset);
	archive_hand_over(r, u);
}

uint64_t
archive_length(const struct file *f, uint64_t otherwise)
{
	uint64_t told;

	if (f->fd >= 0 && unpack_told(f->packed, f->fd, &told))
		return told;
	return otherwise;
}

void
archive_release(struct reader *r)
{
	unpack_free(r->unpack);
	r->unpack = NULL;
	if (r->flow->unpacking == r)
		r->flow->unpacking = NULL;
}

/* Does `other` wait, for its file to grow or for its elders, while `r` has its
 * turn, as the eldest of its chain? */
static bool
waits(const struct reader *other, const struct reader *r)
{
	return !other->ready || other->chain == r->chain ||
	       chain_eldest(other->chain) != other;
}

bool
archive_may_read(struct reader *r)
{
	struct reader *other = r->flow->unpacking;

	/* One that waits begins anew then: its elders, too, may be archives. */
	if (other != NULL && other != r && waits(other, r))
		archive_release(other);
	if (r->flow->unpacking == NULL)
		r->flow->unpacking = r;
	return r->flow->unpacking == r;
}

void
archive_hand_over(struct reader *r, struct unpack *u)
{
	if (u == NULL || r == NULL || r->file->packed == UNPACK_NONE ||
	    r->unpack != NULL || r->flow->unpacking != NULL) {
		unpack_free(u);
		return;
	}
	r->flow->unpacking = r;
	r->unpack = u;
}

/* What follows in `f` cannot be read. */
static void
give_up_rest(struct file *f, const char *why)
{
	if (f->broken == NULL)
		f->broken = why;
}

ssize_t
archive_read(struct reader *r, void *into, size_t len, uint64_t at)
{
	struct file *f = r->file;
	/* To go back a long way (over an endless line) is rare: never mind. */
	bool back = at + len < r->scanned;
	enum unpack_result result;
	size_t got;

	assert(f->fd >= 0);
	if (r->unpack == NULL)
		r->unpack = unpack_new(f->packed);
	do {
		result = unpack_read(r->unpack, f->fd, into, len, at, &got);
	} while (result == UNPACK_LATER && back);
	r->cut_short = result == UNPACK_SHORT;
	switch (result) {
	case UNPACK_FAILED:
		return -1;
	case UNPACK_LATER:
		errno = EAGAIN;
		return -1;
	case UNPACK_BYTES:
	case UNPACK_SHORT:
		break;
	case UNPACK_END:
		f->whole = true;
		break;
	case UNPACK_BROKEN:
		give_up_rest(f, unpack_reason(r->unpack));
		break;
	}
	if (got > 0)
		has_at_least(f, at + got);
	return (ssize_t)got;
}

/* The head costs nothing once the reader is behind it. */
static void
learn_head(struct reader *r)
{
	struct file *f = r->file;
	unsigned char bytes[HEAD_BYTES];
	ssize_t n;

	if (f->head.end == HEAD_BYTES || r->unpack == NULL || f->fd < 0)
		return;
	n = archive_read(r, bytes, sizeof(bytes), 0);
	if (n <= 0 || (uint64_t)n < f->head.end)
		return;
	f->head = (struct mark){ .end = (uint64_t)n,
		.len = (uint32_t)n,
		.mark = digest_mark(span_of(bytes, (size_t)n)) };
}

static void
report_rest(struct reader *r)
{
	struct file *f = r->file;
	uint64_t told, end = f->size > r->expected ? f->size : r->expected;

	if (f->fd >= 0 && !r->cut_short &&
	    unpack_told(f->packed, f->fd, &told) && told > end)
		end = told;
	if (end < r->offset)
		end = r->offset;
	tally_lose(r->flow, STATS_LOSS_UNREADABLE, end - r->offset, f->path);
	log_warn("flow %s: %s: cannot be unpacked: %s: given up at %" PRIu64
		 ", lost at least %" PRIu64 " bytes of [%" PRIu64 ", %" PRIu64
		 ")",
	    r->flow->config->name, f->path, f->broken, r->offset,
	    end - r->offset, r->offset, end);
}

/* Everything that can be had was had. */
static void
end(struct tail *t, struct reader *r)
{
	struct file *f = r->file;

	if (f->broken != NULL) {
		report_rest(r);
		r->scanned = r->offset;
	}
	r->ended = true;
	archive_release(r);
	reader_moved(t, r);
	f->look_ms = t->look_ms = t->now_ms;
}

enum reader_turn
archive_turned(struct tail *t, struct reader *r, enum reader_turn turn)
{
	struct file *f = r->file;

	switch (turn) {
	case TURN_MORE:
	case TURN_BLOCKED:
		learn_head(r);
		return turn;
	case TURN_FAILED:
		return errno == EAGAIN ? TURN_MORE : TURN_FAILED;
	case TURN_SHRUNK:
		give_up_rest(f, "it holds other bytes than before");
		break;
	case TURN_END:
		break;
	}
	learn_head(r);
	if (f->broken != NULL || (f->whole && reader_finish(t, r)))
		end(t, r);
	return TURN_END;
}

void
archive_is_quiet(struct file *f)
{
	struct list_node *at;

	list_for_each (at, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		if (r->ready || r->ended || !r->cut_short)
			continue;
		give_up_rest(f, "it is not complete");
		reader_ready(r);
	}
}

bool
archive_is_finished(const struct file *f)
{
	const struct list_node *at;

	list_for_each (at, &f->readers) {
		const struct reader *r = LIST_ENTRY(
		    (struct list_node *)(uintptr_t)at, struct reader, of_file);

		if (!r->ended || r->ready || r->riding > 0 ||
		    r->elder != NULL || list_on(&r->moved))
			return false;
	}
	return true;
}

uint64_t
archive_size(const struct reader *r)
{
	uint64_t size = r->offset + 1;

	if (r->ended)
		return r->offset;
	if (size < r->file->size)
		size = r->file->size;
	return size > r->expected ? size : r->expected;
}
