/* SPDX-License-Identifier: Apache-2.0
 *
 * later: one thread that watches the clock for suspended connections.
 *
 * Suspended connections are out of the HTTP server's sight, so this thread
 * also looks, ten times a second, whether their peers are still there; the
 * list is as long as the number of connections at most.
 *
 * Thread: its own; `later_add` from any.
 */
#include "later.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "say.h"

#define LOOK_US 100000

int64_t
later_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool
peer_gone(int socket)
{
	struct pollfd p = { .fd = socket, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 &&
	       (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/* Wake who is due; the time the next one is, or at which to look again. */
static int64_t
wake_due(struct later *l, int64_t now_us)
{
	struct later_wait **at = &l->waiting;
	int64_t next = LATER_NEVER;

	while (*at != NULL) {
		struct later_wait *wait = *at;

		wait->gone = l->stopping || peer_gone(wait->socket);
		if (wait->gone || wait->due_us <= now_us) {
			*at = wait->next;
			wait->wake(wait);
			continue;
		}
		if (wait->due_us < next)
			next = wait->due_us;
		at = &wait->next;
	}
	if (l->waiting != NULL && next > now_us + LOOK_US)
		next = now_us + LOOK_US;
	return next;
}

static void *
run(void *argument)
{
	struct later *l = argument;

	pthread_mutex_lock(&l->lock);
	for (;;) {
		int64_t next = wake_due(l, later_now_us());
		struct timespec t = { .tv_sec = next / 1000000,
			.tv_nsec = next % 1000000 * 1000 };

		if (l->stopping)
			break;
		if (next == LATER_NEVER)
			pthread_cond_wait(&l->changed, &l->lock);
		else
			pthread_cond_timedwait(&l->changed, &l->lock, &t);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

int
later_init(struct later *l)
{
	pthread_condattr_t monotonic;
	int failed;

	*l = (struct later){ 0 };
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&l->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	failed = pthread_create(&l->thread, NULL, run, l);
	if (failed != 0) {
		say("cannot start a thread: %s", strerror(failed));
		return -1;
	}
	l->started = true;
	return 0;
}

bool
later_add(struct later *l, struct later_wait *wait)
{
	bool added;

	pthread_mutex_lock(&l->lock);
	added = !l->stopping;
	if (added) {
		wait->gone = false;
		wait->next = l->waiting;
		l->waiting = wait;
		pthread_cond_signal(&l->changed);
	}
	pthread_mutex_unlock(&l->lock);
	return added;
}

void
later_stop(struct later *l)
{
	if (!l->started)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	l->started = false;
}

void
later_fini(struct later *l)
{
	later_stop(l);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
}
