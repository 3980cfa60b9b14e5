/* SPDX-License-Identifier: Apache-2.0
 *
 * handoff: how batches and notices change thread. The only object that threads
 * share under a lock (beside the log, for the length of a line).
 *
 * A parcel's node is on no list while its owner works on it; sending moves
 * ownership. Everything sent before the other side takes is taken at once,
 * in order. Its ceiling is its senders': as many parcels as the pool has
 * batches, or the few notices that the tail sends before it waits for them to
 * be taken.
 */
#ifndef HANDOFF_H
#define HANDOFF_H

#include <pthread.h>
#include <stdbool.h>

#include "list.h"

struct handoff {
	pthread_mutex_t lock;
	struct list_node parcels; /* under lock */
	int fd;                   /* eventfd: readable while parcels wait */
};

/* -1: failed, logged. */
int handoff_init(struct handoff *h);
void handoff_fini(struct handoff *h);

/* Give the parcel that `*node` is part of to the other side. `*node` is NULL
 * after. Type-safe fronts: batch_send, notice_send. */
void handoff_send(struct handoff *h, struct list_node **node);

/* Everything that waits, moved to the end of `into`; the descriptor is quiet
 * after. Never blocks. */
void handoff_take(struct handoff *h, struct list_node *into);

/* Has everything that was sent been taken? For a sender that can say the next
 * thing later, and better, instead of piling up before one who is held up. */
bool handoff_empty(struct handoff *h);

/* Readable while something waits: for poll, epoll and curl's extra fds. */
int handoff_fd(const struct handoff *h);

/* Make the descriptor readable without a parcel: so that the other side
 * looks around (for a stop flag). */
void handoff_wake(struct handoff *h);

#endif
