/* SPDX-License-Identifier: Apache-2.0
 *
 * tail_world: everything around a real tail, moved by hand. The file system
 * and inotify are the kernel's own; the clock and the loop are replaced at
 * link time, the ship and the ledger are lists here. For one test program
 * each: it defines the symbols of clock.c and loop.c.
 */
#ifndef TAIL_WORLD_H
#define TAIL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "config.h"
#include "digest.h"
#include "ledger.h"
#include "letter.h"
#include "loop.h"
#include "mem.h"
#include "stats.h"
#include "tail.h"
#include "tail/state.h"

#define WORLD_FLOWS 2

struct world {
	char dir[64]; /* where the logs are */
	struct config config;
	struct flow_config flows[WORLD_FLOWS];
	struct flow_stats stats[WORLD_FLOWS];
	struct handoff home, to_ship, to_ledger, to_letters;
	struct loop *loop;
	struct tail *tail;
	struct list_node out; /* batches on their way, oldest first */
	size_t out_count;
	struct list_node unkept; /* batches whose letters are not on disk */
	char *dead; /* owned: the letters on disk, "PART FROM-TO DATA" */
	struct list_node notices; /* not on disk yet */
	bool hung;                /* the ledger takes no notices */
	struct checkpoint *rows;  /* what the disk holds: owned */
	size_t row_count;
	bool known[WORLD_FLOWS];
	/* Every record of a batch that leaves, and of one delivered. */
	void (*sent)(struct world *w, const struct batch *b, struct span line);
	void (*delivered)(
	    struct world *w, const struct batch *b, struct span line);
	char *text; /* owned: delivered lines of flow 0, for simple tests */
	size_t text_len, text_room;
};

static struct {
	int64_t now, until, asked;
	int64_t back;        /* the wall clock was set back by so much */
	struct world *bring; /* in a drain: bring its batches home */
} hand = { .now = 1000000 };

/* clock.h */

int64_t
clock_ms(void)
{
	return hand.now;
}

int64_t
clock_wall_ms(void)
{
	return INT64_C(1795300000000) + hand.now - hand.back;
}

void
clock_basic(int64_t wall_ms, char out[static 17])
{
	(void)wall_ms;
	memcpy(out, "20261121T214200Z", 17);
}

void
clock_extended(int64_t wall_ms, char out[static 25])
{
	(void)snprintf(out, 25, "%024lld", (long long)wall_ms);
}

/* loop.h */

static void world_bring(struct world *w);

struct loop {
	struct pollfd fds[4];
	nfds_t count;
};

struct loop *
loop_new(void)
{
	return mem_new(sizeof(struct loop));
}

void
loop_free(struct loop *l)
{
	free(l);
}

