/* SPDX-License-Identifier: Apache-2.0
 *
 * handoff: how batches and notices change thread. See handoff.h.
 *
 * Invariant, whenever the lock is free: if parcels wait, the eventfd is
 * readable. Sending writes to it only when the list was empty: one system
 * call for everything that is taken at once. Both are changed under the lock,
 * so that no parcel is left behind a quiet descriptor.
 *
 * Threads: any number send, one takes. The lock is held for a few
 * instructions and one system call that does not block.
 */
#include "handoff.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

static void
lock(struct handoff *h)
{
	int failed = pthread_mutex_lock(&h->lock);

	assert(failed == 0);
}

static void
unlock(struct handoff *h)
{
	int failed = pthread_mutex_unlock(&h->lock);

	assert(failed == 0);
}

int
handoff_init(struct handoff *h)
{
	int failed;

	h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (h->fd < 0) {
		log_error("cannot make an eventfd: %s", strerror(errno));
		return -1;
	}
	list_init(&h->parcels);
	failed = pthread_mutex_init(&h->lock, NULL);
	assert(failed == 0); /* without attributes it cannot */
	return 0;
}

void
handoff_fini(struct handoff *h)
{
	assert(list_empty(&h->parcels)); /* I3: a parcel has an owner */
	pthread_mutex_destroy(&h->lock);
	close(h->fd);
	h->fd = -1;
}

void
handoff_send(struct handoff *h, struct list_node **node)
{
	struct list_node *parcel = *node;

	*node = NULL;
	assert(!list_on(parcel)); /* I3 */
	lock(h);
	if (list_empty(&h->parcels))
		handoff_wake(h);
	list_add_last(&h->parcels, parcel);
	unlock(h);
}

void
handoff_take(struct handoff *h, struct list_node *into)
{
	uint64_t rings;
	ssize_t got;

	lock(h);
	got = read(h->fd, &rings, sizeof rings);
	assert(got == sizeof rings || errno == EAGAIN);
	list_append_all(into, &h->parcels);
	unlock(h);
}

bool
handoff_empty(struct handoff *h)
{
	bool empty;

	lock(h);
	empty = list_empty(&h->parcels);
	unlock(h);
	return empty;
}

int
handoff_fd(const struct handoff *h)
{
	return h->fd;
}

void
handoff_wake(struct handoff *h)
{
	uint64_t ring = 1;
	ssize_t put = write(h->fd, &ring, sizeof ring);

	/* EAGAIN: its count is full, so it is readable already. */
	assert(put == sizeof ring || errno == EAGAIN);
}
