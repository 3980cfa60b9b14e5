/* SPDX-License-Identifier: Apache-2.0
 *
 * chain: see chain.h. A reader is in one chain from its beginning to its end,
 * whatever its file is called later.
 *
 * Thread: tail.
 */
#include "chain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "mem.h"
#include "reader.h"
#include "roster.h"
#include "stem.h"

static const char *
basename_of(const struct file *f)
{
	const char *slash = strrchr(f->path, '/');

	return slash != NULL ? slash + 1 : f->path;
}

static struct reader *
reader_at(struct list_node *node)
{
	return LIST_ENTRY(node, struct reader, in_chain);
}

static struct chain *
chain_at(struct table_node *node)
{
	return LIST_ENTRY(node, struct chain, in_table);
}

static uint64_t
stem_hash(const char *stem)
{
	return table_hash_bytes(span_str(stem));
}

static size_t
directory_length(const struct file *f)
{
	return (size_t)(basename_of(f) - f->path);
}

/* Is `f` in the directory of `c`? */
static bool
is_of(const struct chain *c, const struct file *f)
{
	size_t len = directory_length(f);

	return strlen(c->directory) == len &&
	       memcmp(c->directory, f->path, len) == 0;
}

static struct chain *
find(const struct flow *flow, const struct file *f, const char *stem)
{
	struct table_node *at = table_first(&flow->chains, stem_hash(stem));

	for (; at != NULL; at = table_next(&flow->chains, at)) {
		struct chain *c = chain_at(at);

		if (strcmp(c->stem, stem) == 0 && is_of(c, f))
			return c;
	}
	return NULL;
}

static struct chain *
make(struct flow *flow, const struct file *f, const char *stem)
{
	size_t len = strlen(stem) + 1;
	struct chain *c = mem_new(sizeof(*c) + len);

	memcpy(c->stem, stem, len);
	c->flow = flow;
	c->directory = mem_dup_span(f->path, directory_length(f));
	list_init(&c->node);
	list_init(&c->readers);
	table_add(&flow->chains, &c->in_table, stem_hash(stem));
	return c;
}

/* Has `r`'s file the name that is written to? */
static bool
is_live(const struct reader *r)
{
	return !list_empty(&r->file->names) &&
	       strcmp(basename_of(r->file), r->chain->stem) == 0;
}

/* Does `r` come after the reader `other` of its chain? What stands before a
 * live file may be a copy that is younger. */
static bool
comes_after(const struct reader *r, const struct reader *other)
{
	bool live = is_live(r);

	if (live != is_live(other))
		return live;
	return r->born_ns >= other->born_ns;
}

static void
find_place(struct reader *r)
{
	struct list_node *head = &r->chain->readers, *at = head->prev;

	while (at != head && !comes_after(r, reader_at(at)))
		at = at->prev;
	list_add_before(at->next, &r->in_chain);
}

void
chain_join(struct reader *r)
{
	char stem[NAME_MAX + 1];
	struct chain *c;

	stem_of(basename_of(r->file), stem);
	c = find(r->flow, r->file, stem);
	if (c == NULL)
		c = make(r->flow, r->file, stem);
	r->chain = c;
	r->born_ns = r->file->born_ns;
	find_place(r);
}

void
chain_date(struct reader *r, int64_t written_ms)
{
	list_remove(&r->in_chain);
	r->born_ns = written_ms * 1000000;
	find_place(r);
}

void
chain_join_behind(struct reader *r, struct reader *elder)
{
	r->chain = elder->chain;
	r->born_ns = elder->born_ns;
	list_add_before(elder->in_chain.next, &r->in_chain);
}

void
chain_leave(struct reader *r)
{
	struct chain *c = r->chain;

	if (c == NULL)
		return;
	chain_rest(r);
	list_remove(&r->in_chain);
	r->chain = NULL;
	if (!list_empty(&c->readers))
		return;
	table_remove(&c->flow->chains, &c->in_table);
	list_remove(&c->node);
	free(c->directory);
	free(c);
}

void
chain_ready(struct reader *r)
{
	struct chain *c = r->chain;

	if (r->ready)
		return;
	r->ready = true;
	if (c->ready++ == 0 && !list_on(&c->node))
		list_add_last(&c->flow->ready, &c->node);
}

void
chain_rest(struct reader *r)
{
	struct chain *c = r->chain;

	if (!r->ready)
		return;
	r->ready = false;
	if (--c->ready == 0)
		list_remove(&c->node);
}

bool
chain_ready_elders(struct reader *r)
{
	struct list_node *head = &r->chain->readers, *at;
	bool some = false;

	for (at = r->in_chain.prev; at != head; at = at->prev) {
		struct reader *elder = reader_at(at);

		if (elder->start != START_SETTLED ||
		    (at != r->in_chain.prev &&
			!list_on(&elder->file->leave_node)))
			continue;
		chain_ready(elder);
		some = true;
	}
	return some;
}

struct reader *
chain_eldest(const struct chain *c)
{
	struct list_node *at;

	assert(c->ready > 0);
	at = c->readers.next;
	while (!reader_at(at)->ready)
		at = at->next;
	return reader_at(at);
}

bool
chain_has_younger(const struct reader *r)
{
	return r->chain != NULL && r->in_chain.next != &r->chain->readers;
}

/* Are the directories `a` and `b`, each with its slash behind and `n` and `m`
 * long, the same, or one the parent of the other? */
static bool
are_near(const char *a, size_t n, const char *b, size_t m)
{
	if (n > m)
		return are_near(b, m, a, n);
	if (memcmp(a, b, n) != 0)
		return false;
	return n == m || memchr(b + n, '/', m - n) == b + m - 1;
}

static struct reader *
original_in(const struct chain *c, const struct file *f)
{
	struct list_node *at;

	for (at = c->readers.prev; at != &c->readers; at = at->prev) {
		struct reader *r = reader_at(at);

		if (r->file != NULL && r->file != f &&
		    r->start == START_SETTLED &&
		    stem_is_rotation_of(basename_of(f), basename_of(r->file)))
			return r;
	}
	return NULL;
}

struct reader *
chain_original(const struct flow *flow, const struct file *f)
{
	char stem[NAME_MAX + 1];
	struct table_node *at;

	stem_of(basename_of(f), stem);
	at = table_first(&flow->chains, stem_hash(stem));
	for (; at != NULL; at = table_next(&flow->chains, at)) {
		const struct chain *c = chain_at(at);
		struct reader *r;

		if (strcmp(c->stem, stem) != 0 ||
		    !are_near(c->directory, strlen(c->directory), f->path,
			directory_length(f)))
			continue;
		r = original_in(c, f);
		if (r != NULL)
			return r;
	}
	return NULL;
}
