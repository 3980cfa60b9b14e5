/* SPDX-License-Identifier: Apache-2.0
 *
 * lag: see lag.h.
 *
 * What is unread is a sum that is kept: a reader's part of it changes when the
 * reader moves. Only files that wait to be read may grow unnoticed, so while a
 * flow has such, its chains are looked at anew, some at a time, going round:
 * SLICE readers in SLICE_MS, whatever there are, which is at most a hundredth
 * of a core. With 100,000 files that all wait a round takes twenty seconds.
 *
 * How long the eldest byte has waited is known since it was read, or since its
 * flow had last read everything; before this run began nothing is known.
 *
 * Thread: tail.
 */
#include "lag.h"

#include <assert.h>
#include <sys/stat.h>

#include "archive.h"
#include "chain.h"
#include "clock.h"
#include "flow.h"
#include "limit.h"
#include "line.h"
#include "reader.h"
#include "state.h"

#define MEASURE_MS 1000
#define SLICE_MS   100
#define SLICE      512  /* readers looked at in one */
#define BUCKETS    4096 /* of a flow's table of chains, likewise */

/* Where `r` goes on, or will begin. */
static uint64_t
place_of(const struct reader *r)
{
	switch (r->start) {
	case START_SETTLED:
		return r->offset;
	case START_AT_ZERO:
		return 0;
	case START_AT_END:
		return r->seen;
	case START_AT_ROW:
		return r->row_found->committed;
	case START_AS_COPY:
		break;
	}
	return UINT64_MAX;
}

/* What will be skipped, as an earlier life delivered it. */
static uint64_t
delivered_beyond(const struct reader *r)
{
	uint64_t bytes = 0;

	for (uint32_t i = r->skip_done; i < r->skip_count; i++)
		bytes += r->skip[i].to - r->skip[i].from;
	return bytes;
}

static void
set_behind(struct reader *r, uint64_t bytes)
{
	r->flow->unread += bytes - r->behind;
	r->flow->unread_files +=
	    (uint64_t)(bytes > 0) - (uint64_t)(r->behind > 0);
	r->behind = bytes;
}

/* `r`'s file holds `size` bytes. */
static void
take_size(struct reader *r, uint64_t size)
{
	uint64_t from = place_of(r), skipped = delivered_beyond(r);

	if (r->ended || size <= from || line_is_behind_footer(r) ||
	    size - from < skipped)
		set_behind(r, 0);
	else
		set_behind(r, size - from - skipped);
}

/* How long is the file of `r` now? Cheap: its descriptor is asked, or its
 * name. */
static uint64_t
size_now(const struct reader *r)
{
	const struct file *f = r->file;
	struct stat st;

	if (f->packed != UNPACK_NONE)
		return archive_size(r);
	if (f->fd >= 0 ? fstat(f->fd, &st) != 0
		       : list_empty(&f->names) || stat(f->path, &st) != 0 ||
			     st.st_ino != f->id.ino)
		return f->size;
	return (uint64_t)st.st_size;
}

void
lag_note(struct reader *r)
{
	if (r->file != NULL)
		take_size(r, r->file->packed != UNPACK_NONE ? archive_size(r)
							    : r->file->size);
}

void
lag_forget(struct reader *r)
{
	set_behind(r, 0);
}

static unsigned
look_at_chain(struct chain *c)
{
	struct list_node *node;
	unsigned count = 0;

	list_for_each (node, &c->readers) {
		struct reader *r = LIST_ENTRY(node, struct reader, in_chain);

		count++;
		if (r->ready)
			take_size(r, size_now(r));
	}
	return count;
}

/* Go on in the table of `f`. Answers how many readers were looked at; the
 * round of this flow is over when t->lag_bucket is 0 then. */
static unsigned
look_on(struct tail *t, struct flow *f)
{
	size_t most = t->lag_bucket + BUCKETS;
	unsigned count = 0;

	while (t->lag_bucket <= f->chains.mask && t->lag_bucket < most &&
	       count < SLICE) {
		struct list_node *bucket = &f->chains.buckets[t->lag_bucket++];
		struct list_node *node;

		list_for_each (node, bucket) {
			struct table_node *at =
			    LIST_ENTRY(node, struct table_node, node);
			struct chain *c =
			    LIST_ENTRY(at, struct chain, in_table);

			if (c->ready > 0)
				count += look_at_chain(c);
		}
	}
	if (t->lag_bucket > f->chains.mask)
		t->lag_bucket = 0;
	return count;
}

