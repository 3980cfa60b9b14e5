/* SPDX-License-Identifier: Apache-2.0
 *
 * sights: see sights.h.
 *
 * Thread: tail. Changes nothing but the walk's own node.
 */
#include "sights.h"

#include <stdlib.h>

#include "chain.h"
#include "mem.h"
#include "reader.h"
#include "roster.h"
#include "state.h"

struct sights {
	struct tail *tail;       /* borrowed */
	struct roster_walk walk; /* on the roster's list: at the present file */
	size_t place;            /* the next one of that */
};

static bool
is_polled(const struct file *f)
{
	const struct list_node *at;

	if (f->aliased)
		return true;
	list_for_each (at, &f->names) {
		const struct name *n = LIST_ENTRY(
		    (struct list_node *)(uintptr_t)at, struct name, of_file);

		if (n->directory->wd < 0 || n->directory->mute)
			return true;
	}
	return false;
}

static enum sight_state
state_of(const struct reader *r)
{
	const struct file *f = r->file;

	if (f->error != 0)
		return SIGHT_UNREADABLE;
	if (r->start == START_AS_COPY)
		return SIGHT_SUSPECT;
	if (r->start != START_SETTLED)
		return SIGHT_NEW;
	if (f->packed != UNPACK_NONE)
		return r->ended ? SIGHT_DONE : SIGHT_ARCHIVE;
	if (r->ready && chain_eldest(r->chain) != r)
		return SIGHT_QUEUED;
	if (r->ready || r->scanned < f->size)
		return SIGHT_READING;
	return list_on(&f->leave_node) ? SIGHT_ROTATED : SIGHT_WAITING;
}

static void
look_at(const struct reader *r, struct sight *one)
{
	const struct file *f = r->file;

	*one = (struct sight){
		.flow = r->flow->index,
		.flow_name = r->flow->config->name,
		.path = f->path,
		.state = state_of(r),
		.error = f->error,
		.row = r->row,
		.size = f->size,
		.offset = r->offset,
		.committed = r->committed,
		.named = !list_empty(&f->names),
		.polled = is_polled(f),
	};
}

/* The reader number `i` of `f`; NULL: it has not so many. */
static struct reader *
reader_at(const struct file *f, size_t i)
{
	struct list_node *at;

	list_for_each (at, &f->readers)
		if (i-- == 0)
			return LIST_ENTRY(at, struct reader, of_file);
	return NULL;
}

struct sights *
sights_new(struct tail *t)
{
	struct sights *s = mem_new(sizeof(*s));

	s->tail = t;
	roster_begin_walk(&t->roster, &s->walk);
	return s;
}

void
sights_free(struct sights *s)
{
	if (s == NULL)
		return;
	roster_end_walk(&s->walk);
	free(s);
}

bool
sights_next(struct sights *s, struct sight *one)
{
	struct file *f;

	while ((f = roster_walked(&s->tail->roster, &s->walk)) != NULL) {
		const struct reader *r;

		/* It came to stand here since the last step. */
		if (s->walk.moved)
			s->place = 0;
		s->walk.moved = false;
		r = reader_at(f, s->place++);
		if (r != NULL) {
			look_at(r, one);
			return true;
		}
		roster_walk_on(&s->walk);
	}
	return false;
}

bool
sights_of(const struct tail *t, const struct identity *id, size_t i,
    struct sight *one)
{
	const struct file *f = roster_file(&t->roster, id);
	const struct reader *r = f != NULL ? reader_at(f, i) : NULL;

	if (r != NULL)
		look_at(r, one);
	return r != NULL;
}
