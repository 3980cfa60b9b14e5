/* SPDX-License-Identifier: Apache-2.0
 *
 * predecessor: see predecessor.h.
 *
 * It is looked for among all processes by the name of its main class, and
 * where its own start script notes it, since a hardened unit sees nobody
 * else's processes. That note outlives a crash: it counts if the process is
 * there, and is not another one as far as we can see.
 *
 * Thread: main, before any other starts.
 */
#include "predecessor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define PID_FILE   "/var/run/aws-kinesis-agent.pid"
#define MAIN_CLASS "com.amazon.kinesis.streaming.agent.Agent"

#define COMMAND_MAX 65536 /* a longer command line is searched so far */

/* The first bytes of `path` into `text`, terminated. How many; 0: none. */
static size_t
read_some(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;

	while (fd >= 0 && len < size - 1) {
		ssize_t n = read(fd, text + len, size - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd);
	text[len] = '\0';
	return len;
}

/* Is one of the arguments, each ended by a NUL, its main class? */
static bool
names_it(const char *line, size_t len)
{
	for (size_t at = 0; at < len; at += strlen(line + at) + 1)
		if (strcmp(line + at, MAIN_CLASS) == 0)
			return true;
	return false;
}

static bool
is_alive(pid_t pid)
{
	return pid > 1 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* Is `pid` visibly somebody else? */
static bool
is_another(pid_t pid)
{
	char path[32], line[4096];
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/%jd/cmdline", (intmax_t)pid);
	len = read_some(path, line, sizeof(line));
	return len > 0 && len < sizeof(line) - 1 && !names_it(line, len);
}

static pid_t
noted(void)
{
	char text[32];
	intmax_t pid;

	if (read_some(PID_FILE, text, sizeof(text)) == 0)
		return 0;
	pid = strtoimax(text, NULL, 10);
	if (pid <= 0 || pid > INT32_MAX || !is_alive((pid_t)pid) ||
	    is_another((pid_t)pid))
		return 0;
	return (pid_t)pid;
}

static pid_t
seen(void)
{
	DIR *proc = opendir("/proc");
	char *line = malloc(COMMAND_MAX);
	struct dirent *entry;
	pid_t found = 0;

	while (proc != NULL && line != NULL && found == 0 &&
	       (entry = readdir(proc)) != NULL) {
		char path[sizeof(entry->d_name) + 16];
		intmax_t pid = strtoimax(entry->d_name, NULL, 10);

		if (pid <= 0 || pid == getpid())
			continue;
		(void)snprintf(
		    path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		if (names_it(line, read_some(path, line, COMMAND_MAX)))
			found = (pid_t)pid;
	}
	free(line);
	if (proc != NULL)
		(void)closedir(proc);
	return found;
}

pid_t
predecessor_find(void)
{
	pid_t pid = seen();

	return pid != 0 ? pid : noted();
}

bool
predecessor_is_gone(void)
{
	pid_t pid = predecessor_find();

	if (pid == 0)
		return true;
	log_error("the Java agent (aws-kinesis-agent) runs as process %jd, and "
		  "both would send the same lines; end it and keep it from "
		  "coming back: service aws-kinesis-agent stop, and remove "
		  "/etc/cron.d/aws-kinesis-agent, whose "
		  "aws-kinesis-agent-babysit starts it anew each minute",
	    (intmax_t)pid);
	return false;
}