int
loop_add(struct loop *l, int fd, loop_ready_fn *ready, void *owner)
{
	(void)ready, (void)owner;
	assert_true(l->count < 4);
	l->fds[l->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 0;
}

void
loop_remove(struct loop *l, int fd)
{
	for (nfds_t i = 0; i < l->count; i++)
		if (l->fds[i].fd == fd)
			l->fds[i] = l->fds[--l->count];
}

void
loop_wait(struct loop *l, int64_t wait_ms)
{
	int64_t left = hand.until - hand.now;

	if (hand.bring != NULL)
		world_bring(hand.bring);
	if (poll(l->fds, l->count, 0) > 0)
		wait_ms = 0;
	hand.asked = wait_ms;
	if (left > 0 && wait_ms > 0)
		hand.now += wait_ms < left ? wait_ms : left;
}

/* The records of a batch. */

static __attribute__((unused)) size_t
world_head(const unsigned char *at, uint64_t *n)
{
	unsigned low = at[0] & 31;
	size_t bytes = low < 24 ? 0 : (size_t)1 << (low - 24);

	*n = low < 24 ? low : 0;
	for (size_t i = 0; i < bytes; i++)
		*n = *n << 8 | at[1 + i];
	return 1 + bytes;
}

/* The data of record `i`: map(2 or 3), "Data", bytes, ... */
static struct span
world_record(const struct batch *b, uint32_t i)
{
	const unsigned char *at = b->body + b->start[i] + 6;
	uint64_t len;
	size_t head = world_head(at, &len);

	assert_in_range(at[-6], 0xa2, 0xa3);
	assert_memory_equal(at - 5,
	    "\x64"
	    "Data",
	    5);
	return span_of(at + head, (size_t)len);
}

/* What happened with the tail since the last time. */
static __attribute__((unused)) void
world_collect(struct world *w)
{
	struct list_node parcels, *node;

	list_init(&parcels);
	handoff_take(&w->to_ship, &parcels);
	while ((node = list_take_first(&parcels)) != NULL) {
		struct batch *b = batch_of(node);

		for (uint32_t i = 0; w->sent != NULL && i < b->count; i++)
			w->sent(w, b, world_record(b, i));
		list_add_last(&w->out, node);
		w->out_count++;
	}
	if (!w->hung)
		handoff_take(&w->to_ledger, &w->notices);
	handoff_take(&w->to_letters, &w->unkept);
}

/* The ledger keeps the dead letters that wait, and sends their batches home. */
static __attribute__((unused)) void
world_keep(struct world *w)
{
	struct list_node *node;
	struct letter letter;
	struct buf room;

	buf_init(&room, 1 << 20);
	world_collect(w);
	while ((node = list_take_first(&w->unkept)) != NULL) {
		struct batch *b = batch_of(node);

		for (uint32_t i = 0; i < b->count; i++) {
			char *more;

			if (!letter_is(b, i))
				continue;
			letter_read(b, i, &room, &letter);
			assert_non_null(letter.path);
			more = mem_format("%s%d %llu-%llu %.*s\n", w->dead,
			    (int)letter.part, (unsigned long long)letter.from,
			    (unsigned long long)letter.to, (int)letter.data.len,
			    letter.data.at);
			free(w->dead);
			w->dead = more;
		}
		b->outcome = BATCH_KEPT;
		batch_send(&w->home, &b);
	}
	buf_fini(&room);
}

static __attribute__((unused)) struct batch *
world_out(const struct world *w, size_t nth)
{
	struct list_node *at = w->out.next;

	assert_true(nth < w->out_count);
	while (nth-- > 0)
		at = at->next;
	return batch_of(at);
}

static __attribute__((unused)) void
world_note_line(struct world *w, const struct batch *b, struct span line)
{
	if (w->delivered != NULL)
		w->delivered(w, b, line);
	if (b->flow != 0)
		return;
	if (w->text_len + line.len + 1 > w->text_room) {
		w->text_room = 2 * (w->text_len + line.len + 1);
		w->text = mem_resize(w->text, w->text_room, 1);
	}
	memcpy(w->text + w->text_len, line.at, line.len);
	w->text_len += line.len;
	w->text[w->text_len] = '\0';
}

static __attribute__((unused)) void
world_deliver(struct world *w, size_t nth)
{
	struct batch *b = world_out(w, nth);

	for (uint32_t i = 0; i < b->count; i++)
		if (!letter_is(b, i))
			world_note_line(w, b, world_record(b, i));
	list_remove(&b->node);
	w->out_count--;
	b->outcome = BATCH_DELIVERED;
	batch_send(&w->home, &b);
}

static __attribute__((unused)) void
world_deliver_all(struct world *w)
{
	world_collect(w);
	while (w->out_count > 0)
		world_deliver(w, 0);
	world_keep(w);
}

static __attribute__((unused)) void
world_bring(struct world *w)
{
	world_deliver_all(w);
}

/* Let the tail run for `ms`. */
static __attribute__((unused)) void
world_pass(struct world *w, int64_t ms)
{
	int quiet = 0;

	hand.until = hand.now + ms;
	while (quiet < 2) {
		tail_turn(w->tail);
		for (size_t i = 0; i < WORLD_FLOWS; i++)
			assert_true(stats_balance(&w->stats[i])); /* I7 */
		if (hand.now >= hand.until && hand.asked > 0)
			quiet++;
		else
			quiet = 0;
	}
	world_collect(w);
}

/* Let it run, everything that leaves arriving at once. */
static __attribute__((unused)) void
world_flow(struct world *w, int64_t ms)
{
	for (int64_t end = hand.now + ms; hand.now < end;) {
		world_pass(w, end - hand.now < 10 ? end - hand.now : 10);
		world_deliver_all(w);
	}
	world_pass(w, 0);
}

/* The disk. */

static __attribute__((unused)) struct checkpoint *
world_row(const struct world *w, uint64_t row)
{
	for (size_t i = 0; i < w->row_count; i++)
		if (w->rows[i].row == row)
			return &w->rows[i];
	return NULL;
}

static __attribute__((unused)) void
world_save(struct world *w, struct checkpoint *row)
{
	struct checkpoint *old = world_row(w, row->row);

	if (old == NULL) {
		w->rows =
		    mem_resize(w->rows, w->row_count + 1, sizeof(*w->rows));
		old = &w->rows[w->row_count++];
	} else {
		checkpoint_fini(old);
	}
	*old = *row;
	memset(row, 0, sizeof(*row));
}

static __attribute__((unused)) void
world_forget(struct world *w, uint64_t row)
{
	struct checkpoint *old = world_row(w, row);

	if (old == NULL)
		return;
	checkpoint_fini(old);
	*old = w->rows[--w->row_count];
}

/* The first notice that waits reaches the disk. */
static __attribute__((unused)) void
world_write_one(struct world *w)
{
	struct list_node *node = list_take_first(&w->notices);
	struct notice *n = LIST_ENTRY(node, struct notice, node);

	for (uint32_t i = 0; i < n->count; i++) {
		if (n->kind == NOTICE_FORGET)
			world_forget(w, n->rows[i].row);
		else
			world_save(w, &n->rows[i]);
	}
	for (size_t i = 0; n->kind == NOTICE_START && i < WORLD_FLOWS; i++)
		if (strcmp(w->flows[i].name, n->flow) == 0)
			w->known[i] = true;
	notice_free(n);
}

static __attribute__((unused)) void
world_write(struct world *w)
{
	world_collect(w);
	while (!list_empty(&w->notices))
		world_write_one(w);
}

/* A life of the agent. */

static __attribute__((unused)) void
world_start(struct world *w)
{
	struct tail_doors doors = { .home = &w->home,
		.to_ship = &w->to_ship,
		.to_ledger = &w->to_ledger,
		.to_letters = &w->to_letters };

	doors.loop = w->loop;
	w->tail = tail_new(&w->config, w->stats, &doors);
	assert_non_null(w->tail);
	for (size_t i = 0; i < w->config.flow_count; i++)
		if (w->known[i])
			tail_know_flow(w->tail, i);
	for (size_t i = 0; i < w->row_count; i++)
		tail_restore(w->tail, &w->rows[i]);
	tail_begin(w->tail);
	world_pass(w, 0);
}

/* The ship has ended: what is out comes back as it is. */
static __attribute__((unused)) void
world_abandon(struct world *w)
{
	world_collect(w);
	while (w->out_count > 0) {
		struct batch *b = world_out(w, 0);

		list_remove(&b->node);
		w->out_count--;
		b->outcome = BATCH_ABANDONED;
		batch_send(&w->home, &b);
	}
	while (!list_empty(&w->unkept)) {
		struct batch *b = batch_of(list_take_first(&w->unkept));

		b->outcome = BATCH_ABANDONED;
		batch_send(&w->home, &b);
	}
}

/* Stop as SIGTERM does; everything that is out arrives. */
static __attribute__((unused)) void
world_stop(struct world *w)
{
	tail_stop(w->tail);
	hand.bring = w;
	hand.until = hand.now + 60000;
	tail_run(w->tail);
	hand.bring = NULL;
	world_abandon(w);
	tail_finish(w->tail);
	world_write(w);
	tail_free(w->tail);
	w->tail = NULL;
}

/* As SIGKILL does, seen from the disk: nothing more is noted, and what was
 * not written yet never is. */
static __attribute__((unused)) void
world_kill(struct world *w)
{
	struct list_node *node;

	world_collect(w);
	while ((node = list_take_first(&w->notices)) != NULL)
		notice_free(LIST_ENTRY(node, struct notice, node));
	world_abandon(w);
	tail_finish(w->tail);
	handoff_take(&w->to_ledger, &w->notices);
	while ((node = list_take_first(&w->notices)) != NULL)
		notice_free(LIST_ENTRY(node, struct notice, node));
	tail_free(w->tail);
	w->tail = NULL;
}

/* The operator. */

static __attribute__((unused)) void
world_flow_config(struct world *w, size_t i, const char *name, const char *glob)
{
	struct flow_config *f = &w->flows[i];

	*f = (struct flow_config){
		.name = mem_dup(name),
		.patterns = mem_new_array(2, sizeof(char *)),
		.destination = DESTINATION_STREAM,
		.wire = CONFIG_WIRE_CBOR,
		.position = POSITION_START_OF_FILE,
		.key_option = KEY_RANDOM,
		.oversize = OVERSIZE_TRUNCATE,
		.terminator = mem_dup("\n"),
		.keep_newline = true,
		.age_ms = 20,
		.max_records = 500,
		.max_bytes = 5 << 20,
		.rescan_ms = 10000,
	};
	f->patterns[0] = mem_format("%s/%s", w->dir, glob);
}

static __attribute__((unused)) void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tail-world-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(digest_setup(), 0);
	w->config = (struct config){
		.flows = w->flows,
		.flow_count = 1,
		.checkpoint_ms = 100,
		.checkpoint_days = 7,
		.memory_budget = 64 << 20,
		.shutdown_ms = 5000,
	};
	world_flow_config(w, 0, "a", "*.log");
	world_flow_config(w, 1, "b", "a*.log");
	/* Asked how large records may be, the streams say: as usual. */
	for (size_t i = 0; i < WORLD_FLOWS; i++)
		stats_set_limit(&w->stats[i], i, 1 << 20);
	assert_int_equal(handoff_init(&w->home), 0);
	assert_int_equal(handoff_init(&w->to_ship), 0);
	assert_int_equal(handoff_init(&w->to_ledger), 0);
	assert_int_equal(handoff_init(&w->to_letters), 0);
	w->loop = loop_new();
	list_init(&w->out);
	list_init(&w->notices);
	list_init(&w->unkept);
	w->text = mem_dup("");
	w->dead = mem_dup("");
}

