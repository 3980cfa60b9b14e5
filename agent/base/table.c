/* SPDX-License-Identifier: Apache-2.0
 *
 * table: see table.h. Buckets are lists with their heads in one array, so a
 * node removes itself without knowing its bucket.
 *
 * Thread: its owner's. Refuses nothing.
 */
#include "table.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

#define FIRST_BUCKETS 64

static struct list_node *
new_buckets(size_t count)
{
	struct list_node *buckets = mem_new_array(count, sizeof(*buckets));

	for (size_t i = 0; i < count; i++)
		list_init(&buckets[i]);
	return buckets;
}

void
table_init(struct table *t)
{
	t->buckets = new_buckets(FIRST_BUCKETS);
	t->mask = FIRST_BUCKETS - 1;
	t->count = 0;
}

void
table_fini(struct table *t)
{
	free(t->buckets);
	t->buckets = NULL;
	t->count = 0;
}

static struct table_node *
entry(struct list_node *node)
{
	return LIST_ENTRY(node, struct table_node, node);
}

static void
grow(struct table *t)
{
	size_t old = t->mask + 1;
	struct list_node *buckets = new_buckets(old * 2);
	size_t mask = old * 2 - 1;

	for (size_t i = 0; i < old; i++) {
		struct list_node *n;

		while ((n = list_take_first(&t->buckets[i])) != NULL)
			list_add_last(&buckets[entry(n)->hash & mask], n);
	}
	free(t->buckets);
	t->buckets = buckets;
	t->mask = mask;
}

void
table_add(struct table *t, struct table_node *n, uint64_t hash)
{
	if (t->count > t->mask)
		grow(t);
	n->hash = hash;
	list_add_last(&t->buckets[hash & t->mask], &n->node);
	t->count++;
}

void
table_remove(struct table *t, struct table_node *n)
{
	if (!list_on(&n->node))
		return;
	assert(t->count > 0);
	list_remove(&n->node);
	t->count--;
}

/* The first node of `hash` behind `after` in its bucket. */
static struct table_node *
seek(const struct table *t, struct list_node *after, uint64_t hash)
{
	struct list_node *head = &t->buckets[hash & t->mask];
	struct list_node *at;

	for (at = after->next; at != head; at = at->next)
		if (entry(at)->hash == hash)
			return entry(at);
	return NULL;
}

struct table_node *
table_first(const struct table *t, uint64_t hash)
{
	return seek(t, &t->buckets[hash & t->mask], hash);
}

struct table_node *
table_next(const struct table *t, struct table_node *n)
{
	return seek(t, &n->node, n->hash);
}

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
uint64_t
table_hash_number(uint64_t n)
{
	n += UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
	return n ^ (n >> 31);
}

/* FNV-1a, mixed once more because buckets use the low bits. */
uint64_t
table_hash_bytes(struct span s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.at[i]) * UINT64_C(0x100000001b3);
	return table_hash_number(h);
}
