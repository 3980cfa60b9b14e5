/* SPDX-License-Identifier: Apache-2.0
 *
 * source: see source.h. Thread: the one that loads.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static const struct place whole = { 0, 0 };

static int
look(int fd, struct stat *st, struct report *r)
{
	if (fstat(fd, st) == 0)
		return 0;
	report_error(r, whole, NULL, "cannot look at it: %s", strerror(errno));
	return -1;
}

static int
check_kind(const struct stat *st, struct report *r)
{
	if (S_ISREG(st->st_mode))
		return 0;
	report_error(r, whole, NULL, "%s; a regular file is needed",
	    S_ISDIR(st->st_mode)    ? "is a directory"
	    : S_ISFIFO(st->st_mode) ? "is a pipe"
				    : "is a device or a socket");
	return -1;
}

/* Half of the old and half of the new could look like a whole. */
static int
check_same(
    const struct stat *before, const struct stat *after, struct report *r)
{
	if (before->st_size == after->st_size &&
	    before->st_mtim.tv_sec == after->st_mtim.tv_sec &&
	    before->st_mtim.tv_nsec == after->st_mtim.tv_nsec)
		return 0;
	report_error(r, whole, NULL,
	    "was written to while it was read; try again when it is whole");
	return -1;
}

static int
read_all(int fd, struct buf *out, struct report *r)
{
	unsigned char chunk[16384];
	ssize_t got;

	for (;;) {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (!buf_add(out, chunk, (size_t)got)) {
			report_error(r, whole, NULL,
			    "larger than 1 MiB: not a configuration");
			return -1;
		}
	}
	explicit_bzero(chunk, sizeof(chunk));
	if (got < 0) {
		report_error(
		    r, whole, NULL, "cannot read it: %s", strerror(errno));
		return -1;
	}
	if (out->len == 0) {
		report_error(r, whole, NULL,
		    "is empty: no flows to follow; `kinesis-agent "
		    "print example` prints one that has some");
		return -1;
	}
	return 0;
}

static void
say_closed(const char *path, int error, struct report *r)
{
	struct stat st;

	if (error == ENOENT && lstat(path, &st) == 0)
		report_error(
		    r, whole, NULL, "is a link to something that is not there");
	else if (error == ENXIO)
		report_error(r, whole, NULL,
		    "is a device or a socket; a regular file is needed");
	else
		report_error(
		    r, whole, NULL, "cannot open it: %s", strerror(error));
}

int
source_read(const char *path, struct buf *out, struct report *r)
{
	/* O_NONBLOCK: opening a pipe without a writer would wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat before, after;
	int answer;

	if (fd < 0) {
		say_closed(path, errno, r);
		return -1;
	}
	answer = look(fd, &before, r);
	if (answer == 0)
		answer = check_kind(&before, r);
	if (answer == 0)
		answer = read_all(fd, out, r);
	if (answer == 0)
		answer = look(fd, &after, r);
	if (answer == 0)
		answer = check_same(&before, &after, r);
	close(fd);
	return answer;
}
