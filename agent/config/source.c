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
check_kind(int fd, struct report *r)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		report_error(
		    r, whole, NULL, "cannot look at it: %s", strerror(errno));
		return -1;
	}
	if (S_ISREG(st.st_mode))
		return 0;
	report_error(r, whole, NULL, "%s; a regular file is needed",
	    S_ISDIR(st.st_mode)    ? "is a directory"
	    : S_ISFIFO(st.st_mode) ? "is a pipe"
				   : "is a device or a socket");
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

int
source_read(const char *path, struct buf *out, struct report *r)
{
	/* O_NONBLOCK: opening a pipe without a writer would wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int answer;

	if (fd < 0) {
		report_error(
		    r, whole, NULL, "cannot open it: %s", strerror(errno));
		return -1;
	}
	answer = check_kind(fd, r);
	if (answer == 0)
		answer = read_all(fd, out, r);
	close(fd);
	return answer;
}
