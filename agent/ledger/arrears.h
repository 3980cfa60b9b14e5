/* SPDX-License-Identifier: Apache-2.0
 *
 * arrears: what the disk is still owed.
 *
 * Notices are folded into the newest state per row: a long outage of the disk
 * costs as much memory as there are rows, however many notices came.
 */
#ifndef ARREARS_H
#define ARREARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "list.h"
#include "table.h"

/* One row's newest state. */
struct arrear {
	struct list_node node; /* on rows, in the order of first mention */
	struct table_node by_row;
	bool forget;             /* delete the row; only its number counts */
	struct checkpoint state; /* owned */
};

/* A flow that is known from now on. */
struct arrear_flow {
	struct list_node node; /* on flows */
	char *name;            /* owned */
};

/* Each row number is on `rows` once, each name on `flows` once. */
struct arrears {
	struct list_node rows;  /* of struct arrear */
	struct list_node flows; /* of struct arrear_flow */
	size_t count;           /* rows */
	struct table by_row;    /* the same, by row number */
	uint64_t on_disk;       /* no row above this was ever written */
};

/* Nothing owed. `on_disk` is the highest row number in the database. */
void arrears_init(struct arrears *a, uint64_t on_disk);
void arrears_fini(struct arrears *a);

/* Take over what `*n` says; it is freed, and NULL after. */
void arrears_fold(struct arrears *a, struct notice **n);

bool arrears_empty(const struct arrears *a);

/* Everything was written. */
void arrears_settle(struct arrears *a);

#endif
