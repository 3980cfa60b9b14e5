/* SPDX-License-Identifier: Apache-2.0
 *
 * desk: see desk.h. The table of questions, and the callers' turns.
 *
 * Everything has a ceiling, so that nobody who asks holds up what is
 * delivered: how many callers there are (a new one sends the one away who has
 * been still for longest), how many are let in at a time, how long each may
 * take, how much of an answer is made in one turn of the loop, over all.
 *
 * Thread: the loop's.
 */
#include "desk.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "caller.h"
#include "clock.h"
#include "files.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "question.h"
#include "status.h"

#define CALLERS_MOST 32
#define WELCOME_MOST 4     /* let in at a time: the rest wait outside */
#define SLICE        32768 /* bytes made in a turn, over all callers */
#define SLICE_LEAST  2048
#define LOOK_SECONDS 1 /* how often late callers are looked for */

static const struct question questions[] = {
	{ "status", 0, status_next, NULL },
	{ "files", 2, files_next, files_end },
	{ "file", 5, files_one_next, NULL },
	{ NULL, 0, NULL, NULL },
};

struct desk {
	struct desk_doors doors;
	struct listener listener;
	struct list_node callers; /* the eldest first */
	size_t count;
	int timer;    /* runs while there are callers, or we are deaf */
	bool ticking; /* it does */
	bool deaf;    /* out of descriptors: nobody is let in for now */
	struct log_gate gate;
};

static struct caller *
caller_at(struct list_node *node)
{
	return LIST_ENTRY(node, struct caller, node);
}

static void
tick(struct desk *d, bool on)
{
	struct itimerspec every = { { on ? LOOK_SECONDS : 0, 0 },
		{ on ? LOOK_SECONDS : 0, 0 } };

	if (on == d->ticking)
		return;
	d->ticking = timerfd_settime(d->timer, 0, &every, NULL) == 0 && on;
}

static void
send_away(struct desk *d, struct caller *c)
{
	list_remove(&c->node);
	loop_remove(d->doors.loop, c->fd);
	caller_free(c);
	d->count--;
}

/* A descriptor of a caller is ready. */
static void
on_caller(void *owner)
{
	struct caller *c = owner;
	struct desk *d = c->desk;
	enum caller_state before = c->state, state;
	size_t slice = SLICE / d->count;

	state = caller_go_on(c, questions,
	    slice > SLICE_LEAST ? slice : SLICE_LEAST, clock_ms());
	if (state == CALLER_DONE)
		send_away(d, c);
	else if (state != before)
		loop_turn(d->doors.loop, c->fd, true);
}

/* The one that has been still for longest makes room. */
static void
make_room(struct desk *d)
{
	struct list_node *node;
	struct caller *stillest;

	if (d->count < CALLERS_MOST)
		return;
	stillest = caller_at(d->callers.next);
	list_for_each (node, &d->callers) {
		struct caller *c = caller_at(node);

		if (c->moved_ms < stillest->moved_ms)
			stillest = c;
	}
	send_away(d, stillest);
}

static void
welcome(struct desk *d, int fd, int64_t now_ms)
{
	struct caller *c;

	make_room(d);
	c = caller_new(fd, &d->doors, now_ms);
	c->desk = d;
	c->stranger = !listen_permits(&d->listener, fd);
	if (loop_add(d->doors.loop, fd, on_caller, c) != 0) {
		caller_free(c);
		return;
	}
	list_add_last(&d->callers, &c->node);
	d->count++;
	tick(d, true);
}

/* Without a descriptor to be had, who waits outside would wake us at once
 * again: do not hear it for a moment. */
static void
go_deaf(struct desk *d, int64_t now_ms)
{
	uint64_t held;

	if (log_gate_open(&d->gate, now_ms, &held))
		log_warn("status.socket: cannot let anybody in: %s; raise the "
			 "limit of open files",
		    strerror(errno));
	loop_remove(d->doors.loop, d->listener.fd);
	d->deaf = true;
	tick(d, true);
}

static void
on_knock(void *owner)
{
	struct desk *d = owner;
	int64_t now_ms = clock_ms();

	for (int i = 0; i < WELCOME_MOST; i++) {
		struct sockaddr_un from;
		socklen_t size = sizeof(from);
		int fd = accept4(d->listener.fd, (struct sockaddr *)&from,
		    &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			welcome(d, fd, now_ms);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			go_deaf(d, now_ms);
		return;
	}
}

static int
hear(struct desk *d)
{
	return loop_add(d->doors.loop, d->listener.fd, on_knock, d);
}

static void
on_tick(void *owner)
{
	struct desk *d = owner;
	struct list_node *node, *after;
	int64_t now_ms = clock_ms();
	uint64_t times;

	if (read(d->timer, &times, sizeof(times)) != sizeof(times))
		return;
	list_for_each_safe (node, after, &d->callers) {
		struct caller *c = caller_at(node);

		if (caller_is_late(c, now_ms))
			send_away(d, c);
	}
	if (d->deaf && hear(d) == 0)
		d->deaf = false;
	tick(d, d->deaf || d->count > 0);
}

static int
start_timer(struct desk *d)
{
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (d->timer >= 0)
		return loop_add(d->doors.loop, d->timer, on_tick, d);
	log_error("timer: %s", strerror(errno));
	return -1;
}

struct desk *
desk_new(const struct desk_doors *doors)
{
	struct desk *d = mem_new(sizeof(*d));
	const char *path = doors->config->status_socket;

	d->doors = *doors;
	d->timer = d->listener.fd = -1;
	list_init(&d->callers);
	if (path[0] == '\0' || listen_begin(&d->listener, path) != 0)
		return d;
	if (start_timer(d) == 0 && hear(d) == 0)
		return d;
	desk_free(d);
	return NULL;
}

void
desk_free(struct desk *d)
{
	struct list_node *node, *after;

	if (d == NULL)
		return;
	list_for_each_safe (node, after, &d->callers)
		send_away(d, caller_at(node));
	assert(d->count == 0);
	if (d->timer >= 0) {
		loop_remove(d->doors.loop, d->timer);
		(void)close(d->timer);
	}
	if (d->listener.fd >= 0 && !d->deaf)
		loop_remove(d->doors.loop, d->listener.fd);
	listen_end(&d->listener);
	free(d);
}
