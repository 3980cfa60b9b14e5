/* SPDX-License-Identifier: Apache-2.0
 *
 * logfile: see logfile.h.
 *
 * Lines wait in a ring until the thread takes a piece of it, whole lines, and
 * writes that without the lock. So a disk that hangs holds up nobody but this
 * thread; what cannot be written is tried again for as long as it takes.
 * Before each write the file is asked whether it still has its name and how
 * long it is: somebody else may rotate it too, by either way.
 *
 * A dying process waits for this thread instead of writing itself: it must not
 * wait for a disk either, nor for a lock that it may hold.
 *
 * Thread: any (put), main (begin, end), its own.
 */
#include "logfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "mem.h"

#define RING_BYTES  ((size_t)256 * 1024)
#define PIECE_BYTES ((size_t)32 * 1024) /* more than a line */
#define AGAIN_MS    1000                /* a disk that fails is asked again */
#define STEP_MS     50
#define DEATH_MS    1000 /* so long a dying process waits */
#define SUFFIX      16   /* ".4294967295" */

static struct logfile {
	bool open;  /* lines go there; main's, before and after the thread */
	char *path; /* owned; stays where the thread hangs */
	uint64_t max_bytes;
	unsigned keep;
	int fd;
	pthread_t thread;
	sem_t news; /* something was put, or something is wanted */
	pthread_mutex_t lock;
	unsigned char *ring;        /* owned; under lock, like the next two */
	size_t from, held;          /* bytes [from, from + held) wait */
	unsigned char *piece;       /* owned; the thread's, like all below */
	size_t piece_at, piece_len; /* what of it is not written yet */
	bool torn;                  /* the file ends inside a line */
	struct log_gate gate;       /* of what fails */
	_Atomic bool stopping;      /* what waits is tried once more */
	_Atomic int death;          /* the signal that ends us */
	_Atomic bool mourned;       /* and that is in the file */
} self = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1 };

/* ---- The ring ---- */

/* The log's sink. */
static bool
put(const char *line, size_t len)
{
	bool taken = false;

	(void)pthread_mutex_lock(&self.lock);
	if (len <= RING_BYTES - self.held) {
		size_t at = (self.from + self.held) % RING_BYTES;
		size_t first = len < RING_BYTES - at ? len : RING_BYTES - at;

		memcpy(self.ring + at, line, first);
		memcpy(self.ring, line + first, len - first);
		self.held += len;
		taken = true;
	}
	(void)pthread_mutex_unlock(&self.lock);
	if (taken)
		(void)sem_post(&self.news);
	return taken;
}

/* Move whole lines out of the ring. False: none waits. */
static bool
take_piece(void)
{
	(void)pthread_mutex_lock(&self.lock);
	size_t len = self.held < PIECE_BYTES ? self.held : PIECE_BYTES;
	size_t first =
	    len < RING_BYTES - self.from ? len : RING_BYTES - self.from;

	memcpy(self.piece, self.ring + self.from, first);
	memcpy(self.piece + first, self.ring, len - first);
	while (len > 0 && self.piece[len - 1] != '\n')
		len--;
	self.from = (self.from + len) % RING_BYTES;
	self.held -= len;
	(void)pthread_mutex_unlock(&self.lock);
	self.piece_at = 0;
	self.piece_len = len;
	return len > 0;
}

/* ---- The file ---- */

static void
complain(const char *what, int why)
{
	uint64_t held;

	if (log_gate_open(&self.gate, clock_ms(), &held))
		log_error("log.file: %s: %s: %s (and %" PRIu64
			  " more such failures); what is said meanwhile waits, "
			  "or is dropped and counted",
		    self.path, what, strerror(why), held);
}

/* -1: errno. */
static int
open_file(const char *path)
{
	/* O_NONBLOCK: a FIFO is refused, not waited for. */
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	errno = EINVAL;
	return -1;
}

static void
reopen(void)
{
	int fd = open_file(self.path);

	if (fd < 0) {
		complain("cannot be made anew", errno);
		return;
	}
	(void)close(self.fd);
	self.fd = fd;
}

/* `path` with number `n` behind; 0: without one. */
static char *
numbered(unsigned n)
{
	return n == 0 ? mem_dup(self.path) : mem_format("%s.%u", self.path, n);
}

static int
rename_all(void)
{
	int failed = 0;

	for (unsigned n = self.keep; n-- > 0;) {
		char *from = numbered(n), *to = numbered(n + 1);

		if (rename(from, to) != 0 && errno != ENOENT)
			failed = errno;
		free(from);
		free(to);
	}
	return failed;
}

/* How many bytes the file may still take, once it is what it should be. */
static uint64_t
room_in_file(void)
{
	struct stat named, ours;

	if (fstat(self.fd, &ours) != 0)
		return 0;
	if (stat(self.path, &named) != 0 || named.st_dev != ours.st_dev ||
	    named.st_ino != ours.st_ino) {
		reopen();
		if (fstat(self.fd, &ours) != 0)
			return 0;
	}
	if (ours.st_size < 0 || (uint64_t)ours.st_size >= self.max_bytes)
		return 0;
	return self.max_bytes - (uint64_t)ours.st_size;
}

/* The file is full. Where it cannot be renamed it is emptied: whatever
 * happens, it has its bound. */
static void
rotate(void)
{
	int why = self.keep > 0 ? rename_all() : 0;

	if (room_in_file() > 0)
		return;
	if (why != 0)
		complain("cannot be rotated, so it is emptied", why);
	if (ftruncate(self.fd, 0) != 0)
		complain("cannot be emptied", errno);
}

