/* SPDX-License-Identifier: Apache-2.0
 *
 * table: an intrusive hash table. It knows hashes, not keys: the caller walks
 * the few nodes of one hash and compares what matters.
 *
 * Thread: its owner's. Grows by doubling and never shrinks; its ceiling is
 * that of what is put in.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "list.h"
#include "span.h"

struct table_node {
	struct list_node node; /* on a bucket, or on none */
	uint64_t hash;
};

struct table {
	struct list_node *buckets; /* owned */
	size_t mask;               /* buckets - 1: a power of two less one */
	size_t count;
};

void table_init(struct table *t);

/* Frees the buckets; the nodes are their owners'. */
void table_fini(struct table *t);

/* Put `n`, which is in no table, under `hash`. */
void table_add(struct table *t, struct table_node *n, uint64_t hash);

/* Take `n` out. Harmless if it is in none. */
void table_remove(struct table *t, struct table_node *n);

/* The first node of `hash`, and the next after `n`; NULL: no more. */
struct table_node *table_first(const struct table *t, uint64_t hash);
struct table_node *table_next(const struct table *t, struct table_node *n);

/* A well-mixed hash of a number and of bytes (not for enemies: see
 * digest.h). */
uint64_t table_hash_number(uint64_t n);
uint64_t table_hash_bytes(struct span s);

#endif
