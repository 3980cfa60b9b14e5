/* SPDX-License-Identifier: Apache-2.0
 *
 * tree: see tree.h. Thread: the one that loads.
 */
#include "tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

void
tree_init(struct tree *t, struct report *r)
{
	memset(t, 0, sizeof(*t));
	t->report = r;
}

static void
wipe(char *text)
{
	if (text == NULL)
		return;
	explicit_bzero(text, strlen(text));
	free(text);
}

void
tree_fini(struct tree *t)
{
	while (t->made != NULL) {
		struct node *n = t->made;

		t->made = n->made;
		wipe(n->key);
		wipe(n->text);
		free(n);
	}
	wipe(t->key);
	tree_init(t, t->report);
}

void
tree_key(struct tree *t, char **text, struct place at)
{
	assert(t->open != NULL && t->open->kind == NODE_MAP);
	assert(t->key == NULL);
	t->key = *text;
	t->key_at = at;
	*text = NULL;
}

static void
hang(struct tree *t, struct node *n)
{
	struct node *parent = t->open;

	n->parent = parent;
	if (parent == NULL) {
		assert(t->root == NULL);
		t->root = n;
		return;
	}
	assert((parent->kind == NODE_MAP) == (n->key != NULL));
	if (parent->last == NULL)
		parent->first = n;
	else
		parent->last->next = n;
	parent->last = n;
}

static struct node *
add(struct tree *t, enum node_kind kind, struct place at)
{
	struct node *n;

	if (t->count >= TREE_NODES) {
		report_error(t->report, at, NULL,
		    "more than %d values in one file", TREE_NODES);
		return NULL;
	}
	t->count++;
	n = mem_new(sizeof(*n));
	n->made = t->made;
	t->made = n;
	n->kind = kind;
	n->at = t->key != NULL ? t->key_at : at;
	n->key = t->key;
	t->key = NULL;
	hang(t, n);
	return n;
}

int
tree_scalar(struct tree *t, enum node_kind kind, char **text, struct place at)
{
	struct node *n = add(t, kind, at);

	if (n == NULL)
		return -1;
	n->text = *text;
	*text = NULL;
	return 0;
}

int
tree_open(struct tree *t, enum node_kind kind, struct place at)
{
	struct node *n;

	assert(kind == NODE_LIST || kind == NODE_MAP);
	if (t->depth >= TREE_DEPTH) {
		report_error(t->report, at, NULL,
		    "nested deeper than %d levels", TREE_DEPTH);
		return -1;
	}
	n = add(t, kind, at);
	if (n == NULL)
		return -1;
	t->open = n;
	t->depth++;
	return 0;
}

void
tree_close(struct tree *t)
{
	assert(t->open != NULL && t->key == NULL);
	t->open = t->open->parent;
	t->depth--;
}
