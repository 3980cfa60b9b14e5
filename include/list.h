/* SPDX-License-Identifier: Apache-2.0
 *
 * list: doubly linked, circular, intrusive.
 *
 * The head is a node of its own, so that nothing is special at the ends. A
 * node that is on no list points to itself; list_init makes it so, and every
 * removal leaves it so.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *next, *prev;
};

#define LIST_ENTRY(node, type, member)                                         \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

/* `at` is a struct list_node *; the body may not remove it. */
#define list_for_each(at, head)                                                \
	for ((at) = (head)->next; (at) != (head); (at) = (at)->next)

/* The same, where the body may remove `at`. `after` is scratch. */
#define list_for_each_safe(at, after, head)                                    \
	for ((at) = (head)->next, (after) = (at)->next; (at) != (head);        \
	     (at) = (after), (after) = (at)->next)

static inline void
list_init(struct list_node *n)
{
	n->next = n->prev = n;
}

static inline bool
list_empty(const struct list_node *head)
{
	return head->next == head;
}

/* Is the node on a list? (The same test as list_empty, read the other way.) */
static inline bool
list_on(const struct list_node *n)
{
	return n->next != n;
}

static inline void
list_add_before(struct list_node *at, struct list_node *n)
{
	n->prev = at->prev;
	n->next = at;
	at->prev->next = n;
	at->prev = n;
}

static inline void
list_add_last(struct list_node *head, struct list_node *n)
{
	list_add_before(head, n);
}

static inline void
list_add_first(struct list_node *head, struct list_node *n)
{
	list_add_before(head->next, n);
}

static inline void
list_remove(struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

/* First node, off the list; NULL when empty. */
static inline struct list_node *
list_take_first(struct list_node *head)
{
	struct list_node *n = head->next;

	if (n == head)
		return NULL;
	head->next = n->next;
	n->next->prev = head;
	list_init(n);
	return n;
}

/* Move everything on `from` to the end of `to`, in order. */
static inline void
list_append_all(struct list_node *to, struct list_node *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#endif
