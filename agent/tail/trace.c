/* SPDX-License-Identifier: Apache-2.0
 *
 * trace: see trace.h.
 *
 * An archive is unpacked up to the place that its row knows, to be sure. Not
 * so where nothing can be new in it: it was not written to since the row was
 * (compressors keep the time), it begins the same, and says of itself that it
 * holds as many bytes as we delivered.
 *
 * Thread: tail.
 */
#include "trace.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "follow.h"
#include "listing.h"
#include "log.h"
#include "mem.h"
#include "place.h"
#include "reader.h"
#include "state.h"
#include "stem.h"

#define CHUNK 16384 /* compared at a time */

#define LISTINGS_MAX 8 /* of a directory whose names change all the while */

struct trace {
	struct listing *listing; /* owned; NULL: none yet */
	unsigned listings;       /* of that directory, one after the other */
};

/* An entry that is being read. */
struct probe {
	int fd;
	struct unpack *unpack;   /* owned; NULL: a plain file */
	enum unpack_result last; /* what the last read of an archive said */
};

enum held { HELD, OTHER, TOO_SHORT };

struct trace *
trace_new(void)
{
	return mem_new(sizeof(struct trace));
}

void
trace_free(struct trace *x)
{
	listing_free(x->listing);
	free(x);
}

bool
trace_is_near(const char *directory, const char *path)
{
	size_t len = strcmp(directory, "/") != 0 ? strlen(directory) : 0;
	const char *rest = path + len + 1;

	if (strncmp(path, directory, len) != 0 || path[len] != '/')
		return false;
	rest = strchr(rest, '/');
	return rest == NULL || strchr(rest + 1, '/') == NULL;
}

static struct listing *
listing_of(struct trace *x, const char *directory)
{
	if (x->listing != NULL && strcmp(x->listing->path, directory) == 0)
		return x->listing;
	listing_free(x->listing);
	x->listing = listing_new(directory);
	x->listings = 1;
	return x->listing;
}

/* Nothing was found in the listing: is there a newer one? */
static bool
list_again(struct trace *x)
{
	struct listing *l = x->listing;

	if (x->listings == LISTINGS_MAX || !listing_is_stale(l))
		return false;
	x->listing = listing_new(l->path);
	x->listings++;
	listing_free(l);
	return true;
}

static int
probe_open(struct probe *p, struct entry *e)
{
	p->unpack = NULL;
	p->fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (p->fd < 0)
		return -1;
	if (who_is_open(p->fd, &e->who) != 0 || !S_ISREG(e->who.mode)) {
		(void)close(p->fd);
		return -1;
	}
	if (e->packed != UNPACK_NONE)
		p->unpack = unpack_new(e->packed);
	return 0;
}

static void
probe_close(struct probe *p)
{
	(void)close(p->fd);
	unpack_free(p->unpack);
}

static size_t
probe_read(struct probe *p, void *into, size_t len, uint64_t at)
{
	enum unpack_result result;
	size_t got;
	ssize_t n;

	if (p->unpack == NULL) {
		n = pread(p->fd, into, len, (off_t)at);
		return n > 0 ? (size_t)n : 0;
	}
	do {
		result = unpack_read(p->unpack, p->fd, into, len, at, &got);
	} while (result == UNPACK_LATER);
	p->last = result;
	return got;
}

static enum held
holds(struct probe *p, const struct mark *mark)
{
	unsigned char bytes[HEAD_BYTES];

	if (mark->len > sizeof(bytes) || mark->len > mark->end)
		return OTHER;
	if (probe_read(p, bytes, mark->len, mark->end - mark->len) < mark->len)
		return TOO_SHORT;
	return digest_mark(span_of(bytes, mark->len)) == mark->mark ? HELD
								    : OTHER;
}

static bool
agrees(struct probe *p, const struct trace_content *c)
{
	if (c->head->end == 0 || holds(p, c->head) != HELD)
		return false;
	for (uint32_t i = c->mark_count; i-- > 0;) {
		switch (holds(p, &c->marks[i])) {
		case HELD:
			return true;
		case OTHER:
			return false;
		case TOO_SHORT:
			break;
		}
	}
	return c->mark_count == 0 || c->passed == 0 ||
	       c->head->end == HEAD_BYTES;
}