static __attribute__((unused)) void
world_remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char *one;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		one = mem_format("%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			world_remove_tree(one);
		(void)unlink(one);
		free(one);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static __attribute__((unused)) void
world_fini(struct world *w)
{
	if (w->tail != NULL)
		world_kill(w);
	for (size_t i = 0; i < WORLD_FLOWS; i++) {
		free(w->flows[i].name);
		free(w->flows[i].patterns[0]);
		free(w->flows[i].patterns);
		free(w->flows[i].terminator);
	}
	for (size_t i = 0; i < w->row_count; i++)
		checkpoint_fini(&w->rows[i]);
	free(w->rows);
	free(w->text);
	free(w->dead);
	loop_free(w->loop);
	handoff_fini(&w->home);
	handoff_fini(&w->to_ship);
	handoff_fini(&w->to_ledger);
	handoff_fini(&w->to_letters);
	world_remove_tree(w->dir);
}

/* The writer. Borrowed until the next call but three. */

static const char *
world_path(const struct world *w, const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", w->dir, name);
	return path;
}

static __attribute__((unused)) void
world_put(const struct world *w, const char *name, const void *at, size_t len)
{
	int fd = open(world_path(w, name),
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, at, len), len);
	assert_int_equal(close(fd), 0);
}

static __attribute__((unused)) void
world_log(const struct world *w, const char *name, const char *text)
{
	world_put(w, name, text, strlen(text));
}

static __attribute__((unused)) void
world_rename(const struct world *w, const char *from, const char *to)
{
	assert_int_equal(rename(world_path(w, from), world_path(w, to)), 0);
}

static __attribute__((unused)) void
world_cut(const struct world *w, const char *name, off_t size)
{
	assert_int_equal(truncate(world_path(w, name), size), 0);
}

/* How often `text` is in what flow 0 delivered. */
static __attribute__((unused)) size_t
world_times(const struct world *w, const char *text)
{
	size_t times = 0, len = strlen(text);

	for (size_t i = 0; i + len <= w->text_len; i++)
		times += memcmp(w->text + i, text, len) == 0;
	return times;
}

#endif
