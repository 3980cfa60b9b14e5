/* SPDX-License-Identifier: Apache-2.0
 *
 * later: connections that were told to wait: for a time, or for ever.
 */
#ifndef FAKE_LATER_H
#define FAKE_LATER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define LATER_NEVER INT64_MAX

/* One wait, embedded in what waits. */
struct later_wait {
	struct later_wait *next;
	int64_t due_us; /* LATER_NEVER: until the peer goes */
	int socket;     /* looked at for a peer that has gone */
	bool gone;      /* it has, or all is over: give up */
	void (*wake)(struct later_wait *wait);
};

struct later {
	pthread_mutex_t lock; /* over everything below */
	pthread_cond_t changed;
	pthread_t thread;
	bool started;
	bool stopping;
	struct later_wait *waiting;
};

int64_t later_now_us(void);

/* 0, or -1 logged. */
int later_init(struct later *l);

/* Have `wait->wake` called when `wait` is due or has become pointless; it is
 * on no list then. False: all is over, nothing will be called. */
bool later_add(struct later *l, struct later_wait *wait);

/* Wake everyone with `gone` set; nobody can wait from here on. */
void later_stop(struct later *l);
void later_fini(struct later *l);

#endif
