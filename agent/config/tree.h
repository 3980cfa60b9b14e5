/* SPDX-License-Identifier: Apache-2.0
 *
 * tree: what a configuration file says, before anyone asks what it means.
 *
 * The readers (yaml.c, json.c) build it, the draft reads it; neither knows the
 * other. Depth stops at 64 and the whole at 100,000 nodes, whichever format
 * it came from. Built and freed without recursion. Texts never hold a NUL; all
 * are wiped when freed, since some are secrets.
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "report.h"
#include "span.h"

#define TREE_DEPTH 64
#define TREE_NODES 100000

enum node_kind {
	NODE_NULL,
	NODE_BARE,   /* a number, a boolean, YAML's plain text */
	NODE_QUOTED, /* a string that says so */
	NODE_LIST,
	NODE_MAP
};

struct node {
	enum node_kind kind;
	struct place at; /* of the key, or of the value where there is none */
	char *key;       /* owned; NULL in a list */
	char *text;      /* owned; BARE and QUOTED */
	struct node *first, *last; /* LIST and MAP: what they hold, in order */
	struct node *next;         /* the neighbour in the same list or map */
	struct node *parent;       /* NULL for the root */
	struct node *made;         /* the node made before this one */
};

struct tree {
	struct report *report; /* borrowed: hears what is too deep or large */
	struct node *root;     /* owned, like all below; NULL: nothing yet */
	struct node *open;     /* the innermost list or map not yet closed */
	struct node *made;     /* the youngest node */
	char *key;             /* owned: given, its value not yet seen */
	struct place key_at;
	uint32_t count, depth;
};

void tree_init(struct tree *t, struct report *r);
void tree_fini(struct tree *t);

/* The next value's key. `*text` moves into the tree: NULL after. */
void tree_key(struct tree *t, char **text, struct place at);

/* A value without inside; `*text` moves (NODE_NULL: may be NULL). -1: too
 * many, reported. */
int tree_scalar(
    struct tree *t, enum node_kind kind, char **text, struct place at);

/* A list or map begins; what follows is in it until tree_close. -1: too
 * deep or too many, reported. */
int tree_open(struct tree *t, enum node_kind kind, struct place at);
void tree_close(struct tree *t);

#endif
