/* SPDX-License-Identifier: Apache-2.0
 *
 * past: contents that are gone from where they were read, remembered for a
 * while. An archive of one may come to light later (copytruncate and compress
 * between two looks); but for this it would be taken for news.
 *
 * Thread: tail.
 */
#ifndef PAST_H
#define PAST_H

struct checkpoint;
struct entry;
struct flow;
struct reader;
struct tail;

/* Remember what `r` has read, which is taken off its file now. */
void past_remember(struct tail *t, struct reader *r);

/* The same of what `row`, which is `flow`'s, says: its file is not there. */
void past_remember_row(
    struct tail *t, const struct flow *flow, const struct checkpoint *row);

/* `r` goes: nothing of it rides any more. */
void past_landed(struct reader *r);

enum past_answer {
	PAST_UNKNOWN, /* it is none of the contents that we remember */
	PAST_EARLY,   /* nothing can be said yet */
	PAST_READ,    /* there is nothing in it that was not read */
	PAST_LONGER   /* there is more in it, from where `more` says */
};

/* Is the archive `e` of a content that `flow` read? Each content becomes one
 * archive: another one with the same bytes is news. On PAST_LONGER `more` is
 * the place to read it from: the caller's, for checkpoint_fini. */
enum past_answer past_is(struct tail *t, const struct flow *flow,
    struct entry *e, struct checkpoint *more);

/* Forget everything. */
void past_fini(struct tail *t);

/* Forget what `flow`, which leaves, has read. */
void past_forget_flow(struct tail *t, const struct flow *flow);

#endif
