/* SPDX-License-Identifier: Apache-2.0
 *
 * arrears: what the disk is still owed, the newest state per row.
 *
 * Ceiling: the rows in the database and the rows the tail holds. A row that
 * comes and goes while the disk fails leaves nothing behind, because a
 * deletion is only kept for a number that may have been written.
 *
 * Thread: ledger. Never blocks, never logs.
 */
#include "arrears.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define BUCKETS_FIRST 64
/* Tables larger than this are not kept for the next time. */
#define BUCKETS_KEPT 1024

void
arrears_init(struct arrears *a, uint64_t on_disk)
{
	memset(a, 0, sizeof(*a));
	list_init(&a->rows);
	list_init(&a->flows);
	a->on_disk = on_disk;
}

static struct arrear *
arrear_of(struct list_node *node)
{
	return LIST_ENTRY(node, struct arrear, node);
}

static struct arrear_flow *
flow_of(struct list_node *node)
{
	return LIST_ENTRY(node, struct arrear_flow, node);
}

static size_t
bucket_of(const struct arrears *a, uint64_t row)
{
	/* Fibonacci hashing: numbers given out in steps spread all the same. */
	return (size_t)((row * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
	    (a->bucket_count - 1);
}

static void
hang_up(struct arrears *a, struct arrear *r)
{
	struct arrear **bucket = &a->buckets[bucket_of(a, r->state.row)];

	r->chain = *bucket;
	*bucket = r;
}

static void
make_room(struct arrears *a)
{
	struct list_node *at;

	if (a->count < a->bucket_count)
		return;
	free(a->buckets);
	a->bucket_count =
	    a->bucket_count == 0 ? BUCKETS_FIRST : a->bucket_count * 2;
	a->buckets = mem_new_array(a->bucket_count, sizeof(struct arrear *));
	list_for_each(at, &a->rows)
		hang_up(a, arrear_of(at));
}

static struct arrear *
find(const struct arrears *a, uint64_t row)
{
	struct arrear *r = NULL;

	if (a->bucket_count > 0)
		r = a->buckets[bucket_of(a, row)];
	while (r != NULL && r->state.row != row)
		r = r->chain;
	return r;
}

static void
drop(struct arrears *a, struct arrear *r)
{
	struct arrear **at = &a->buckets[bucket_of(a, r->state.row)];

	while (*at != r)
		at = &(*at)->chain;
	*at = r->chain;
	list_remove(&r->node);
	a->count--;
	checkpoint_fini(&r->state);
	free(r);
}

/* The row's arrear, with nothing in it but the number. */
static struct arrear *
cleared(struct arrears *a, uint64_t row)
{
	struct arrear *r = find(a, row);

	if (r != NULL) {
		checkpoint_fini(&r->state);
		return r;
	}
	make_room(a);
	r = mem_new(sizeof(*r));
	r->state.row = row;
	list_add_last(&a->rows, &r->node);
	hang_up(a, r);
	a->count++;
	return r;
}

static void
fold_state(struct arrears *a, struct checkpoint *row)
{
	struct arrear *r = cleared(a, row->row);

	r->forget = false;
	r->state = *row;
	row->flow = NULL;
	row->path = NULL;
	row->ranges = NULL;
	row->range_count = 0;
}

static void
fold_forget(struct arrears *a, uint64_t row)
{
	struct arrear *r;

	if (row > a->on_disk) {
		r = find(a, row);
		if (r != NULL)
			drop(a, r);
		return;
	}
	cleared(a, row)->forget = true;
}

static void
fold_flow(struct arrears *a, char **name)
{
	struct arrear_flow *f;
	struct list_node *at;

	list_for_each(at, &a->flows)
		if (strcmp(flow_of(at)->name, *name) == 0)
			return;
	f = mem_new(sizeof(*f));
	f->name = *name;
	*name = NULL;
	list_add_last(&a->flows, &f->node);
}

void
arrears_fold(struct arrears *a, struct notice **n)
{
	struct notice *said = *n;

	*n = NULL;
	if (said->kind == NOTICE_START)
		fold_flow(a, &said->flow);
	for (uint32_t i = 0; i < said->count; i++) {
		if (said->kind == NOTICE_FORGET)
			fold_forget(a, said->rows[i].row);
		else
			fold_state(a, &said->rows[i]);
	}
	notice_free(said);
}

bool
arrears_empty(const struct arrears *a)
{
	return a->count == 0 && list_empty(&a->flows);
}

static void
let_go(struct arrears *a)
{
	struct list_node *at;

	while ((at = list_take_first(&a->rows)) != NULL) {
		struct arrear *r = arrear_of(at);

		checkpoint_fini(&r->state);
		free(r);
	}
	while ((at = list_take_first(&a->flows)) != NULL) {
		free(flow_of(at)->name);
		free(flow_of(at));
	}
	a->count = 0;
}

void
arrears_settle(struct arrears *a)
{
	struct list_node *at;

	list_for_each(at, &a->rows) {
		const struct arrear *r = arrear_of(at);

		if (!r->forget && r->state.row > a->on_disk)
			a->on_disk = r->state.row;
	}
	let_go(a);
	if (a->bucket_count > BUCKETS_KEPT) {
		free(a->buckets);
		a->buckets = NULL;
		a->bucket_count = 0;
	}
	if (a->bucket_count > 0)
		memset(a->buckets, 0, a->bucket_count * sizeof(*a->buckets));
	assert(arrears_empty(a));
}

void
arrears_fini(struct arrears *a)
{
	let_go(a);
	free(a->buckets);
	a->buckets = NULL;
	a->bucket_count = 0;
}
