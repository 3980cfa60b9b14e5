/* SPDX-License-Identifier: Apache-2.0
 *
 * adopt: see adopt.h.
 *
 * A flow keeps its readers whatever its settings become: they go on where they
 * are, and what is sealed from now on is made and sent in the new way; what was
 * sealed before is a remainder. A reader whose file the flow does not want any
 * more is given up: it reads nothing, and goes when all of it is home and
 * noted. Its row stays on disk, since the file may be wanted again.
 *
 * So a flow that comes, and one that looks elsewhere, asks the ledger first for
 * the rows that bear its name, and looks for files when those are there. That
 * look is what the first one at the start is.
 *
 * Thread: tail.
 */
#include "adopt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "clock.h"
#include "file.h"
#include "flow.h"
#include "follow.h"
#include "glob.h"
#include "limit.h"
#include "line.h"
#include "mem.h"
#include "missed.h"
#include "newcomer.h"
#include "past.h"
#include "place.h"
#include "reader.h"
#include "remainder.h"
#include "rotation.h"
#include "search.h"
#include "state.h"
#include "stem.h"
#include "survey.h"

#define COARSE_MS 50  /* a file's times may be older than the clock's */
#define AGAIN_MS  100 /* what is given up is looked at so often */

/* ---- What a flow wants ---- */

/* Is `path`, or a directory above it that is below `root`, excluded? */
static bool
is_excluded(const struct flow *f, const char *root, const char *path)
{
	char *part = mem_dup(path);
	char *at = part + (strcmp(root, "/") == 0 ? 0 : strlen(root));
	bool found = false;

	while (at != NULL && !found) {
		char *end = strchr(at + 1, '/');

		if (end != NULL)
			*end = '\0';
		*at = '\0';
		found = pattern_excludes(
		    &f->excludes, at == part ? "/" : part, at + 1);
		*at = '/';
		if (end != NULL)
			*end = '/';
		at = end;
	}
	free(part);
	return found;
}

static bool
names(const struct flow *f, const char *path)
{
	for (size_t i = 0; i < f->patterns.count; i++) {
		const struct pattern *p = &f->patterns.at[i];

		if (pattern_matches(p, path) && !is_excluded(f, p->root, path))
			return true;
	}
	return false;
}

/* Does `f` name the file `path`, or the log that it is a rotation of? */
static bool
wants(const struct flow *f, const char *path)
{
	const char *text = strrchr(path, '/') + 1;
	char stem[NAME_MAX + 1], *live;
	bool wanted;

	if (names(f, path))
		return true;
	stem_of(text, stem);
	live = mem_format("%.*s%s", (int)(text - path), path, stem);
	wanted = names(f, live);
	free(live);
	return wanted;
}

/* ---- Readers ---- */

static void
give_up(struct tail *t, struct reader *r)
{
	chain_rest(r);
	list_remove(&r->partial);
	r->given_up = true;
	t->giving_up = true;
}

void
adopt_reclaim(struct reader *r)
{
	r->given_up = false;
	r->scanned = r->offset;
}

/* `r` goes on by what its flow is now: what it had found out beyond its offset
 * was found out by other rules. */
static void
go_on(struct tail *t, struct reader *r)
{
	adopt_reclaim(r);
	list_remove(&r->partial);
	r->headers = 0;
	if (r->flow->footer == NULL)
		r->footer = 0;
	if (r->start == START_SETTLED && file_open(&t->files, r->file) == 0)
		r->amid = line_look_back(t, r);
	reader_ready(r);
}

/* `before` wanted what `f` does not, if its files are others now. What neither
 * names was renamed, and is read to its end. */
static void
turn_readers(struct tail *t, struct flow *f, const struct flow *before)
{
	struct list_node *at, *node;

	list_for_each (at, &t->roster.files) {
		struct file *file = LIST_ENTRY(at, struct file, node);

		list_for_each (node, &file->readers) {
			struct reader *r =
			    LIST_ENTRY(node, struct reader, of_file);

			if (r->flow != f)
				continue;
			if (f->leaving ||
			    (before != NULL && wants(before, file->path) &&
				!wants(f, file->path)))
				give_up(t, r);
			else
				go_on(t, r);
		}
	}
}

