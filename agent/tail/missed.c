/* SPDX-License-Identifier: Apache-2.0
 *
 * missed: see missed.h.
 *
 * Compressors keep a file's time, so what was last written before we looked
 * is no news: we have met it as a plain file. Of the rest, content decides: it
 * is news if no reader and no row know it. While the plain file stands beside
 * it, it is being compressed, and is read there.
 *
 * Thread: tail.
 */
#include "missed.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "clock.h"
#include "follow.h"
#include "interest.h"
#include "ledger.h"
#include "listing.h"
#include "log.h"
#include "mem.h"
#include "own.h"
#include "past.h"
#include "place.h"
#include "reader.h"
#include "state.h"
#include "stem.h"
#include "trace.h"
#include "who.h"

#define SLACK_MS     2000  /* a file's time may be older than the clock's */
#define POLLED_MS    20000 /* and where looking is all there is */
#define AGAIN_MS     100   /* between two tries */
#define SELDOM_MS    5000  /* the same when it takes long */
#define PATIENCE_MS  60000 /* nothing has come of it for so long: no archive */
#define LISTINGS_MAX 8     /* of a directory that changes all the while */
#define ARCHIVES_MAX 256   /* waiting at a time; those beyond are not asked */

/* An archive that may be news. Owned by tail.archives. */
struct missed {
	struct list_node node;
	char *path; /* owned: how it was called, which may have changed */
	struct identity id;
	int64_t since_ms; /* wall clock: what came before was looked at */
	int64_t met_ms, due_ms;
};

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

bool
missed_may_be(const struct directory *d, const char *text)
{
	return unpack_kind(text) != UNPACK_NONE && is_wanted(NULL, d, text);
}

/* Does the plain file stand beside the archive `e`? */
static bool
is_being_made(const struct listing *l, const struct entry *e)
{
	struct entry *o;

	for (o = listing_first(l, e->text); o != NULL; o = listing_next(l, o))
		if (o->packed == UNPACK_NONE &&
		    strlen(o->path) == unpack_bare(e->path) &&
		    strncmp(o->path, e->path, strlen(o->path)) == 0 &&
		    listing_look(o))
			return true;
	return false;
}

/* Is what is in `e` what `r` reads or has read? Of a short file few bytes are
 * known, which another log may begin with, too: there the files decide. */
static bool
is_read_by(const struct reader *r, struct entry *e)
{
	const struct file *f = r->file;
	bool current = r->generation == f->generation;

	if (r->start != START_SETTLED)
		return false;
	if (current && f->packed == UNPACK_NONE && f->head.end < HEAD_BYTES)
		return f->fd >= 0 && trace_is_in(e, f->fd);
	return trace_agrees(
	    e, &(struct trace_content){ current ? &f->head : &f->head_before,
		   r->marks, r->mark_count, r->offset });
}

/* Does `flow` read, or has it read, what is in `e`, from another file? */
static bool
has_reader(const struct flow *flow, struct entry *e)
{
	struct reader *r = NULL;

	while ((r = chain_next(flow, e->path, r)) != NULL)
		if (is_read_by(r, e))
			return true;
	return false;
}

static bool
has_row(const struct tail *t, const struct flow *flow, struct entry *e)
{
	char stem[NAME_MAX + 1], other[NAME_MAX + 1];

	stem_of(e->text, stem);
	for (size_t i = 0; i <= t->restored.mask; i++) {
		const struct list_node *n;

		list_for_each (n, &t->restored.buckets[i]) {
			const struct restored *kept = place_at(
			    LIST_ENTRY((struct list_node *)(uintptr_t)n,
				struct table_node, node));
			const struct checkpoint *row = &kept->row;

			/* So little is no proof. */
			if (row->committed == 0 && row->head.end < HEAD_BYTES)
				continue;
			stem_of(strrchr(row->path, '/') + 1, other);
			if (kept->flow == flow && strcmp(stem, other) == 0 &&
			    trace_agrees(e,
				&(struct trace_content){ &row->head, row->marks,
				    row->mark_count, row->committed }))
				return true;
		}
	}
	return false;
}

/* Does nobody know the archive `e` itself? */
static bool
is_unknown(const struct tail *t, const struct flow *flow, const struct entry *e)
{
	return !place_knows(t, flow, &e->who.id) &&
	       follow_reader(t, flow, &e->who.id) == NULL;
}

/* The archive `id`, called `path`, came after `since_ms`. False: too many wait
 * already. */
