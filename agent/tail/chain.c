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

#define KIN_BEHIND 8
#define KIN_BEFORE 4

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
	if (r->rank_ns != other->rank_ns)
		return r->rank_ns > other->rank_ns;
	return !stem_precedes(basename_of(r->file), basename_of(other->file));
}

/* A moment at which the content of `f` was the log's. Its birth is none for a
 * copy, nor where it was truncated since; who writes to it now does tell, but
 * of the live file (nobody else's are compared with it) and of an archive. */
static int64_t
rank_of(const struct reader *r)
{
	const struct file *f = r->file;

	return is_live(r) || f->packed != UNPACK_NONE ? f->born_ns
						      : f->written_ns;
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
	r->rank_ns = rank_of(r);
	find_place(r);
}

void
chain_date(struct reader *r)
{
	list_remove(&r->in_chain);
	r->rank_ns = r->file->written_ns;
	find_place(r);
}

void
chain_join_behind(struct reader *r, struct reader *elder)
{
	r->chain = elder->chain;
	r->rank_ns = r->file->written_ns;
	if (r->rank_ns < elder->rank_ns)
		r->rank_ns = elder->rank_ns;
	find_place(r);
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

	if (r->ready || r->given_up)
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

struct reader *
chain_elder(const struct reader *r)
{
	if (r->chain == NULL || r->in_chain.prev == &r->chain->readers)
		return NULL;
	return reader_at(r->in_chain.prev);
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

/* Add to the `count` in `into` up to `most` of the chain's that stand at `at`
 * and, one after the other, `before` it or behind. */
static size_t
add_kin(const struct chain *c, const struct list_node *at, bool before,
    size_t most, struct reader **into, size_t count)
{
	for (; at != &c->readers && most > 0; most--) {
		into[count++] = reader_at((struct list_node *)(uintptr_t)at);
		at = before ? at->prev : at->next;
	}
	return count;
}

size_t
chain_kin(const struct reader *r, struct reader *into[static CHAIN_KIN])
{
	const struct chain *mine = r->chain;
	struct table_node *at;
	size_t count;

	count = add_kin(mine, r->in_chain.next, false, KIN_BEHIND, into, 0);
	count = add_kin(mine, r->in_chain.prev, true, KIN_BEFORE, into, count);
	count = add_kin(mine, mine->readers.prev, true, 1, into, count);
	at = table_first(&r->flow->chains, stem_hash(mine->stem));
	for (; at != NULL; at = table_next(&r->flow->chains, at)) {
		const struct chain *c = chain_at(at);

		if (c == mine || count + KIN_BEFORE > CHAIN_KIN ||
		    strcmp(c->stem, mine->stem) != 0 ||
		    !are_near(c->directory, strlen(c->directory),
			mine->directory, strlen(mine->directory)))
			continue;
		count =
		    add_kin(c, c->readers.prev, true, KIN_BEFORE, into, count);
	}
	return count;
}

/* The youngest of the first chain from `at` on that is of the log called `stem`
 * in, above or right below the `length` bytes of directory in `path`. */
static struct reader *
youngest_from(const struct flow *flow, struct table_node *at, const char *stem,
    const char *path, size_t length)
{
	for (; at != NULL; at = table_next(&flow->chains, at)) {
		const struct chain *c = chain_at(at);

		if (strcmp(c->stem, stem) == 0 &&
		    are_near(c->directory, strlen(c->directory), path, length))
			return reader_at(c->readers.prev);
	}
	return NULL;
}

struct reader *
chain_next(
    const struct flow *flow, const char *path, const struct reader *after)
{
	const char *text = strrchr(path, '/') + 1;
	char stem[NAME_MAX + 1];
	struct table_node *at;

	stem_of(text, stem);
	if (after != NULL && after->in_chain.prev != &after->chain->readers)
		return reader_at(after->in_chain.prev);
	at = after == NULL ? table_first(&flow->chains, stem_hash(stem))
			   : table_next(&flow->chains, &after->chain->in_table);
	return youngest_from(flow, at, stem, path, (size_t)(text - path));
}