/* One slice of the round. Answers whether it is over. */
static bool
look_around(struct tail *t)
{
	unsigned count = 0;

	while (t->lag_flow < t->config->flow_count && count < SLICE) {
		struct flow *f = &t->flows[t->lag_flow];

		if (!flow_is_empty(f) && !list_empty(&f->ready)) {
			count += look_on(t, f);
			if (t->lag_bucket > 0)
				break;
		}
		t->lag_bucket = 0;
		t->lag_flow++;
	}
	if (t->lag_flow < t->config->flow_count)
		return false;
	t->lag_flow = 0;
	return true;
}

static bool
is_filling(const struct flow *f)
{
	return f->filling != NULL && f->filling->run_count > 0;
}

static int64_t
eldest(const struct flow *f)
{
	int64_t since = CLOCK_NEVER;

	if (!window_empty(&f->window))
		since = window_slot(&f->window, f->window.first)->born_ms;
	else if (is_filling(f))
		since = f->filling->born_ms;
	if (!list_empty(&f->ready) && f->caught_up_ms < since)
		since = f->caught_up_ms;
	return since;
}

static enum stats_tail_wait
wait_of(const struct tail *t, const struct flow *f)
{
	if (f->starved && window_full(&f->window))
		return STATS_TAIL_WINDOW;
	if (f->starved && f->limit_due_ms > t->now_ms && !f->limit_known)
		return STATS_TAIL_LIMIT;
	if (f->starved)
		return STATS_TAIL_MEMORY;
	if (!list_empty(&f->ready))
		return STATS_TAIL_NOTHING;
	return stats_get(&f->stats->files) > 0 ? STATS_TAIL_NEWS
					       : STATS_TAIL_FILES;
}

static void
say_lag(const struct tail *t, struct flow *f)
{
	struct flow_stats *s = f->stats;
	int64_t since;

	if (f->caught_up_ms == 0) /* it has just come */
		f->caught_up_ms = t->now_ms;
	since = eldest(f);

	stats_set(&s->bytes_behind, f->unread + stats_get(&s->bytes_in_flight));
	stats_set(&s->files_behind, f->unread_files);
	stats_set(&s->millis_behind,
	    since < t->now_ms ? (uint64_t)(t->now_ms - since) : 0);
	stats_set(&s->tail_waits, wait_of(t, f));
}

/* `ms` after it was last asked. Answers whether anything moved. */
static bool
say_rate(struct flow *f, uint64_t ms)
{
	struct flow_stats *s = f->stats;
	uint64_t records = stats_get(&s->records_delivered);
	uint64_t bytes = stats_get(&s->bytes_delivered);
	bool moved = records != f->rated_records;

	stats_set(
	    &s->records_a_second, (records - f->rated_records) * 1000 / ms);
	stats_set(&s->bytes_a_second, (bytes - f->rated_bytes) * 1000 / ms);
	f->rated_records = records;
	f->rated_bytes = bytes;
	return moved;
}

/* Answers whether there will be other numbers soon. */
static bool
measure(struct tail *t)
{
	int64_t ms = t->now_ms - t->rated_ms;
	bool moving = false;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		struct flow *f = &t->flows[i];

		if (flow_is_empty(f))
			continue;
		say_lag(t, f);
		if (ms >= MEASURE_MS && say_rate(f, (uint64_t)ms))
			moving = true;
		moving = moving || !list_empty(&f->ready) ||
			 !window_empty(&f->window) || is_filling(f);
	}
	if (ms >= MEASURE_MS)
		t->rated_ms = t->now_ms;
	return moving || ms < MEASURE_MS;
}

int64_t
lag_due(struct tail *t)
{
	/* busy_ms: something was read, or came home, since it last said that
	 * nothing moves. */
	if (t->now_ms < t->lag_ms)
		return t->lag_moving || t->busy_ms != 0 ? t->lag_ms
							: CLOCK_NEVER;
	if (t->lag_flow > 0 || t->lag_bucket > 0 ||
	    t->now_ms - t->rated_ms >= MEASURE_MS) {
		bool over = look_around(t);

		t->lag_ms = t->now_ms + (over ? MEASURE_MS : SLICE_MS);
	}
	t->lag_moving = measure(t);
	return t->lag_moving ? t->lag_ms : CLOCK_NEVER;
}

void
lag_say(struct tail *t)
{
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (!flow_is_empty(&t->flows[i]))
			say_lag(t, &t->flows[i]);
}
