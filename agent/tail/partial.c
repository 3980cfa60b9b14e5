/* SPDX-License-Identifier: Apache-2.0
 *
 * partial: see partial.h.
 *
 * A flow's readers wait equally long, so they stand on its list in the order
 * in which they are due. Before a line is sent the file is asked for its size:
 * an event may be on its way.
 *
 * Thread: tail.
 */
#include "partial.h"

#include "clock.h"
#include "file.h"
#include "flow.h"
#include "header.h"
#include "hold.h"
#include "line.h"
#include "reader.h"
#include "state.h"

/* Does an unfinished line of `r` stand at the end, that would be sent? */
static bool
has_partial(const struct reader *r)
{
	return r->start == START_SETTLED && r->scanned > r->offset &&
	       !header_awaited(r) && !line_is_behind_footer(r);
}

void
partial_wait(struct tail *t, struct reader *r)
{
	struct flow *f = r->flow;

	if (hold_ms(f) == 0)
		return;
	if (!has_partial(r)) {
		list_remove(&r->partial);
		return;
	}
	if (list_on(&r->partial) && r->still == r->scanned)
		return;
	list_remove(&r->partial);
	r->still = r->scanned;
	r->still_ms = t->now_ms;
	list_add_last(&f->partial, &r->partial);
}

/* `r`'s line has waited long enough. What cannot be sent now is read once
 * more, and waits from then on. */
static void
send(struct tail *t, struct reader *r)
{
	uint32_t links;

	if (r->ready || r->generation != r->file->generation ||
	    file_open(&t->files, r->file) != 0 ||
	    file_refresh(r->file, t->now_ms, &links) != 0)
		reader_ready(r);
	else if (hold_wants_lines(r->flow))
		reader_flush(t, r);
	else
		(void)reader_finish(t, r);
}

static int64_t
due_of(struct tail *t, struct flow *f)
{
	while (!list_empty(&f->partial)) {
		struct reader *r =
		    LIST_ENTRY(f->partial.next, struct reader, partial);
		int64_t due = r->still_ms + hold_ms(f);

		if (due > t->now_ms)
			return due;
		list_remove(&r->partial);
		send(t, r);
	}
	return CLOCK_NEVER;
}

int64_t
partial_due(struct tail *t)
{
	int64_t next = CLOCK_NEVER;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		int64_t due = due_of(t, &t->flows[i]);

		if (due < next)
			next = due;
	}
	return next;
}
