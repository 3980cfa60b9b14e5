/* SPDX-License-Identifier: Apache-2.0
 *
 * letterbox: see letterbox.h.
 *
 * A batch waits here until its letters are synced (I5): while a disk fails
 * that is tried again with growing pauses, and the log says so once a minute.
 * Meanwhile the batch holds its memory and its place in the window, so a flow
 * that makes letters faster than they can be kept stops reading, and no other
 * does. What waits of a flow is written together: one sync, many batches.
 *
 * Invariants: each waiting batch is on its box's list, and on no other (I3).
 *
 * Thread: ledger's; letterbox_new and letterbox_free are their caller's.
 */
#include "letterbox.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "batch.h"
#include "buf.h"
#include "clock.h"
#include "config.h"
#include "letter.h"
#include "letterline.h"
#include "list.h"
#include "log.h"
#include "mem.h"
#include "pen.h"
#include "segments.h"

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS   30000
#define DATA_MAX       ((size_t)16 << 20) /* more than any record has */

/* One flow's, or of the one that had its slot last. */
struct box {
	char *name;               /* owned: of the flow; NULL: none yet */
	struct flow_stats *stats; /* borrowed */
	struct segments segments;
	struct list_node waiting; /* batches, the eldest first */
	uint32_t taken;           /* so many of them are being written now */
	int64_t retry_at;         /* clock_ms; while failing */
	int64_t pause_ms; /* the next one after a failure; 0: not failing */
	struct log_gate gate, loss_gate;
};

struct letterbox {
	const struct config *config;
	struct handoff *home;
	struct handoff inbox;
	char *directory;    /* owned */
	atomic_bool ending; /* set once, by the thread that waits */
	int ended;          /* eventfd: readable when all are home */
	struct box *boxes;  /* owned: one for each flow */
	struct pen pen;
	struct buf room; /* a letter's data */
};

static void
close_box(struct box *box)
{
	if (box->name != NULL)
		segments_fini(&box->segments);
	free(box->name);
	box->name = NULL;
}

static void
open_box(struct letterbox *l, struct box *box, const char *name)
{
	assert(list_empty(&box->waiting));
	close_box(box);
	box->name = mem_dup(name);
	box->pause_ms = 0;
	segments_init(
	    &box->segments, l->directory, name, l->config->dead_letter_bytes);
}

struct letterbox *
letterbox_new(
    const struct config *config, struct flow_stats *stats, struct handoff *home)
{
	struct letterbox *l = mem_new(sizeof(*l));

	l->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->ended < 0)
		log_error("dead letters: cannot make an eventfd: %s",
		    strerror(errno));
	if (l->ended < 0 || handoff_init(&l->inbox) != 0) {
		if (l->ended >= 0)
			(void)close(l->ended);
		free(l);
		return NULL;
	}
	l->config = config;
	l->home = home;
	buf_init(&l->room, DATA_MAX);
	l->boxes = mem_new_array(config->flow_count, sizeof(*l->boxes));
	l->directory = mem_format("%s/dead-letter", config->state_directory);
	for (size_t i = 0; i < config->flow_count; i++) {
		struct box *box = &l->boxes[i];

		box->stats = &stats[i];
		list_init(&box->waiting);
		if (!config_flow_is_empty(&config->flows[i]))
			open_box(l, box, config->flows[i].name);
	}
	return l;
}

void
letterbox_free(struct letterbox *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->config->flow_count; i++) {
		assert(list_empty(&l->boxes[i].waiting));
		close_box(&l->boxes[i]);
	}
	free(l->boxes);
	free(l->directory);
	buf_fini(&l->room);
	handoff_fini(&l->inbox);
	(void)close(l->ended);
	free(l);
}

struct handoff *
letterbox_inbox(struct letterbox *l)
{
	return &l->inbox;
}

/* What `b` was made by. */
static const struct flow_config *
flow_of(const struct letterbox *l, const struct batch *b)
{
	if (b->letters->flow != NULL)
		return b->letters->flow;
	return config_flow(l->config, b->flow);
}

static void
take_in(struct letterbox *l)
{
	struct list_node taken, *node;

	list_init(&taken);
	handoff_take(&l->inbox, &taken);
	while ((node = list_take_first(&taken)) != NULL) {
		const struct batch *b = batch_of(node);
		struct box *box = &l->boxes[b->flow];
		const char *name = flow_of(l, b)->name;

		assert(b->flow < l->config->flow_count && letter_count(b) > 0);
		if (box->name == NULL || strcmp(box->name, name) != 0)
			open_box(l, box, name);
		list_add_last(&box->waiting, node);
	}
}

/* What segments_keep writes: the letters of the first box->taken batches. */
struct filling {
	struct letterbox *l;
	struct box *box;
};

static void
write_batch(struct letterbox *l, const struct batch *b, struct pen *pen)
{
	struct letter letter;

	for (uint32_t i = 0; i < b->count; i++) {
		if (!letter_is(b, i))
			continue;
		letter_read(b, i, &l->room, &letter);
		letterline_write(
		    pen, &letter, flow_of(l, b), b->letters->wall_ms);
	}
}

static void
fill(void *owner, struct pen *pen)
{
	const struct filling *f = owner;
	struct list_node *node;
	uint32_t left = f->box->taken;

	list_for_each (node, &f->box->waiting) {
		if (left-- == 0)
			break;
		write_batch(f->l, batch_of(node), pen);
	}
}

