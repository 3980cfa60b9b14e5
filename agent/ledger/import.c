/* SPDX-License-Identifier: Apache-2.0
 *
 * import: going on where the Java agent stopped.
 *
 * The Java agent starts a flow with the row it wrote last, whatever the other
 * rows of the flow say; so that one must be good, or there is no start. The
 * others tell how far files are delivered that it would have begun again;
 * such a one is left out if it makes no sense, and says nothing about bytes
 * behind its offset, which the Java agent may have given up or not have noted.
 *
 * Rows become ours with bare identities and without marks; what that means for
 * files is the tail's to say. All of them and the flows' being known are one
 * transaction, so that there is no half an import, whatever kills us.
 *
 * Thread: main, at start. Refuses to touch the Java agent's files.
 */
#include "import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arrears.h"
#include "checkpoint.h"
#include "checkpoints.h"
#include "config.h"
#include "duplicate.h"
#include "java.h"
#include "log.h"
#include "mem.h"
#include "site.h"

/* The Java agent keeps rows for days, one for each name a file ever had. */
#define ROWS_MAX 10000

/* What was gathered for one flow: the row that counts, then the others. */
struct heir {
	const struct flow_config *flow; /* borrowed */
	bool known;                     /* started before: wants nothing */
	struct checkpoint *rows;        /* owned array, and owned content */
	uint32_t count;
};

struct gathering {
	const struct site *site; /* borrowed */
	struct heir *heirs;      /* one per flow of the configuration */
	size_t count;
	bool refused; /* and that was said */
};

/* The same flow id, where a run of slashes is one. */
static bool
same_id(const char *a, const char *b)
{
	while (*a == *b && *a != '\0') {
		while (a[0] == '/' && a[1] == '/')
			a++;
		while (b[0] == '/' && b[1] == '/')
			b++;
		a++;
		b++;
	}
	return *a == *b;
}

static struct heir *
heir_named(const struct gathering *g, const char *id)
{
	for (size_t i = 0; i < g->count; i++)
		if (same_id(g->heirs[i].flow->name, id))
			return &g->heirs[i];
	return NULL;
}

/* The flow of ours that the Java agent called `id`; NULL: none. Flows with
 * names of their own may be called the same there: one row cannot be the
 * position of two. */
static struct heir *
heir_of(struct gathering *g, const char *id)
{
	struct heir *found = heir_named(g, id);

	if (found != NULL)
		return found;
	for (size_t i = 0; i < g->count; i++) {
		struct heir *h = &g->heirs[i];

		if (h->flow->java_id == NULL || !same_id(h->flow->java_id, id))
			continue;
		if (found == NULL || h->known) {
			found = h;
			continue;
		}
		if (!found->known && !g->refused) {
			log_error("%s: its flow %s could be both %s and %s "
				  "here; give the one that goes on from it "
				  "that name, or " JAVA_WITHOUT,
			    g->site->source, id, found->flow->name,
			    h->flow->name);
			g->refused = true;
		}
	}
	return found;
}

/* A file that was renamed has rows under several names. */
static bool
has_file(const struct heir *h, const struct identity *id)
{
	for (uint32_t i = 0; i < h->count; i++)
		if (h->rows[i].id.ino == id->ino &&
		    h->rows[i].id.dev == id->dev)
			return true;
	return false;
}

/* What is wrong with `row`, which has nothing from `java` yet; else it has. */
static const char *
fill(struct checkpoint *row, const struct heir *h, const struct java_row *java)
{
	if (java->fault != NULL)
		return java->fault;
	row->flow = mem_dup(h->flow->name);
	row->path = mem_dup(java->path);
	row->id = java->id;
	row->committed = java->offset;
	/* Behind its offset an older file is the Java agent's affair. */
	row->size = h->count == 0 ? java->size : java->offset;
	row->changed_ms = java->modified_ms;
	return checkpoint_fault(row);
}

static void
say_fault(struct gathering *g, const struct heir *h,
    const struct java_row *java, const char *fault)
{
	const char *path = java->path == NULL ? "no path" : java->path;

	if (h->count > 0) {
		log_warn("%s: flow %s: the row of %s is left out: %s; another "
			 "one of the flow was noted later",
		    g->site->source, java->flow, path, fault);
		return;
	}
	if (!g->refused)
		log_error("%s: flow %s cannot go on from the row of %s: %s; "
			  "repair it with sqlite3, or " JAVA_WITHOUT,
		    g->site->source, java->flow, path, fault);
	g->refused = true;
}

static void
take_row(void *owner, const struct java_row *java)
{
	struct gathering *g = owner;
	struct checkpoint row = { 0 };
	const char *fault;
	struct heir *h;

	h = java->flow == NULL ? NULL : heir_of(g, java->flow);
	if (h == NULL || h->known || g->refused || h->count >= ROWS_MAX)
		return;
	fault = fill(&row, h, java);
	if (fault == NULL && !has_file(h, &row.id)) {
		h->rows = mem_resize(h->rows, h->count + 1, sizeof(*h->rows));
		h->rows[h->count++] = row;
		return;
	}
	if (fault != NULL)
		say_fault(g, h, java, fault);
	checkpoint_fini(&row);
}