/* Everything of `r` is home and noted. */
static bool
has_ended(const struct reader *r)
{
	return r->given_up && r->riding == 0 && r->elder == NULL &&
	       !list_on(&r->moved);
}

/* Answers whether readers of it that are given up stay for now. */
static bool
let_go_of(struct tail *t, struct file *f)
{
	struct list_node *at, *after;
	bool some = false, gone = false;

	list_for_each_safe (at, after, &f->readers) {
		struct reader *r = LIST_ENTRY(at, struct reader, of_file);

		if (!has_ended(r)) {
			some = some || r->given_up;
			continue;
		}
		gone = true;
		stats_add(&r->flow->stats->files, (uint64_t)-1);
		reader_detach(t, r, false);
	}
	if (gone && list_empty(&f->readers)) {
		file_close(&t->files, f);
		if (list_empty(&f->names))
			roster_drop_file(&t->roster, f);
	}
	return some;
}

static void
let_go(struct tail *t)
{
	struct list_node *at, *after;
	bool some = false;

	if (!t->giving_up || t->now_ms < t->let_go_ms)
		return;
	t->let_go_ms = t->now_ms + AGAIN_MS;
	list_for_each_safe (at, after, &t->roster.files)
		some = let_go_of(t, LIST_ENTRY(at, struct file, node)) || some;
	t->giving_up = some;
}

/* ---- Flows that come ---- */

static void
ask(struct tail *t, struct flow *f)
{
	struct notice *n = notice_new(NOTICE_ASK, 0);

	n->flow = mem_dup(f->config->name);
	notice_send(t->doors.to_ledger, &n);
}

static bool
is_read(
    const struct tail *t, const struct flow *f, const struct checkpoint *row)
{
	const struct list_node *at;

	if (follow_reader(t, f, &row->id) != NULL ||
	    place_knows(t, f, &row->id))
		return true;
	list_for_each (at, &t->departed)
		if (LIST_ENTRY((struct list_node *)(uintptr_t)at, struct reader,
			of_file)
			->row == row->row)
			return true;
	return false;
}

void
adopt_look(struct tail *t)
{
	t->first_scan = true;
	(void)survey_due(t);
	search_everything(t);
	newcomer_judge(t);
	t->first_scan = false;
	for (size_t i = 0; i < t->config->flow_count; i++) {
		struct flow *f = &t->flows[i];

		if (f->arriving && !f->known)
			place_start(t, f, missed_looked_ms(t));
		f->arriving = false;
	}
	place_note(t, missed_looked_ms(t));
	t->note_ms = t->now_ms + t->config->checkpoint_ms;
}

/* The ledger has said what it has of `f`. */
static void
arrive(struct tail *t, struct flow *f, const struct notice *n)
{
	f->known = f->known || n->known;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct checkpoint *row = &n->rows[i];

		if ((f->comes || wants(f, row->path)) && !is_read(t, f, row))
			place_restore(t, row);
	}
	if (!f->known || f->since_ms == 0 || f->since_ms > t->looked_ms)
		f->since_ms = t->looked_ms;
	f->arriving = true;
	survey_begin(t, f);
	adopt_look(t);
}

static void
take_answers(struct tail *t)
{
	struct list_node came, *node;

	if (t->doors.answers == NULL)
		return;
	list_init(&came);
	handoff_take(t->doors.answers, &came);
	while ((node = list_take_first(&came)) != NULL) {
		struct notice *n = LIST_ENTRY(node, struct notice, node);
		struct flow *f = place_flow(t, n->flow);

		if (f != NULL) {
			assert(f->asked > 0);
			f->asked--;
		}
		/* Who asked again since wants to know that answer. */
		if (f != NULL && !f->leaving && f->asked == 0)
			arrive(t, f, n);
		notice_free(n);
	}
}

