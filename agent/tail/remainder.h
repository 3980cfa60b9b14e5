/* SPDX-License-Identifier: Apache-2.0
 *
 * remainder: what a flow had sealed when its settings were changed. It goes
 * where it was made to go, beside what the flow seals since.
 *
 * Thread: tail.
 */
#ifndef REMAINDER_H
#define REMAINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"
#include "window.h"

struct batch;
struct flow;
struct flow_config;
struct reader;
struct tail;

struct remainder {
	struct list_node node;            /* on tail.remainders, eldest first */
	struct flow *flow;                /* borrowed */
	const struct flow_config *config; /* borrowed: that it was made by */
	struct window window;
	size_t lane;
};

/* The bytes of one reader's file that ride in a remainder. Those of its debts
 * lie edge to edge, the eldest first, and end where `committed` began: that
 * runs ahead of them. */
struct debt {
	const struct remainder *to; /* borrowed; NULL: paid */
	uint64_t committed, end;
};

/* Every byte of `r` before this is accounted for. */
uint64_t remainder_committed(const struct reader *r);

/* What `f` has sealed becomes a remainder. Nothing is being filled. */
void remainder_make(struct tail *t, struct flow *f);

/* The remainder that `b` belongs to; NULL: it is of what its flow seals now. */
struct remainder *remainder_of(const struct tail *t, const struct batch *b);

/* `r`'s bytes up to `end`, which ride in `m`, are delivered. */
void remainder_pay(struct reader *r, const struct remainder *m, uint64_t end);

/* Commit what is delivered at the old end of `f`'s remainders. */
void remainder_commit(struct tail *t, struct flow *f);

/* Has `f` one, or any flow where it is NULL? */
bool remainder_left(const struct tail *t, const struct flow *f);

/* Add to the rows being noted of `readers` what remainders have delivered above
 * what is accounted for, and what was committed since. */
void remainder_note(
    struct tail *t, struct reader *const *readers, size_t count);

/* Let those go of which all is home. */
void remainder_due(struct tail *t);

void remainder_fini(struct tail *t);

#endif