/* The length of as many lines of `at` as fit into `room` bytes. */
static size_t
whole_lines(const unsigned char *at, size_t len, uint64_t room)
{
	const unsigned char *end;

	if (len <= room)
		return len;
	end = memrchr(at, '\n', (size_t)room);
	return end != NULL ? (size_t)(end - at) + 1 : 0;
}

static size_t
first_line(const unsigned char *at, size_t len)
{
	const unsigned char *end = memchr(at, '\n', len);

	return end != NULL ? (size_t)(end - at) + 1 : len;
}

/* How much of what waits may go into the file now. */
static size_t
share(const unsigned char *at, size_t len)
{
	size_t fits;

	/* The rest of a line belongs where its beginning is. */
	if (self.torn)
		return first_line(at, len);
	fits = whole_lines(at, len, room_in_file());
	if (fits > 0)
		return fits;
	rotate();
	fits = whole_lines(at, len, room_in_file());
	return fits > 0 ? fits : first_line(at, len);
}

/* False: it failed, said; what is left of the piece is to be tried again. */
static bool
write_piece(void)
{
	while (self.piece_at < self.piece_len) {
		const unsigned char *at = self.piece + self.piece_at;
		size_t len = share(at, self.piece_len - self.piece_at);
		ssize_t n = write(self.fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			complain("cannot be written", errno);
			return false;
		}
		self.piece_at += (size_t)n;
		self.torn = self.piece[self.piece_at - 1] != '\n';
	}
	return true;
}

/* ---- The thread ---- */

/* Whatever is put meanwhile. */
static void
pause_before_trying_again(void)
{
	const struct timespec step = { 0, STEP_MS * 1000000 };

	for (int i = 0; i < AGAIN_MS / STEP_MS && !atomic_load(&self.stopping);
	     i++)
		(void)nanosleep(&step, NULL);
}

/* Everything that waits, into the file. */
static void
write_all(void)
{
	while (self.piece_at < self.piece_len || take_piece()) {
		if (write_piece())
			continue;
		if (atomic_load(&self.stopping))
			return;
		pause_before_trying_again();
	}
}

static void
mourn(int signal)
{
	log_error("this process dies of signal %d (%s); what a failed "
		  "assertion says is on standard error",
	    signal, sigdescr_np(signal));
	write_all();
	atomic_store(&self.mourned, true);
}

static void *
run(void *arg)
{
	(void)arg;
	while (!atomic_load(&self.stopping)) {
		int signal;

		while (sem_wait(&self.news) != 0)
			continue;
		write_all();
		signal = atomic_load(&self.death);
		if (signal != 0 && !atomic_load(&self.mourned))
			mourn(signal);
	}
	write_all();
	return NULL;
}

void
logfile_last_words(int signal)
{
	const struct timespec moment = { 0, 1000000 };

	if (!self.open || pthread_equal(pthread_self(), self.thread))
		return;
	atomic_store(&self.death, signal);
	(void)sem_post(&self.news);
	for (int i = 0; i < DEATH_MS && !atomic_load(&self.mourned); i++)
		(void)nanosleep(&moment, NULL);
}

/* ---- Beginning and end ---- */

static void
forget(void)
{
	free(self.path);
	free(self.ring);
	free(self.piece);
	self.path = NULL;
	self.ring = self.piece = NULL;
	(void)close(self.fd);
	self.fd = -1;
}

int
logfile_begin(
    const char *path, uint64_t max_bytes, unsigned keep, char *why, size_t size)
{
	int fd, error;

	assert(!self.open);
	if (self.path != NULL) {
		(void)snprintf(why, size, "the last one's disk hangs");
		return -1;
	}
	fd = open_file(path);
	error = errno;
	if (fd < 0) {
		(void)snprintf(why, size, "%s",
		    error == EINVAL || error == ENXIO ? "it is no regular file"
						      : strerror(error));
		return -1;
	}
	self.path = mem_dup(path);
	self.max_bytes = max_bytes;
	self.keep = keep;
	self.fd = fd;
	self.ring = mem_new_array(1, RING_BYTES);
	self.piece = mem_new_array(1, PIECE_BYTES);
	self.from = self.held = self.piece_at = self.piece_len = 0;
	self.torn = false;
	atomic_store(&self.stopping, false);
	(void)sem_init(&self.news, 0, 0);
	error = pthread_create(&self.thread, NULL, run, NULL);
	if (error != 0) {
		(void)snprintf(why, size, "thread: %s", strerror(error));
		forget();
		return -1;
	}
	self.open = true;
	log_info("log: in %s from here on", path);
	log_to(put);
	return 0;
}

const char *
logfile_path(void)
{
	return self.open ? self.path : NULL;
}

void
logfile_end(int64_t wait)
{
	struct timespec until;
	size_t left;

	if (!self.open)
		return;
	self.open = false;
	log_settle(CLOCK_NEVER);
	log_to(NULL);
	atomic_store(&self.stopping, true);
	(void)sem_post(&self.news);
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += wait / 1000 + 1;
	if (pthread_timedjoin_np(self.thread, NULL, &until) != 0) {
		/* What it may touch stays until the process is gone. */
		log_error("log.file: %s: its disk does not answer: what was "
			  "said last is not in it",
		    self.path);
		return;
	}
	left = self.held + self.piece_len - self.piece_at;
	if (left > 0)
		log_error("log.file: %s: %zu bytes of what was said last are "
			  "not in it",
		    self.path, left);
	(void)sem_destroy(&self.news);
	forget();
}