/* Has everything in the archive been delivered, beyond doubt? */
static bool
is_read(struct probe *p, const struct entry *e, const struct checkpoint *row)
{
	uint64_t told;

	return p->unpack != NULL && row->size <= row->committed &&
	       row->range_count == 0 && e->who.written_ms <= row->changed_ms &&
	       unpack_told(e->packed, p->fd, &told) &&
	       unpack_told_fits(e->packed, told, row->committed) &&
	       row->head.end > 0 && holds(p, &row->head) == HELD;
}

/* Is it certain that `r` has not taken anything from its file, and that no
 * row of an earlier life says where it is? */
static bool
is_fresh(const struct tail *t, const struct reader *r)
{
	if (r->row <= t->old_rows || r->riding > 0 || r->skip_count > 0)
		return false;
	return r->start == START_AS_COPY || r->start == START_AT_ZERO ||
	       (r->start == START_SETTLED && r->offset == 0);
}

/* Files that are read from 0 anyway come into question only where `fresh`. */
static bool
may_be(const struct tail *t, const struct flow *flow,
    const struct checkpoint *row, struct entry *e, bool fresh)
{
	const struct reader *r;

	if (!listing_look(e) || e->who.size == 0)
		return false;
	if (who_same(&e->who.id, &row->id) || place_knows(t, flow, &e->who.id))
		return false;
	r = follow_reader(t, flow, &e->who.id);
	return r == NULL || (fresh && is_fresh(t, r));
}

/* An archive that was last written before the row's file was born can hardly
 * hold its content. */
static bool
is_too_old(const struct entry *e, const struct checkpoint *row)
{
	return e->who.written_ms < row->id.birth_ns / 1000000;
}

/* Is `a` the better guess for `row`? */
static bool
is_likelier(
    const struct entry *a, const struct entry *b, const struct checkpoint *row)
{
	if ((a->packed == UNPACK_NONE) != (b->packed == UNPACK_NONE))
		return a->packed == UNPACK_NONE;
	/* Of copies of one content the one that was made last holds most. */
	if (a->packed == UNPACK_NONE) {
		if (a->who.size != b->who.size)
			return a->who.size > b->who.size;
		return stem_precedes(b->text, a->text);
	}
	if (is_too_old(a, row) != is_too_old(b, row))
		return is_too_old(b, row);
	if (a->who.written_ms != b->who.written_ms)
		return a->who.written_ms < b->who.written_ms;
	return strcmp(a->path, b->path) < 0;
}

/* Probe `e` for the content of `row`. */
static bool
is_it(struct entry *e, const struct checkpoint *row, struct trace_found *found)
{
	struct trace_content content = { &row->head, row->marks,
		row->mark_count, row->committed };
	struct probe p;
	bool is;

	if (probe_open(&p, e) != 0)
		return false;
	found->read = is_read(&p, e, row);
	is = found->read || agrees(&p, &content);
	if (is && !found->read) {
		found->unpack = p.unpack;
		p.unpack = NULL;
	}
	probe_close(&p);
	return is;
}

/* The likeliest of `l` behind `before` (NULL: of all). */
static struct entry *
next_guess(const struct listing *l, const struct tail *t,
    const struct flow *flow, const struct checkpoint *row, bool fresh,
    const struct entry *before)
{
	struct entry *e, *best = NULL;

	for (e = listing_first(l, strrchr(row->path, '/') + 1); e != NULL;
	     e = listing_next(l, e)) {
		if (e == before || !may_be(t, flow, row, e, fresh))
			continue;
		if (before != NULL && !is_likelier(before, e, row))
			continue;
		if (best == NULL || is_likelier(e, best, row))
			best = e;
	}
	return best;
}

static struct entry *
guess(const struct listing *l, const struct tail *t, const struct flow *flow,
    const struct checkpoint *row, bool fresh, struct trace_found *found)
{
	struct entry *e = NULL;

	do {
		e = next_guess(l, t, flow, row, fresh, e);
	} while (e != NULL && !is_it(e, row, found));
	return e;
}