/* As many batches as make up a segment, one at least. */
static void
choose(struct letterbox *l, struct box *box)
{
	uint64_t part = box->segments.bound / SEGMENTS_SHARE;
	struct list_node *node;

	box->taken = 0;
	pen_begin(&l->pen, -1);
	list_for_each (node, &box->waiting) {
		write_batch(l, batch_of(node), &l->pen);
		if (box->taken > 0 && l->pen.total > part)
			break;
		box->taken++;
	}
}

static void
send_home(struct letterbox *l, struct list_node *node, enum batch_outcome how)
{
	struct batch *b = batch_of(node);

	b->outcome = how;
	batch_send(l->home, &b);
}

static void
note_loss(struct box *box, const struct segments_loss *loss, int64_t now_ms)
{
	uint64_t held;

	if (loss->letters == 0)
		return;
	stats_add(&box->stats->records_lost_dead, loss->letters);
	stats_add(&box->stats->bytes_lost_dead, loss->bytes);
	if (log_gate_open(&box->loss_gate, now_ms, &held))
		log_warn("flow %s: lost (dead-letter-full): %" PRIu64
			 " letters (%" PRIu64 " bytes of the log) made room "
			 "for newer ones in %s (and %" PRIu64
			 " more times): send them again and remove them in "
			 "time, or raise deadLetterMaxBytes",
		    box->name, loss->letters, loss->bytes, box->segments.path,
		    held);
}

static void
note_success(struct letterbox *l, struct box *box)
{
	if (box->pause_ms > 0)
		log_info("flow %s: %s: dead letters are written again",
		    box->name, box->segments.path);
	box->pause_ms = 0;
	stats_set(&box->stats->letters_wait, 0);
	for (; box->taken > 0; box->taken--)
		send_home(l, list_take_first(&box->waiting), BATCH_KEPT);
}

static void
note_failure(struct box *box, int64_t now_ms)
{
	uint64_t held;

	remark_say(&box->stats->ledger_trouble, clock_wall_ms(),
	    "%s: cannot keep dead letters: %s", box->segments.path,
	    box->segments.why);
	stats_set(&box->stats->letters_wait, 1);
	if (log_gate_open(&box->gate, now_ms, &held))
		log_warn("flow %s: %s: cannot keep dead letters: %s; trying "
			 "again, and when the flow's memory is used up its "
			 "files wait",
		    box->name, box->segments.path, box->segments.why);
	box->pause_ms = box->pause_ms == 0 ? RETRY_FIRST_MS : box->pause_ms * 2;
	if (box->pause_ms > RETRY_MAX_MS)
		box->pause_ms = RETRY_MAX_MS;
	box->retry_at = now_ms + box->pause_ms;
}

/* Write until nothing waits or it fails. */
static void
work_box(struct letterbox *l, struct box *box)
{
	struct filling filling = { l, box };
	struct segments_loss loss;

	while (!list_empty(&box->waiting)) {
		choose(l, box);
		bool kept = segments_keep(
		    &box->segments, &l->pen, fill, &filling, &loss);

		note_loss(box, &loss, clock_ms());
		if (!kept) {
			note_failure(box, clock_ms());
			return;
		}
		note_success(l, box);
	}
}

static void
give_up(struct letterbox *l)
{
	struct list_node *node;

	for (size_t i = 0; i < l->config->flow_count; i++) {
		while ((node = list_take_first(&l->boxes[i].waiting)) != NULL)
			send_home(l, node, BATCH_ABANDONED);
	}
}

static int64_t
work(struct letterbox *l, int64_t now_ms, bool at_once)
{
	int64_t due = CLOCK_NEVER;

	take_in(l);
	for (size_t i = 0; i < l->config->flow_count; i++) {
		struct box *box = &l->boxes[i];

		if (list_empty(&box->waiting))
			continue;
		if (at_once || box->pause_ms == 0 || box->retry_at <= now_ms)
			work_box(l, box);
		if (!list_empty(&box->waiting) && box->retry_at < due)
			due = box->retry_at;
	}
	return due;
}

int64_t
letterbox_work(struct letterbox *l, int64_t now_ms)
{
	uint64_t one = 1;
	/* Asked before the inbox is emptied: nothing comes after the end. */
	bool ending = atomic_load(&l->ending);
	int64_t due = work(l, now_ms, ending);

	if (!ending)
		return due;
	give_up(l);
	(void)!write(l->ended, &one, sizeof(one));
	return CLOCK_NEVER;
}

int
letterbox_end(struct letterbox *l, bool working, int64_t wait_ms)
{
	struct pollfd fd = { .fd = l->ended, .events = POLLIN };
	int64_t now_ms = clock_ms(), end_ms = now_ms + wait_ms;

	atomic_store(&l->ending, true);
	if (!working) {
		(void)letterbox_work(l, now_ms);
		return 0;
	}
	handoff_wake(&l->inbox);
	for (;;) {
		int64_t left = end_ms - now_ms;

		if (poll(&fd, 1, left > 0 ? (int)left : 0) == 1)
			return 0;
		if (left <= 0)
			break;
		now_ms = clock_ms();
	}
	log_error("%s/dead-letter: gave up after %" PRId64
		  " ms: its disk does not answer; what was not kept there is "
		  "read again at the next start",
	    l->config->state_directory, wait_ms);
	return -1;
}
