/* SPDX-License-Identifier: Apache-2.0
 *
 * loop: waiting for descriptors, on epoll. See loop.h.
 *
 * A callback may remove a descriptor whose readiness was already fetched in
 * this turn, and its number may even be in use again. So epoll carries a
 * pointer to the watch, not the number; a removed watch is disarmed at once
 * and freed when the turn is over.
 *
 * Refuses to be waited on from within a callback.
 */
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "list.h"
#include "log.h"
#include "mem.h"

#define EVENTS_A_TURN 32 /* the rest come next turn; epoll takes them round */

struct watch {
	struct list_node node; /* on the loop's watches, or on its removed */
	int fd;                /* the caller's */
	loop_ready_fn *ready;  /* NULL: removed */
	void *owner;           /* borrowed */
};

struct loop {
	int epoll;
	bool calling;             /* in a turn: removed watches are kept */
	struct list_node watches; /* a handful; searched one by one */
	struct list_node removed;
};

struct loop *
loop_new(void)
{
	struct loop *l = mem_new(sizeof *l);

	list_init(&l->watches);
	list_init(&l->removed);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		log_error("cannot make an epoll: %s", strerror(errno));
		free(l);
		return NULL;
	}
	return l;
}

static void
free_all(struct list_node *watches)
{
	struct list_node *n, *after;

	list_for_each_safe (n, after, watches)
		free(LIST_ENTRY(n, struct watch, node));
	list_init(watches);
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	assert(!l->calling);
	free_all(&l->watches);
	free_all(&l->removed);
	close(l->epoll);
	free(l);
}

static struct watch *
find(struct loop *l, int fd)
{
	struct list_node *n;

	list_for_each (n, &l->watches) {
		struct watch *w = LIST_ENTRY(n, struct watch, node);

		if (w->fd == fd)
			return w;
	}
	return NULL;
}

int
loop_add(struct loop *l, int fd, loop_ready_fn *ready, void *owner)
{
	struct watch *w;
	struct epoll_event event;

	assert(ready != NULL && find(l, fd) == NULL);
	w = mem_new(sizeof *w);
	w->fd = fd;
	w->ready = ready;
	w->owner = owner;
	event = (struct epoll_event){ .events = EPOLLIN, .data.ptr = w };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		log_error(
		    "cannot wait for descriptor %d: %s", fd, strerror(errno));
		free(w);
		return -1;
	}
	list_add_last(&l->watches, &w->node);
	return 0;
}

void
loop_remove(struct loop *l, int fd)
{
	struct watch *w = find(l, fd);
	int failed;

	if (w == NULL)
		return;
	failed = epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, NULL);
	assert(failed == 0); /* else it was closed first: a dangling watch */
	list_remove(&w->node);
	w->ready = NULL;
	list_add_last(&l->removed, &w->node);
	if (!l->calling)
		free_all(&l->removed);
}

void
loop_turn(struct loop *l, int fd, bool write)
{
	struct watch *w = find(l, fd);
	struct epoll_event event = { .events = write ? EPOLLOUT : EPOLLIN,
		.data.ptr = w };
	int failed;

	assert(w != NULL);
	failed = epoll_ctl(l->epoll, EPOLL_CTL_MOD, fd, &event);
	assert(failed == 0);
}

/* epoll's measure: -1 is for ever. */
static int
timeout(int64_t wait_ms)
{
	if (wait_ms == CLOCK_NEVER)
		return -1;
	if (wait_ms <= 0)
		return 0;
	return wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

void
loop_wait(struct loop *l, int64_t wait_ms)
{
	struct epoll_event events[EVENTS_A_TURN];
	int count;

	assert(!l->calling);
	count = epoll_wait(l->epoll, events, EVENTS_A_TURN, timeout(wait_ms));
	if (count < 0) {
		/* A signal: its flag is the caller's to see. */
		assert(errno == EINTR);
		return;
	}
	l->calling = true;
	for (int i = 0; i < count; i++) {
		struct watch *w = events[i].data.ptr;

		if (w->ready != NULL)
			w->ready(w->owner);
	}
	l->calling = false;
	free_all(&l->removed);
}
