/* SPDX-License-Identifier: Apache-2.0
 *
 * lock: keeps a second agent off a checkpoint database.
 *
 * flock(2) on a file beside the database. Beside and not on it: SQLite's own
 * locks live there, and closing any descriptor of the database drops those.
 * The lock belongs to the open file, so the kernel lets go of it when the
 * agent dies in whatever way, and a stale file is never in the way. The file
 * is never removed: a name that comes and goes could be locked twice.
 *
 * Thread: main, before the others start and after they end.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define PID_TEXT 24

/* The number that the holder wrote; 0: not known. */
static long
holder_of(int fd)
{
	char text[PID_TEXT] = "";
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	long pid;

	if (got <= 0)
		return 0;
	pid = strtol(text, NULL, 10);
	return pid > 0 ? pid : 0;
}

/* For the message of the next one only; the lock holds without it. */
static void
sign(int fd)
{
	char text[PID_TEXT];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)len, 0);
}

static enum lock_answer
try_path(const char *path, int *fd, long *holder)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0) {
		log_error("%s: cannot open: %s; let the agent's user write in "
			  "that directory, or name another checkpointFile",
		    path, strerror(errno));
		return LOCK_FAILED;
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
		sign(*fd);
		return LOCK_TAKEN;
	}
	if (errno == EWOULDBLOCK) {
		*holder = holder_of(*fd);
		return LOCK_HELD;
	}
	log_error("%s: cannot lock: %s; name a checkpointFile on a local disk",
	    path, strerror(errno));
	return LOCK_FAILED;
}

enum lock_answer
lock_try(const char *guarded, int *fd, long *holder)
{
	char *path = mem_format("%s.lock", guarded);
	enum lock_answer answer;

	*holder = 0;
	answer = try_path(path, fd, holder);
	free(path);
	if (answer == LOCK_TAKEN)
		return answer;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	return answer;
}

int
lock_take(const char *guarded, int *fd)
{
	char who[PID_TEXT + 8] = "";
	long holder;

	switch (lock_try(guarded, fd, &holder)) {
	case LOCK_TAKEN:
		return 0;
	case LOCK_HELD:
		break;
	case LOCK_FAILED:
		return -1;
	}
	if (holder != 0)
		(void)snprintf(who, sizeof(who), " (pid %ld)", holder);
	log_error("%s.lock: another agent%s holds this lock; stop it, or give "
		  "this one another checkpointFile",
	    guarded, who);
	return -1;
}

void
lock_release(int fd)
{
	if (fd < 0)
		return;
	(void)!ftruncate(fd, 0);
	(void)close(fd);
}
