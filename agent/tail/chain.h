/* SPDX-License-Identifier: Apache-2.0
 *
 * chain: the files of one log and its rotations, for one flow.
 *
 * Files of one directory whose names differ only in a rotation suffix are one
 * source. Its lines are sent in order: the eldest that has something to read
 * goes first. Chains take turns on their flow's ready list, so that no busy
 * source starves a quiet one.
 *
 * Thread: tail.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"
#include "table.h"

struct file;
struct flow;
struct reader;

struct chain {
	struct list_node node;      /* on flow->ready, or on none */
	struct table_node in_table; /* flow->chains, by the stem */
	struct list_node readers;   /* reader.in_chain, eldest first */
	struct flow *flow;          /* borrowed */
	char *directory;            /* owned: its path, with the slash behind */
	uint32_t ready;             /* how many of its readers are */
	char stem[];
};

/* Put the new `r` where it belongs among the rotations of its file: who has
 * the live name (the one without suffix) behind all others, else by when they
 * were written. So the live name must have been looked at before. */
void chain_join(struct reader *r);

/* `r` reads another content of its file than it was put there for, the one
 * written last: put it where it belongs. */
void chain_date(struct reader *r);

/* Put the new `r`, which reads what the file of `elder` holds since, where it
 * belongs behind that. */
void chain_join_behind(struct reader *r, struct reader *elder);

/* Take `r` out; the chain goes with its last reader. */
void chain_leave(struct reader *r);

/* There may be something to read for `r`, or there is not. */
void chain_ready(struct reader *r);
void chain_rest(struct reader *r);

/* Have those before `r` that may still have grown looked at once more. False:
 * there is none. */
bool chain_ready_elders(struct reader *r);

/* The reader whose turn it is in `c`, which has a ready one. */
struct reader *chain_eldest(const struct chain *c);

/* The reader right before `r`; NULL: none is. */
struct reader *chain_elder(const struct reader *r);

/* Is there one in `r`'s chain that was born after it? */
bool chain_has_younger(const struct reader *r);

#define CHAIN_KIN 32

/* Those whose files `r`'s may be a copy of: of its chain the next ones behind
 * it, some before it, and the youngest; and the youngest of the same log's in
 * the directory above or right below. Answers how many. */
size_t chain_kin(const struct reader *r, struct reader *into[static CHAIN_KIN]);

/* The readers of `flow` whose files are, or were, rotations of what `path` is
 * one of: the first, or with `after` the next; NULL: no more. */
struct reader *chain_next(
    const struct flow *flow, const char *path, const struct reader *after);

#endif
