/* SPDX-License-Identifier: Apache-2.0
 *
 * notice: small immutable messages to the ledger.
 *
 * What a notice says is checked where it is sent, so that an assertion names
 * the thread that was wrong and not the one that listened.
 *
 * Thread: made by the sender, freed by the ledger; between the two it is on
 * the inbox. Never blocks.
 */
#include "checkpoint.h"
#include "ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

struct notice *
notice_new(enum notice_kind kind, uint32_t count)
{
	struct notice *n = mem_new(sizeof(*n));

	list_init(&n->node);
	n->kind = kind;
	n->count = count;
	if (count > 0)
		n->rows = mem_new_array(count, sizeof(*n->rows));
	return n;
}

void
notice_free(struct notice *n)
{
	if (n == NULL)
		return;
	assert(!list_on(&n->node));
	for (uint32_t i = 0; i < n->count; i++)
		checkpoint_fini(&n->rows[i]);
	free(n->rows);
	free(n->flow);
	free(n);
}

static void
assert_sense(const struct notice *n)
{
	assert((n->kind != NOTICE_START && n->kind != NOTICE_ASK) ||
	       n->flow != NULL);
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->kind == NOTICE_FORGET)
			assert(n->rows[i].row <= (uint64_t)INT64_MAX);
		else
			assert(checkpoint_fault(&n->rows[i]) == NULL);
	}
}

void
notice_send(struct handoff *h, struct notice **n)
{
	struct list_node *node = &(*n)->node;

	assert_sense(*n);
	*n = NULL;
	handoff_send(h, &node);
}
