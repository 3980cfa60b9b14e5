/* SPDX-License-Identifier: Apache-2.0
 *
 * renames: where wanted names went. A file may have a wanted name and lose it
 * before anybody looks (two rotations in a moment). So renames are traced
 * through the events that are taken together, and what sits where a wanted
 * name went is followed, too.
 *
 * Thread: tail.
 */
#ifndef RENAMES_H
#define RENAMES_H

#include <stdint.h>

#include "list.h"

struct directory;
struct tail;
struct watch_event;

/* A file that had a wanted name, on its way. Owned by tail.renames. */
struct rename {
	struct list_node node;
	const struct directory *from; /* borrowed: whose flows wanted it */
	char *wanted;                 /* owned: the name they matched */
	const struct directory *to;   /* borrowed; NULL: between two names */
	char *text;      /* owned: its name in `to`; NULL likewise */
	uint32_t cookie; /* while it is between two names */
};

/* `event` says that an entry of `d` was renamed from its name, to its name,
 * or neither. */
void renames_trace(
    struct tail *t, struct directory *d, const struct watch_event *event);

/* The rename that ended at `text` in `d`; NULL: none. */
const struct rename *renames_to(
    const struct tail *t, const struct directory *d, const char *text);

/* No event waits any more: names are what they seem again. What went after it
 * was renamed is known by its last name. */
void renames_over(struct tail *t);

/* `d` is about to be forgotten. */
void renames_forget(struct tail *t, const struct directory *d);

#endif
