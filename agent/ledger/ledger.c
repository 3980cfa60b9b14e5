/* SPDX-License-Identifier: Apache-2.0
 *
 * ledger: the thread that may wait for disks.
 *
 * Dead letters are the letterbox's (letterbox.c); the thread only brings the
 * time. This is about notices.
 *
 * Notices come in through a handoff, are folded into what the disk is owed
 * (arrears), and that is written in one transaction: what waits in the inbox
 * is one write however many notices it is. While the disk fails nothing else
 * in the agent does: the newest state of every row waits in memory, the write
 * is tried again with growing pauses, and the log says so once a minute.
 *
 * Invariants: between ledger_start and ledger_close only the thread touches
 * db, arrears and the retry's times; `stop_by` goes one way, `ended` the
 * other.
 *
 * Refuses to start over: what it cannot read it does not replace.
 */
#include "ledger.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arrears.h"
#include "checkpoints.h"
#include "clock.h"
#include "config.h"
#include "import.h"
#include "letterbox.h"
#include "lock.h"
#include "log.h"
#include "mem.h"
#include "site.h"

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS   30000
#define TRIM_ROWS      1000

struct ledger {
	const struct config *config; /* borrowed */
	struct site site;            /* holds the database's true name */
	const char *path;            /* borrowed from it */
	int lock;                    /* held for our lifetime; -1: not taken */
	struct checkpoints *db;      /* owned; the thread closes it */
	struct handoff inbox;
	bool has_inbox;
	int ended; /* eventfd: readable when the thread is through */
	pthread_t thread;
	bool running;            /* the thread was started and not joined */
	_Atomic int64_t stop_by; /* clock_ms to be through by; CLOCK_NEVER */
	_Atomic uint64_t beats;  /* turns of the thread */

	struct letterbox *letters; /* owned; NULL: none are taken */
	struct handoff *answers;   /* borrowed; NULL: nobody asks */

	/* the thread's own */
	int64_t letters_due; /* clock_ms, or CLOCK_NEVER */
	struct arrears arrears;
	struct list_node asked; /* notices to be answered */
	bool stopping;
	bool failing;     /* the last write failed */
	int64_t retry_at; /* clock_ms; meaningful while arrears wait */
	int64_t pause_ms; /* the next pause after a failure */
	struct log_gate gate;
};

static void
free_inbox(struct ledger *l)
{
	struct list_node taken, *at;

	while ((at = list_take_first(&l->asked)) != NULL)
		notice_free(LIST_ENTRY(at, struct notice, node));
	if (!l->has_inbox)
		return;
	list_init(&taken);
	handoff_take(&l->inbox, &taken);
	while ((at = list_take_first(&taken)) != NULL)
		notice_free(LIST_ENTRY(at, struct notice, node));
	handoff_fini(&l->inbox);
}

static void
free_ledger(struct ledger *l)
{
	assert(!l->running);
	checkpoints_close(l->db);
	arrears_fini(&l->arrears);
	letterbox_free(l->letters);
	free_inbox(l);
	if (l->ended >= 0)
		(void)close(l->ended);
	lock_release(l->lock);
	site_fini(&l->site);
	free(l);
}

static int
open_channels(struct ledger *l)
{
	if (handoff_init(&l->inbox) != 0)
		return -1;
	l->has_inbox = true;
	l->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->ended >= 0)
		return 0;
	log_error("ledger: cannot make an eventfd: %s", strerror(errno));
	return -1;
}

struct ledger *
ledger_open(const struct config *config)
{
	struct ledger *l = mem_new(sizeof(*l));

	assert(config->checkpoint_file != NULL);
	l->config = config;
	l->lock = l->ended = -1;
	l->letters_due = CLOCK_NEVER;
	l->pause_ms = RETRY_FIRST_MS;
	atomic_init(&l->stop_by, CLOCK_NEVER);
	arrears_init(&l->arrears, 0);
	list_init(&l->asked);
	if (site_choose(config, &l->site) != 0)
		goto fail;
	l->path = l->site.path;
	if (lock_take(l->path, &l->lock) != 0 || site_make(l->path) != 0)
		goto fail;
	l->db = checkpoints_open(l->path);
	if (l->db == NULL || import_run(config, &l->site, &l->db) != 0 ||
	    open_channels(l) != 0)
		goto fail;
	l->arrears.on_disk = checkpoints_last_row(l->db);
	return l;

fail:
	free_ledger(l);
	return NULL;
}

