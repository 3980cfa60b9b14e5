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

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "follow.h"
#include "interest.h"
#include "listing.h"
#include "log.h"
#include "mem.h"
#include "place.h"
#include "reader.h"
#include "state.h"
#include "stem.h"

struct trace {
	struct listing *listing; /* owned; NULL: none yet */
};

/* An entry that is being read. */
struct probe {
	int fd;
	struct unpack *unpack; /* owned; NULL: a plain file */
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
	return x->listing;
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

/* What can be known again, of a row or of a reader. */
struct content {
	const struct mark *head, *marks; /* borrowed; marks oldest first */
	uint32_t mark_count;
	uint64_t passed;
};

static bool
agrees(struct probe *p, const struct content *c)
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

static bool
may_be(const struct tail *t, const struct flow *flow,
    const struct checkpoint *row, struct entry *e)
{
	const struct reader *r;

	if (!listing_look(e) || e->who.size == 0)
		return false;
	if (who_same(&e->who.id, &row->id) || place_knows(t, flow, &e->who.id))
		return false;
	r = follow_reader(t, flow, &e->who.id);
	return r == NULL || is_fresh(t, r);
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
	struct content content = { &row->head, row->marks, row->mark_count,
		row->committed };
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
    const struct flow *flow, const struct checkpoint *row,
    const struct entry *before)
{
	struct entry *e, *best = NULL;

	for (e = listing_first(l, strrchr(row->path, '/') + 1); e != NULL;
	     e = listing_next(l, e)) {
		if (e == before || !may_be(t, flow, row, e))
			continue;
		if (before != NULL && !is_likelier(before, e, row))
			continue;
		if (best == NULL || is_likelier(e, best, row))
			best = e;
	}
	return best;
}

bool
trace_row(struct trace *x, const struct tail *t, const struct flow *flow,
    const struct checkpoint *row, struct trace_found *found)
{
	char *directory = mem_dup(row->path);
	char *slash = strrchr(directory, '/');
	struct listing *l;
	struct entry *e = NULL;

	memset(found, 0, sizeof(*found));
	slash[slash == directory ? 1 : 0] = '\0';
	l = listing_of(x, directory);
	free(directory);
	if (row->head.end == 0)
		return false;
	do {
		e = next_guess(l, t, flow, row, e);
	} while (e != NULL && !is_it(e, row, found));
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

/* Does `flow` read, from a plain file, what is in the archive `e` too? */
static bool
is_read_elsewhere(const struct listing *l, const struct tail *t,
    const struct flow *flow, struct entry *e)
{
	struct entry *other;
	struct probe p;
	bool is = false;

	if (probe_open(&p, e) != 0)
		return true;
	for (other = listing_first(l, e->text); other != NULL && !is;
	     other = listing_next(l, other)) {
		const struct reader *r;

		if (other->packed != UNPACK_NONE || !listing_look(other))
			continue;
		/* It is being compressed, or was and is still there. */
		is = strncmp(other->path, e->path, strlen(other->path)) == 0 &&
		     strlen(other->path) == unpack_bare(e->path);
		r = follow_reader(t, flow, &other->who.id);
		if (r != NULL && r->start == START_SETTLED)
			is = is || agrees(&p, &(struct content){ &r->file->head,
						  r->marks, r->mark_count,
						  r->offset });
	}
	probe_close(&p);
	return is;
}

/* Would `flow` have followed what is in the archive `text` in `d`, under the
 * name that it had before, or before it was rotated? */
static bool
is_wanted(const struct flow *flow, const struct directory *d, const char *text)
{
	char stem[NAME_MAX + 1], bare[NAME_MAX + 1];
	size_t len = unpack_bare(text);

	if (len > NAME_MAX)
		return false;
	memcpy(bare, text, len);
	bare[len] = '\0';
	stem_of(text, stem);
	return interest_in_file(d, flow, bare) ||
	       interest_in_file(d, flow, stem);
}

/* Did `flow` miss what is in the archive `e`? It was written to since we last
 * ran, and no row knows it. */
static bool
was_missed(const struct listing *l, const struct tail *t,
    const struct flow *flow, const struct directory *d, struct entry *e)
{
	if (!flow->known || !is_wanted(flow, d, e->text) || !listing_look(e) ||
	    e->who.written_ms <= flow->since_ms)
		return false;
	if (place_knows(t, flow, &e->who.id) ||
	    follow_reader(t, flow, &e->who.id) != NULL)
		return false;
	return !is_read_elsewhere(l, t, flow, e);
}

void
trace_missed(struct trace *x, struct tail *t, struct directory *d)
{
	struct listing *l;
	struct list_node *at;

	if (d->interests.count == 0 || !listing_has_archives(d->path))
		return;
	l = listing_of(x, d->path);
	list_for_each (at, &l->entries) {
		struct entry *e = LIST_ENTRY(at, struct entry, node);

		if (e->packed == UNPACK_NONE || e->below)
			continue;
		for (size_t i = 0; i < d->interests.count; i++) {
			struct flow *flow = d->interests.at[i].flow;

			if (was_missed(l, t, flow, d, e))
				follow_found(t, flow, e->path, &e->who,
				    listing_born_ns(l, e));
		}
	}
}