/* A few bytes of which nothing was delivered are little proof, and what is read
 * anyway needs none. */
static struct entry *
best_guess(const struct listing *l, const struct tail *t,
    const struct flow *flow, const struct checkpoint *row,
    struct trace_found *found)
{
	struct entry *e = NULL;

	if (row->committed == 0 && row->head.end < HEAD_BYTES)
		e = guess(l, t, flow, row, false, found);
	return e != NULL ? e : guess(l, t, flow, row, true, found);
}

bool
trace_row(struct trace *x, const struct tail *t, const struct flow *flow,
    const struct checkpoint *row, struct trace_found *found)
{
	char *directory = mem_dup(row->path);
	char *slash = strrchr(directory, '/');
	struct listing *l;
	struct entry *e;

	memset(found, 0, sizeof(*found));
	slash[slash == directory ? 1 : 0] = '\0';
	l = listing_of(x, directory);
	free(directory);
	if (row->head.end == 0)
		return false;
	while (
	    (e = best_guess(l, t, flow, row, found)) == NULL && list_again(x))
		l = x->listing;
	if (e == NULL)
		return false;
	found->path = e->path;
	found->who = e->who;
	found->packed = e->packed != UNPACK_NONE;
	found->born_ns = listing_born_ns(l, e);
	if (unpack_kind(row->path) == UNPACK_NONE && row->id.birth_ns > 0 &&
	    row->id.birth_ns < found->born_ns)
		found->born_ns = row->id.birth_ns;
	return true;
}

bool
trace_agrees(struct entry *e, const struct trace_content *c)
{
	struct probe p;
	bool is;

	if (probe_open(&p, e) != 0)
		return false;
	is = agrees(&p, c);
	probe_close(&p);
	return is;
}

/* The same of the archive behind `p`, which holds what `c` says. */
static enum trace_extent
extent(struct probe *p, const struct trace_content *c)
{
	unsigned char next;

	if (probe_read(p, &next, 1, c->passed) > 0)
		return EXTENT_LONGER;
	return p->last == UNPACK_END || p->last == UNPACK_BROKEN ? EXTENT_PASSED
								 : EXTENT_CUT;
}

enum trace_extent
trace_extent(struct entry *e, const struct trace_content *c)
{
	enum trace_extent is = EXTENT_OTHER;
	struct probe p;
	uint64_t told;

	assert(e->packed != UNPACK_NONE);
	if (probe_open(&p, e) != 0)
		return EXTENT_OTHER;
	/* What says of itself that it is as long as that need not be unpacked
	 * to be sure. */
	if (c->head->end == HEAD_BYTES && unpack_told(e->packed, p.fd, &told) &&
	    unpack_told_fits(e->packed, told, c->passed) &&
	    holds(&p, c->head) == HELD)
		is = EXTENT_PASSED;
	else if (agrees(&p, c))
		is = extent(&p, c);
	probe_close(&p);
	return is;
}

bool
trace_tells(struct entry *e, uint64_t size)
{
	struct probe p;
	uint64_t told;
	bool is;

	if (probe_open(&p, e) != 0)
		return false;
	is = unpack_told(e->packed, p.fd, &told) &&
	     unpack_told_fits(e->packed, told, size);
	probe_close(&p);
	return is;
}

bool
trace_is_in(struct entry *e, int fd)
{
	unsigned char theirs[CHUNK], ours[CHUNK];
	uint64_t at = 0;
	struct probe p;
	size_t n;

	if (probe_open(&p, e) != 0)
		return false;
	while ((n = probe_read(&p, theirs, sizeof(theirs), at)) > 0 &&
	       pread(fd, ours, n, (off_t)at) == (ssize_t)n &&
	       memcmp(theirs, ours, n) == 0)
		at += n;
	probe_close(&p);
	return n == 0;
}

bool
trace_begins(struct entry *e)
{
	struct probe p;
	unsigned char bytes[HEAD_BYTES];
	bool is;

	if (probe_open(&p, e) != 0)
		return false;
	is = probe_read(&p, bytes, sizeof(bytes), 0) > 0;
	probe_close(&p);
	return is;
}
