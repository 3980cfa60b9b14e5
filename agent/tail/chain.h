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
 * the live name (the one without suffix) behind all others, else by birth. So
 * the live name must have been looked at before. */
void chain_join(struct reader *r);

/* `r` reads what was written up to `written_ms` (wall clock) to a file that
 * was truncated before: its birth says nothing. Put it where it belongs. */
void chain_date(struct reader *r, int64_t written_ms);

/* Put the new `r`, which reads what came after, right behind `elder`. */
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

/* Is there one in `r`'s chain that was born after it? */
bool chain_has_younger(const struct reader *r);

/* The youngest settled reader of `flow` in `directory` (or in the one above
 * or right below) whose file is called what `f` is called but for a rotation
 * suffix that `f` has on top: the one `f` may be a copy of. NULL: none. */
struct reader *chain_original(const struct flow *flow, const struct file *f);

#endif