static bool
ask_later(struct tail *t, const char *path, const struct identity *id,
    int64_t since_ms)
{
	struct missed *m;
	struct list_node *at;

	list_for_each (at, &t->archives)
		if (who_same(&LIST_ENTRY(at, struct missed, node)->id, id))
			return true;
	if (t->archive_count == ARCHIVES_MAX)
		return false;
	m = mem_new(sizeof(*m));
	m->path = mem_dup(path);
	m->id = *id;
	m->since_ms = since_ms;
	m->met_ms = m->due_ms = t->now_ms;
	list_add_last(&t->archives, &m->node);
	t->archive_count++;
	return true;
}

int64_t
missed_looked_ms(const struct tail *t)
{
	int64_t since = t->looked_ms;
	const struct list_node *at;

	list_for_each (at, &t->archives) {
		const struct missed *m = LIST_ENTRY(
		    (struct list_node *)(uintptr_t)at, struct missed, node);

		if (m->since_ms < since)
			since = m->since_ms;
	}
	return since;
}

void
missed_met(struct tail *t, const struct directory *d, const char *text,
    const struct who *who)
{
	bool polled = d->wd < 0 || d->mute || d->aliased;
	int64_t slack = polled ? POLLED_MS : SLACK_MS;
	char *path;

	if (t->first_scan || who->written_ms <= t->sure_ms - slack ||
	    !missed_may_be(d, text))
		return;
	path = follow_path(d, text);
	(void)ask_later(t, path, &who->id, t->looked_ms);
	free(path);
}

bool
missed_packed(struct tail *t, const char *path)
{
	static const enum unpack_kind kinds[] = { UNPACK_GZIP, UNPACK_ZSTD };
	bool is = false;

	for (size_t i = 0; !is && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char *packed =
		    mem_format("%s%s", path, unpack_ending(kinds[i]));
		struct who who;

		is = who_is(packed, &who) == 0 &&
		     ask_later(t, packed, &who.id, t->looked_ms);
		free(packed);
	}
	return is;
}

/* The directory of `path` as it was listed in this turn, or is now. */
static struct listing *
listing_of_turn(struct tail *t, const char *path)
{
	struct directory *d = follow_directory(t, path);

	if (d == NULL)
		return NULL;
	if (t->listed_ms != t->now_ms || t->listed == NULL ||
	    strcmp(t->listed->path, d->path) != 0) {
		listing_free(t->listed);
		t->listed = listing_new(d->path);
		t->listed_ms = t->now_ms;
	}
	return t->listed;
}

bool
missed_packed_away(struct tail *t, const char *path, uint64_t size)
{
	struct listing *l;
	struct entry *e;

	if (missed_packed(t, path))
		return true;
	l = listing_of_turn(t, path);
	if (l == NULL)
		return false;
	e = listing_first(l, strrchr(path, '/') + 1);
	while (e != NULL && (e->packed == UNPACK_NONE || !listing_look(e) ||
				!trace_tells(e, size)))
		e = listing_next(l, e);
	return e != NULL && ask_later(t, e->path, &e->who.id, t->looked_ms);
}

static void
forget(struct tail *t, struct missed *m)
{
	list_remove(&m->node);
	t->archive_count--;
	free(m->path);
	free(m);
}

void
missed_fini(struct tail *t)
{
	struct list_node *node;

	listing_free(t->listed);
	while ((node = list_take_first(&t->archives)) != NULL)
		forget(t, LIST_ENTRY(node, struct missed, node));
}

/* The archive of `m` in `l`, whatever it is called now. */
static struct entry *
entry_of(const struct listing *l, const struct missed *m)
{
	struct entry *e = listing_first(l, strrchr(m->path, '/') + 1);

	while (e != NULL && (e->packed == UNPACK_NONE || !listing_look(e) ||
				!who_same(&e->who.id, &m->id)))
		e = listing_next(l, e);
	return e;
}

/* Can nothing be said yet? */
static bool
is_too_early(const struct listing *l, struct entry *e)
{
	return is_being_made(l, e) || !trace_begins(e);
}

/* Is `e` still who was listed as that, also after it was looked into? While
 * names are shifted another may have been, or none. */
static bool
is_still(const struct entry *e, const struct identity *id)
{
	struct who now;

	return who_same(&e->who.id, id) && who_is(e->path, &now) == 0 &&
	       who_same(&now.id, id);
}

/* `flow` reads `e`, whose beginning may be known (`more`; NULL: it is not). */
static void
read_it(struct tail *t, struct flow *flow, const struct listing *l,
    struct entry *e, const struct checkpoint *more)
{
	if (more == NULL) {
		log_info("flow %s: %s: holds what came and was compressed "
			 "between two looks: reading all of it",
		    flow->config->name, e->path);
	} else {
		log_info("flow %s: %s: holds more of what was read before: "
			 "going on there at %" PRIu64,
		    flow->config->name, e->path, more->committed);
		(void)place_put(t, flow, more);
	}
	follow_found(t, flow, e->path, &e->who, listing_born_ns(l, e));
}