static void
gather_for(struct gathering *g, const struct config *config,
    const struct site *site, const struct checkpoints *db)
{
	memset(g, 0, sizeof(*g));
	g->site = site;
	g->heirs = mem_new_array(config->flow_count + 1, sizeof(*g->heirs));
	for (size_t i = 0; i < config->flow_count; i++) {
		const struct flow_config *flow = &config->flows[i];

		if (config_flow_is_empty(flow))
			continue;
		g->heirs[g->count].flow = flow;
		g->heirs[g->count++].known =
		    checkpoints_knows_flow(db, flow->name);
	}
}

static void
gathering_fini(struct gathering *g)
{
	for (size_t i = 0; i < g->count; i++) {
		for (uint32_t k = 0; k < g->heirs[i].count; k++)
			checkpoint_fini(&g->heirs[i].rows[k]);
		free(g->heirs[i].rows);
	}
	free(g->heirs);
}

/* A database that was named serves every flow that was never started; one
 * that merely is where the Java agent keeps it, the first start only. */
static bool
is_wanted(const struct gathering *g)
{
	size_t known = 0;

	for (size_t i = 0; i < g->count; i++)
		known += g->heirs[i].known ? 1 : 0;
	if (g->site->source == NULL)
		return false;
	return g->site->by_default ? known == 0 : known < g->count;
}

static void
say_heir(const struct gathering *g, const struct heir *h)
{
	const char *from = g->site->source;

	if (h->known)
		return;
	if (h->count == 0)
		log_info("flow %s: %s holds no position of it: it starts at "
			 "its initialPosition",
		    h->flow->name, from);
	else
		log_info("flow %s: goes on where the Java agent stopped, at "
			 "byte %" PRIu64 " of %s (from %s)",
		    h->flow->name, h->rows[0].committed, h->rows[0].path, from);
}

/* The rows of `h`, numbered from `*last` on, as the flow's start. */
static struct notice *
notice_of(struct heir *h, uint64_t *last)
{
	struct notice *n = notice_new(NOTICE_START, h->count);

	n->flow = mem_dup(h->flow->name);
	for (uint32_t i = 0; i < h->count; i++) {
		n->rows[i] = h->rows[i];
		n->rows[i].row = ++*last;
		memset(&h->rows[i], 0, sizeof(h->rows[i]));
	}
	return n;
}

static int
keep(struct gathering *g, struct checkpoints *db)
{
	uint64_t last = checkpoints_last_row(db);
	enum checkpoints_result result = CHECKPOINTS_WRITTEN;
	struct arrears a;

	arrears_init(&a, last);
	for (size_t i = 0; i < g->count; i++) {
		struct notice *n;

		say_heir(g, &g->heirs[i]);
		if (g->heirs[i].count == 0)
			continue;
		n = notice_of(&g->heirs[i], &last);
		arrears_fold(&a, &n);
	}
	if (!arrears_empty(&a))
		result = checkpoints_write(db, &a);
	arrears_fini(&a);
	if (result == CHECKPOINTS_WRITTEN)
		return 0;
	log_error("%s: cannot keep the Java agent's checkpoints: %s",
	    g->site->path, checkpoints_why(db));
	return -1;
}

static enum java_result
gather(struct gathering *g, const char *copy)
{
	enum java_result result;

	switch (duplicate_make(g->site->source, copy)) {
	case DUPLICATE_NONE:
		return JAVA_EMPTY;
	case DUPLICATE_FAILED:
		return JAVA_FAILED;
	case DUPLICATE_MADE:
		break;
	}
	result = java_read(copy, g->site->source, take_row, g);
	duplicate_remove(copy);
	return g->refused ? JAVA_FAILED : result;
}

/* As if it had been found so: what was written is known now. */
static int
open_again(const char *path, struct checkpoints **db)
{
	checkpoints_close(*db);
	*db = checkpoints_open(path);
	return *db == NULL ? -1 : 0;
}

int
import_run(const struct config *config, const struct site *site,
    struct checkpoints **db)
{
	char *copy = mem_format("%s.import", site->path);
	struct gathering g;
	int result = 0;

	gather_for(&g, config, site, *db);
	/* A life that was killed may have left one. */
	duplicate_remove(copy);
	if (is_wanted(&g)) {
		switch (gather(&g, copy)) {
		case JAVA_READ:
			result = keep(&g, *db);
			if (result == 0)
				result = open_again(site->path, db);
			break;
		case JAVA_EMPTY:
			break;
		case JAVA_FAILED:
			result = -1;
			break;
		}
	}
	gathering_fini(&g);
	free(copy);
	return result;
}
