/* SPDX-License-Identifier: Apache-2.0
 *
 * service: see service.h.
 *
 * The protocol is a datagram to the socket that NOTIFY_SOCKET names, a
 * few lines of our own instead of a library with a dozen others behind it. The watchdog
 * is told only of a round in which the tail (whose loop calls us), the ship
 * and the ledger all turned: whoever is idle is woken to show it. A disk that
 * holds the ledger up for longer than the watchdog's time is a reason to
 * start anew, which loses nothing.
 *
 * Thread: main.
 */
#include "service.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "handoff.h"
#include "ledger.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "ship.h"

/* So many rounds in the watchdog's time: one that comes late does no harm. */
#define ROUNDS 4

struct service {
	struct loop *loop; /* borrowed, like the next two */
	struct ship *ship;
	struct ledger *ledger;
	int socket;                        /* connected; -1: nobody listens */
	int timer;                         /* of the rounds; -1: no watchdog */
	uint64_t ship_beats, ledger_beats; /* in the last round */
};

/* The manager's address: a path, or a name behind a '@'. 0: none. */
static socklen_t
address(struct sockaddr_un *to)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = name != NULL ? strlen(name) : 0;

	if (len < 2 || len >= sizeof(to->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, name, len);
	if (name[0] == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static void
connect_manager(struct service *s)
{
	struct sockaddr_un to;
	socklen_t len = address(&to);

	if (len == 0)
		return;
	s->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->socket >= 0 &&
	    connect(s->socket, (struct sockaddr *)&to, len) == 0)
		return;
	log_warn("NOTIFY_SOCKET %s: %s: the service manager is not told of us",
	    getenv("NOTIFY_SOCKET"), strerror(errno));
	if (s->socket >= 0)
		(void)close(s->socket);
	s->socket = -1;
}

static void
tell(const struct service *s, const char *what)
{
	if (s->socket >= 0)
		(void)send(
		    s->socket, what, strlen(what), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Of the watchdog that is meant for us; 0: there is none. */
static int64_t
watchdog_us(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (usec == NULL ||
	    (pid != NULL && strtoimax(pid, NULL, 10) != getpid()))
		return 0;
	return strtoimax(usec, NULL, 10);
}

static void
on_round(void *owner)
{
	struct service *s = owner;
	uint64_t times, ship, ledger;

	if (read(s->timer, &times, sizeof(times)) != sizeof(times))
		return;
	ship = ship_beats(s->ship);
	ledger = ledger_beats(s->ledger);
	if (ship != s->ship_beats && ledger != s->ledger_beats)
		tell(s, "WATCHDOG=1");
	s->ship_beats = ship;
	s->ledger_beats = ledger;
	handoff_wake(ship_inbox(s->ship));
	handoff_wake(ledger_inbox(s->ledger));
}

static int
keep_watch(struct service *s)
{
	int64_t us = s->socket >= 0 ? watchdog_us() / ROUNDS : 0;
	struct timespec pause = { us / 1000000, us % 1000000 * 1000 };
	struct itimerspec every = { pause, pause };

	if (us <= 0)
		return 0;
	s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->timer < 0 || timerfd_settime(s->timer, 0, &every, NULL) != 0) {
		log_error("watchdog: timer: %s", strerror(errno));
		return -1;
	}
	return loop_add(s->loop, s->timer, on_round, s);
}

struct service *
service_new(struct loop *loop, struct ship *ship, struct ledger *ledger)
{
	struct service *s = mem_new(sizeof(*s));

	s->loop = loop;
	s->ship = ship;
	s->ledger = ledger;
	s->socket = s->timer = -1;
	connect_manager(s);
	if (keep_watch(s) == 0)
		return s;
	service_free(s);
	return NULL;
}

void
service_free(struct service *s)
{
	if (s == NULL)
		return;
	if (s->timer >= 0) {
		loop_remove(s->loop, s->timer);
		(void)close(s->timer);
	}
	if (s->socket >= 0)
		(void)close(s->socket);
	free(s);
}

void
service_ready(struct service *s)
{
	tell(s, "READY=1\nSTATUS=following");
}

void
service_reloading(struct service *s)
{
	char text[80];
	struct timespec now;

	/* The manager holds it against its own clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	tell(s, text);
}

void
service_reloaded(struct service *s, bool good, size_t flows)
{
	char text[120];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=following %zu flow%s%s",
	    flows, flows == 1 ? "" : "s",
	    good ? "" : "; the new configuration was refused, see the log");
	tell(s, text);
}

void
service_stopping(struct service *s)
{
	tell(s, "STOPPING=1\nSTATUS=waiting for answers");
}
