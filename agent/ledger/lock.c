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

static void
say_held(const char *path, int fd)
{
	long pid = holder_of(fd);
	char who[PID_TEXT + 8] = "";

	if (pid != 0)
		(void)snprintf(who, sizeof(who), " (pid %ld)", pid);
	log_error("%s: another agent%s holds this lock; stop it, or give this "
		  "one another checkpointFile",
	    path, who);
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

int
lock_take(const char *guarded, int *fd)
{
	char *path = mem_format("%s.lock", guarded);

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0) {
		log_error("%s: cannot open: %s; let the agent's user write in "
			  "that directory, or name another checkpointFile",
		    path, strerror(errno));
		goto fail;
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			say_held(path, *fd);
		else
			log_error("%s: cannot lock: %s; name a checkpointFile "
				  "on a local disk",
			    path, strerror(errno));
		goto fail;
	}
	sign(*fd);
	free(path);
	return 0;

fail:
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	free(path);
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