const char *
ledger_path(const struct ledger *l)
{
	return l->path;
}

int
ledger_load(struct ledger *l,
    void (*each)(void *owner, const struct checkpoint *row), void *owner)
{
	assert(!l->running);
	return checkpoints_load(l->db, each, owner);
}

bool
ledger_knows_flow(const struct ledger *l, const char *flow)
{
	assert(!l->running);
	return checkpoints_knows_flow(l->db, flow);
}

struct handoff *
ledger_inbox(struct ledger *l)
{
	return &l->inbox;
}

void
ledger_answers(struct ledger *l, struct handoff *answers)
{
	assert(!l->running);
	l->answers = answers;
}

struct handoff *
ledger_letters(struct ledger *l, struct flow_stats *stats, struct handoff *home)
{
	assert(!l->running && l->letters == NULL);
	l->letters = letterbox_new(l->config, stats, home);
	return l->letters != NULL ? letterbox_inbox(l->letters) : NULL;
}

int
ledger_end_letters(struct ledger *l, int64_t wait_ms)
{
	if (l->letters == NULL)
		return 0;
	return letterbox_end(l->letters, l->running, wait_ms);
}

/* Until a notice or a letter comes, or until what is owed may be tried
 * again. */
static void
wait_for_work(const struct ledger *l, int64_t now_ms)
{
	struct pollfd fds[] = {
		{ .fd = handoff_fd(&l->inbox), .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};
	int64_t due = l->letters_due;

	if (l->letters != NULL)
		fds[1].fd = handoff_fd(letterbox_inbox(l->letters));
	if ((!arrears_empty(&l->arrears) || !list_empty(&l->asked)) &&
	    l->retry_at < due)
		due = l->retry_at;
	if (due == CLOCK_NEVER) {
		(void)poll(fds, 2, -1);
		return;
	}
	assert(due - now_ms <= RETRY_MAX_MS);
	(void)poll(fds, 2, due > now_ms ? (int)(due - now_ms) : 0);
}

static void
take_notices(struct ledger *l)
{
	struct list_node taken, *at;

	list_init(&taken);
	handoff_take(&l->inbox, &taken);
	while ((at = list_take_first(&taken)) != NULL) {
		struct notice *n = LIST_ENTRY(at, struct notice, node);

		if (n->kind == NOTICE_ASK)
			list_add_last(&l->asked, &n->node);
		else
			arrears_fold(&l->arrears, &n);
	}
}

/* After take_notices, which silences the bell: a stop that rings in between
 * is seen here. What was sent just before it is still in the inbox. The end
 * is worth one try at once, however long the pauses have become. */
static void
hear_stop(struct ledger *l, int64_t now_ms)
{
	if (l->stopping || atomic_load(&l->stop_by) == CLOCK_NEVER)
		return;
	l->stopping = true;
	l->retry_at = now_ms;
	take_notices(l);
}

static void
note_success(struct ledger *l)
{
	size_t was_owed;

	if (l->failing)
		log_info("%s: checkpoints are written again (rows: %zu)",
		    l->path, l->arrears.count);
	l->failing = false;
	l->pause_ms = RETRY_FIRST_MS;
	was_owed = l->arrears.count;
	arrears_settle(&l->arrears);
	/* Memory that crossed threads is not given back to the system by
	 * itself; after a crowd of rows that would stay megabytes. */
	if (was_owed >= TRIM_ROWS)
		(void)malloc_trim(0);
}

static void
note_failure(struct ledger *l, int64_t now_ms)
{
	uint64_t held;

	l->failing = true;
	if (log_gate_open(&l->gate, now_ms, &held))
		log_warn("%s: cannot write checkpoints: %s; sending goes on, "
			 "and what was sent since would be sent again after a "
			 "restart (rows: %zu)",
		    l->path, checkpoints_why(l->db), l->arrears.count);
	l->retry_at = now_ms + (l->stopping ? RETRY_FIRST_MS : l->pause_ms);
	l->pause_ms *= 2;
	if (l->pause_ms > RETRY_MAX_MS)
		l->pause_ms = RETRY_MAX_MS;
}

static void
write_what_is_owed(struct ledger *l, int64_t now_ms)
{
	if (arrears_empty(&l->arrears))
		return;
	if (l->failing && now_ms < l->retry_at)
		return;
	switch (checkpoints_write(l->db, &l->arrears)) {
	case CHECKPOINTS_WRITTEN:
		note_success(l);
		return;
	case CHECKPOINTS_FAILED:
		note_failure(l, clock_ms());
		return;
	}
}

/* What is owed to the disk is part of every answer. */
static void
answer_questions(struct ledger *l, int64_t now_ms)
{
	struct list_node *node;

	if (l->stopping || !arrears_empty(&l->arrears) ||
	    (l->failing && now_ms < l->retry_at))
		return;
	while ((node = list_take_first(&l->asked)) != NULL) {
		struct notice *n = LIST_ENTRY(node, struct notice, node);

		if (checkpoints_answer(l->db, n) != 0) {
			list_add_first(&l->asked, node);
			note_failure(l, clock_ms());
			return;
		}
		handoff_send(l->answers, &node);
	}
}

static bool
is_through(const struct ledger *l)
{
	if (!l->stopping)
		return false;
	return arrears_empty(&l->arrears) ||
	       l->retry_at >= atomic_load(&l->stop_by);
}

static void
close_books(struct ledger *l)
{
	uint64_t one = 1;

	if (!arrears_empty(&l->arrears))
		log_error("%s: could not write the checkpoints (rows: %zu): "
			  "%s; what was sent since will be sent again",
		    l->path, l->arrears.count, checkpoints_why(l->db));
	checkpoints_close(l->db);
	l->db = NULL;
	(void)!write(l->ended, &one, sizeof(one));
}

static void *
keep_books(void *owner)
{
	struct ledger *l = owner;

	(void)pthread_setname_np(pthread_self(), "ledger");
	while (!is_through(l)) {
		int64_t now_ms;

		atomic_fetch_add(&l->beats, 1);
		wait_for_work(l, clock_ms());
		now_ms = clock_ms();
		take_notices(l);
		hear_stop(l, now_ms);
		write_what_is_owed(l, now_ms);
		answer_questions(l, now_ms);
		if (l->letters != NULL)
			l->letters_due = letterbox_work(l->letters, now_ms);
	}
	close_books(l);
	return NULL;
}

int
ledger_start(struct ledger *l)
{
	sigset_t all, before;
	int why;

	assert(!l->running);
	/* Signals are for the thread that decides what they mean. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	why = pthread_create(&l->thread, NULL, keep_books, l);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (why != 0) {
		log_error("ledger: cannot start a thread: %s", strerror(why));
		return -1;
	}
	l->running = true;
	return 0;
}

uint64_t
ledger_beats(const struct ledger *l)
{
	return atomic_load(&l->beats);
}

/* Did the thread end within `wait_ms`? */
static bool
end_thread(struct ledger *l, int64_t wait_ms)
{
	struct pollfd fd = { .fd = l->ended, .events = POLLIN };
	int64_t now_ms = clock_ms(), stop_by;

	if (__builtin_add_overflow(now_ms, wait_ms, &stop_by) ||
	    stop_by == CLOCK_NEVER)
		stop_by = CLOCK_NEVER - 1;
	atomic_store(&l->stop_by, stop_by);
	handoff_wake(&l->inbox);
	do {
		int64_t left = stop_by - now_ms;

		left = left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : left;
		if (poll(&fd, 1, (int)left) == 1) {
			(void)pthread_join(l->thread, NULL);
			l->running = false;
			return true;
		}
		now_ms = clock_ms();
	} while (now_ms < stop_by);
	return false;
}

enum ledger_end
ledger_close(struct ledger *l, int64_t wait_ms)
{
	enum ledger_end end;

	if (l == NULL)
		return LEDGER_NOTED;
	/* A thread that hangs in the kernel still owns `l`, which therefore
	 * stays as it is until the process is gone. */
	if (l->running && !end_thread(l, wait_ms)) {
		log_error("%s: gave up after %lld ms: its disk does not "
			  "answer; what was sent since the last write may be "
			  "sent again",
		    l->path, (long long)wait_ms);
		return LEDGER_HANGS;
	}
	end = arrears_empty(&l->arrears) ? LEDGER_NOTED : LEDGER_OWES;
	free_ledger(l);
	return end;
}
