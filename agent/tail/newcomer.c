/* SPDX-License-Identifier: Apache-2.0
 *
 * newcomer: see newcomer.h.
 *
 * First whoever's file holds other bytes by now learns it, and goes on where
 * his are, which may be in a newcomer (copy.h). The others are held against
 * those who stand near them in their chain: the youngest first, since the
 * original of a copy is younger than it, and may be a newcomer too.
 *
 * The same bytes alone make no copy: a job may write the same every day. Its
 * name has to say so too, by a suffix on top of the original's or by being the
 * older of two rotated ones; and it was written to after its original was made.
 *
 * Thread: tail.
 */
#include "newcomer.h"

#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "copy.h"
#include "file.h"
#include "follow.h"
#include "mem.h"
#include "reader.h"
#include "rotation.h"
#include "state.h"
#include "stem.h"

void
newcomer_add(struct tail *t, struct reader *n)
{
	n->start = START_AS_COPY;
	n->original = NULL;
	n->alike = 0;
	list_remove(&n->of_original);
	list_add_last(&t->newcomers, &n->of_original);
}

bool
newcomer_waits(const struct tail *t)
{
	return !list_empty(&t->newcomers);
}

static struct reader *
newcomer_at(struct list_node *node)
{
	return LIST_ENTRY(node, struct reader, of_original);
}

static bool
is_overtaken(struct tail *t, const struct reader *r)
{
	return r->start == START_SETTLED && r->file->packed == UNPACK_NONE &&
	       !r->copied && file_open(&t->files, r->file) == 0 &&
	       reader_is_overtaken(t, r);
}

/* Find one near `n` whose file holds other bytes than he passed. */
static struct reader *
overtaken_near(struct tail *t, const struct reader *n)
{
	struct reader *kin[CHAIN_KIN];
	size_t count = chain_kin(n, kin);

	for (size_t i = 0; i < count; i++)
		if (is_overtaken(t, kin[i]))
			return kin[i];
	return NULL;
}

/* Let one reader learn that his file holds other bytes. False: none has to. */
static bool
tell_one(struct tail *t)
{
	struct list_node *at;

	list_for_each (at, &t->newcomers) {
		struct reader *r = overtaken_near(t, newcomer_at(at));

		if (r == NULL)
			continue;
		rotation_shrunk(t, r);
		return true;
	}
	return false;
}

static const char *
basename_of(const struct file *f)
{
	return strrchr(f->path, '/') + 1;
}

enum claim { CLAIM_NONE, CLAIM_IF_SURE, CLAIM_GOOD };

/* Do names and times allow that `n` is a copy of what `r` reads? */
static enum claim
claim(const struct reader *n, const struct reader *r)
{
	const char *name = basename_of(n->file), *other = basename_of(r->file);

	if (r->start != START_SETTLED || r->file == n->file ||
	    r->file->packed != UNPACK_NONE)
		return CLAIM_NONE;
	/* A copy was written to after what it holds began. */
	if (n->file->written_ns / 1000000 < r->file->born_ns / 1000000)
		return CLAIM_NONE;
	if (stem_is_rotation_of(name, other))
		return CLAIM_GOOD;
	return rotation_is_rotated(r->file) && stem_precedes(name, other)
		   ? CLAIM_IF_SURE
		   : CLAIM_NONE;
}

enum verdict {
	VERDICT_OWN,     /* it is nobody's copy */
	VERDICT_SUSPECT, /* it may be */
	VERDICT_COPY,    /* it is, whatever comes */
	VERDICT_LATER    /* not to be told before others know more */
};

/* Is `n` a copy, and of what `*original` reads? */
static enum verdict
compare(struct tail *t, struct reader *n, struct reader **original)
{
	struct reader *kin[CHAIN_KIN];
	size_t count = chain_kin(n, kin);

	*original = NULL;
	for (size_t i = 0; i < count; i++) {
		enum claim claimed = claim(n, kin[i]);

		if (claimed == CLAIM_NONE)
			continue;
		switch (copy_likeness(t, n, kin[i])) {
		case LIKE_YES:
			*original = kin[i];
			return claimed == CLAIM_IF_SURE ? VERDICT_COPY
							: VERDICT_SUSPECT;
		case LIKE_MAYBE:
			if (claimed == CLAIM_GOOD && *original == NULL)
				*original = kin[i];
			break;
		case LIKE_LATER:
			return VERDICT_LATER;
		case LIKE_NOT:
			break;
		}
	}
	return *original != NULL ? VERDICT_SUSPECT : VERDICT_OWN;
}

/* Who has not taken anything yet may read a later content of his file than
 * the one that was there when he came. */
static void
date_neighbours(struct tail *t, const struct reader *n)
{
	struct reader *kin[CHAIN_KIN];
	size_t count = chain_kin(n, kin);
	uint32_t links;

	for (size_t i = 0; i < count; i++) {
		struct reader *r = kin[i];

		if (r->start == START_SETTLED && r->offset == 0 &&
		    r->file->packed == UNPACK_NONE &&
		    file_open(&t->files, r->file) == 0 &&
		    file_refresh(r->file, t->now_ms, &links) == 0)
			chain_date(r);
	}
}

/* `n` is a file of its own. */
static void
begin(struct tail *t, struct reader *n)
{
	/* Who stood behind it may have left the live name by now. */
	chain_date(n);
	n->start = START_AT_ZERO;
	follow_say(n);
	follow_settle(t, n);
	reader_ready(n);
}

static void
judge(struct tail *t, struct reader *n)
{
	enum verdict verdict = VERDICT_OWN;
	struct reader *original;

	list_remove(&n->of_original);
	date_neighbours(t, n);
	if (file_open(&t->files, n->file) == 0)
		verdict = compare(t, n, &original);
	switch (verdict) {
	case VERDICT_OWN:
		begin(t, n);
		return;
	case VERDICT_SUSPECT:
		copy_suspect(n, original);
		return;
	case VERDICT_COPY:
		copy_settle(t, n, original);
		return;
	case VERDICT_LATER:
		newcomer_add(t, n);
		return;
	}
}

/* Youngest first. */
static int
by_rank(const void *a, const void *b)
{
	const struct reader *x = *(struct reader *const *)a;
	const struct reader *y = *(struct reader *const *)b;

	if (x->rank_ns != y->rank_ns)
		return x->rank_ns < y->rank_ns ? 1 : -1;
	return stem_precedes(basename_of(x->file), basename_of(y->file)) -
	       stem_precedes(basename_of(y->file), basename_of(x->file));
}

void
newcomer_judge(struct tail *t)
{
	struct reader **all;
	struct list_node *at;
	size_t count = 0;

	if (!newcomer_waits(t))
		return;
	while (tell_one(t))
		continue;
	list_for_each (at, &t->newcomers)
		count++;
	all = mem_new_array(count + 1, sizeof(struct reader *));
	count = 0;
	list_for_each (at, &t->newcomers)
		all[count++] = newcomer_at(at);
	qsort(all, count, sizeof(struct reader *), by_rank);
	for (size_t i = 0; i < count; i++)
		judge(t, all[i]);
	free(all);
}
