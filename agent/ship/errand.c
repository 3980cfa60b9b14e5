/* SPDX-License-Identifier: Apache-2.0
 *
 * errand: one attempt to get keys, and everything a provider may use on it.
 *
 * Providers log nothing: what fails is told once, by whoever sent them.
 *
 * Thread: keyring's, or main's before it has started.
 */
#include "errand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum errand_answer
errand_fail(struct errand *e, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	(void)vsnprintf(e->why, sizeof(e->why), format, list);
	va_end(list);
	return ERRAND_FAILED;
}

enum errand_answer
errand_refused(struct errand *e, const char *what,
    const struct fetch_answer *answer, const char *cure)
{
	const char *gap = cure[0] != '\0' ? "; " : "";

	if (!answer->answered)
		(void)snprintf(e->why, sizeof(e->why), "%s: %.200s%s%s", what,
		    answer->text, gap, cure);
	else
		(void)snprintf(e->why, sizeof(e->why), "%s: answered %ld%s%s",
		    what, answer->status, gap, cure);
	return ERRAND_FAILED;
}

const char *
errand_variable(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

int
errand_file(struct errand *e, const char *path, char *into, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;

	into[0] = '\0';
	while (fd >= 0 && len < room) {
		ssize_t got = read(fd, into + len, room - len);

		if (got == 0)
			break;
		if (got > 0) {
			len += (size_t)got;
		} else if (errno != EINTR) {
			goto unreadable;
		}
	}
	if (fd < 0)
		goto unreadable;
	close(fd);
	if (len == room) {
		into[0] = '\0';
		(void)snprintf(e->why, sizeof(e->why),
		    "%s: larger than %zu bytes", path, room - 1);
		return -1;
	}
	into[len] = '\0';
	return (int)len;

unreadable:
	(void)snprintf(e->why, sizeof(e->why), "%s: cannot read: %s", path,
	    strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