/* ---- Flows that leave ---- */

static bool
has_readers(const struct tail *t, const struct flow *f)
{
	const struct list_node *at, *r;

	if (f->chains.count > 0)
		return true;
	list_for_each (at, &t->departed) {
		r = at;
		if (LIST_ENTRY((struct list_node *)(uintptr_t)r, struct reader,
			of_file)
			->flow == f)
			return true;
	}
	return false;
}

static void
leave(struct tail *t, size_t slot)
{
	struct flow *f = &t->flows[slot];
	size_t lane = f->lane;

	/* An answer that is under way is to this flow, not to one that may
	 * have its name next. */
	if (!f->leaving || f->asked > 0 || has_readers(t, f) ||
	    !window_empty(&f->window) || remainder_left(t, f))
		return;
	log_info("flow %s: all that was sent of it is delivered: it is gone",
	    f->config->name);
	past_forget_flow(t, f);
	flow_fini(f);
	flow_clear(f);
	t->doors.left_lane(t->doors.owner, lane);
	t->doors.left_slot(t->doors.owner, slot);
}

int64_t
adopt_due(struct tail *t)
{
	bool leaving = false;

	take_answers(t);
	remainder_due(t);
	let_go(t);
	for (size_t i = 0; i < t->config->flow_count; i++) {
		leave(t, i);
		leaving = leaving || t->flows[i].leaving;
	}
	return t->giving_up || leaving ? t->now_ms + AGAIN_MS : CLOCK_NEVER;
}

/* ---- The doors ---- */

struct flow *
adopt_prepare(struct tail *t, const struct config *all,
    const struct flow_config *config, size_t slot, size_t lane)
{
	struct flow *f = mem_new(sizeof(*f));

	flow_open(f, slot, lane, &t->stats[slot], t->pool, &t->doors);
	if (flow_learn(f, config, pattern_manners(all, config)) == 0)
		return f;
	adopt_dismiss(&f);
	return NULL;
}

void
adopt_dismiss(struct flow **f)
{
	if (*f != NULL)
		flow_fini(*f);
	free(*f);
	*f = NULL;
}

/* What is in the making is sealed as it is. */
static void
conclude(struct tail *t, struct flow *f)
{
	flow_seal(f);
	if (f->filling != NULL)
		batch_free(&f->filling);
	flow_commit(t, f);
}

void
adopt_flow(struct tail *t, struct flow **fresh)
{
	struct flow *f = &t->flows[(*fresh)->index];
	bool comes = flow_is_empty(f), left = f->leaving;
	bool elsewhere = comes || f->leaving ||
			 !flow_looks_alike(f->config, (*fresh)->config);

	if (comes) {
		flow_open(f, (*fresh)->index, (*fresh)->lane, (*fresh)->stats,
		    t->pool, &t->doors);
	} else {
		conclude(t, f);
		remainder_make(t, f);
	}
	if (elsewhere && !comes)
		survey_end(t, f);
	f->leaving = false;
	flow_take_over(f, *fresh, elsewhere);
	limit_make_room(t, flow_max_data(f));
	turn_readers(t, f, elsewhere ? *fresh : NULL);
	if (elsewhere) {
		if (comes)
			f->since_ms = 0;
		else if (!left)
			f->since_ms = t->looked_ms - COARSE_MS;
		f->comes = comes;
		f->asked++;
		ask(t, f);
	}
	adopt_dismiss(fresh);
}

void
adopt_release(struct tail *t, size_t slot)
{
	struct flow *f = &t->flows[slot];

	assert(!flow_is_empty(f) && !f->leaving);
	conclude(t, f);
	survey_end(t, f);
	f->leaving = true;
	/* Should it come back, what is written from now on is news. */
	f->since_ms = t->looked_ms - COARSE_MS;
	place_forget_flow(t, f);
	turn_readers(t, f, NULL);
}