/* The archive `e` may be news to `flow`: then read it. False: it is too early
 * to say. */
static bool
find_out_for(
    struct tail *t, struct flow *flow, const struct listing *l, struct entry *e)
{
	struct checkpoint more = { .row = 0 };
	const struct identity id = e->who.id;
	enum past_answer past;
	bool sure;

	if (!is_unknown(t, flow, e) || has_reader(flow, e) ||
	    has_row(t, flow, e))
		return is_still(e, &id);
	past = past_is(t, flow, e, &more);
	sure = past != PAST_EARLY && is_still(e, &id);
	if (sure && past != PAST_READ)
		read_it(t, flow, l, e, past == PAST_LONGER ? &more : NULL);
	checkpoint_fini(&more);
	return sure;
}

/* `e` came while we were down: find out now, or soon. */
static void
find_out_or_wait(
    struct tail *t, struct flow *flow, const struct listing *l, struct entry *e)
{
	const struct identity id = e->who.id;

	if (!trace_begins(e) || !who_same(&e->who.id, &id) ||
	    !find_out_for(t, flow, l, e))
		(void)ask_later(t, e->path, &id, flow->since_ms);
}

/* May `e` have been missed by `flow` while we were down? */
static bool
may_be_missed(const struct listing *l, const struct flow *flow,
    const struct directory *d, struct entry *e)
{
	if (!flow->arriving || !flow->known || !is_wanted(flow, d, e->text) ||
	    !listing_look(e) || e->who.written_ms <= flow->since_ms)
		return false;
	return !is_being_made(l, e);
}

/* False: names have changed meanwhile. */
static bool
look_for_missed(struct tail *t, struct directory *d)
{
	struct listing *l = listing_new(d->path);
	struct list_node *at;
	bool sure;

	list_for_each (at, &l->entries) {
		struct entry *e = LIST_ENTRY(at, struct entry, node);

		if (e->packed == UNPACK_NONE || e->below)
			continue;
		for (size_t i = 0; i < d->interests.count; i++) {
			struct flow *flow = d->interests.at[i].flow;

			if (may_be_missed(l, flow, d, e))
				find_out_or_wait(t, flow, l, e);
		}
	}
	sure = !listing_is_stale(l);
	listing_free(l);
	return sure;
}

void
missed_while_away(struct tail *t, struct directory *d)
{
	if (d->interests.count == 0 || !listing_has_archives(d->path))
		return;
	for (int i = 0; i < LISTINGS_MAX && !look_for_missed(t, d); i++)
		continue;
}

/* False: it is too early to say. */
static bool
find_out(struct tail *t, const struct directory *d, const struct listing *l,
    const struct missed *m)
{
	struct entry *e = entry_of(l, m);
	bool sure;

	if (e == NULL)
		return !listing_is_stale(l);
	if (own_is(t->config, e->path, &e->who))
		return true;
	sure = !is_too_early(l, e) && is_still(e, &m->id);
	for (size_t i = 0; sure && i < d->interests.count; i++) {
		struct flow *flow = d->interests.at[i].flow;

		if (is_wanted(flow, d, e->text))
			sure = find_out_for(t, flow, l, e);
	}
	return sure;
}

/* The listing of `d`: `l`, if it is that and names have not changed since. */
static struct listing *
listing_for(struct listing *l, const struct directory *d)
{
	if (l != NULL && strcmp(l->path, d->path) == 0 && !listing_is_stale(l))
		return l;
	listing_free(l);
	return listing_new(d->path);
}

/* Is nothing to be found out for `m` any more? */
static bool
is_settled(struct tail *t, const struct missed *m, struct listing **l)
{
	const struct directory *d = follow_directory(t, m->path);

	if (d == NULL || t->now_ms - m->met_ms > PATIENCE_MS)
		return true;
	if (m->due_ms > t->now_ms)
		return false;
	*l = listing_for(*l, d);
	return find_out(t, d, *l, m);
}

int64_t
missed_due(struct tail *t)
{
	int64_t next = CLOCK_NEVER;
	struct list_node *at, *after;
	struct listing *l = NULL;

	list_for_each_safe (at, after, &t->archives) {
		struct missed *m = LIST_ENTRY(at, struct missed, node);
		int64_t age = t->now_ms - m->met_ms;

		if (is_settled(t, m, &l)) {
			forget(t, m);
			continue;
		}
		if (m->due_ms <= t->now_ms)
			m->due_ms = t->now_ms +
				    (age < SELDOM_MS ? AGAIN_MS : SELDOM_MS);
		if (m->due_ms < next)
			next = m->due_ms;
	}
	listing_free(l);
	return next;
}
