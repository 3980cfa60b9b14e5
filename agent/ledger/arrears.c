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

/* A table that grew past this is not kept for the next time. */
#define BUCKETS_KEPT 1024

void
arrears_init(struct arrears *a, uint64_t on_disk)
{
	memset(a, 0, sizeof(*a));
	list_init(&a->rows);
	list_init(&a->flows);
	table_init(&a->by_row);
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

static struct arrear *
find(const struct arrears *a, uint64_t row)
{
	struct table_node *n = table_first(&a->by_row, table_hash_number(row));

	for (; n != NULL; n = table_next(&a->by_row, n)) {
		struct arrear *r = LIST_ENTRY(n, struct arrear, by_row);

		if (r->state.row == row)
			return r;
	}
	return NULL;
}

static void
drop(struct arrears *a, struct arrear *r)
{
	table_remove(&a->by_row, &r->by_row);
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
	r = mem_new(sizeof(*r));
	r->state.row = row;
	list_add_last(&a->rows, &r->node);
	table_add(&a->by_row, &r->by_row, table_hash_number(row));
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

	list_for_each (at, &a->flows)
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
	struct list_node *at, *after;

	list_for_each_safe (at, after, &a->rows)
		drop(a, arrear_of(at));
	list_for_each_safe (at, after, &a->flows) {
		list_remove(at);
		free(flow_of(at)->name);
		free(flow_of(at));
	}
	assert(arrears_empty(a));
}

void
arrears_settle(struct arrears *a)
{
	struct list_node *at;

	list_for_each (at, &a->rows) {
		const struct arrear *r = arrear_of(at);

		if (!r->forget && r->state.row > a->on_disk)
			a->on_disk = r->state.row;
	}
	let_go(a);
	if (a->by_row.mask >= BUCKETS_KEPT) {
		table_fini(&a->by_row);
		table_init(&a->by_row);
	}
}

void
arrears_fini(struct arrears *a)
{
	let_go(a);
	table_fini(&a->by_row);
}
