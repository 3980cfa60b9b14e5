/* SPDX-License-Identifier: Apache-2.0
 *
 * site: where the checkpoint database lies.
 *
 * SQLite answers "unable to open database file" to nearly everything, opens
 * what it may not write read-only, and makes files that everybody may read.
 * So all that can be known beforehand is asked of the kernel here, and said
 * with a cure.
 *
 * Thread: main, at start. Refuses to remove or to overwrite anything.
 */
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define DIRECTORY_MODE 0750
#define FILE_MODE      0600

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Looks before it makes: for a directory that is there, mkdir may answer that
 * its parent is closed or read-only. */
static int
make_directory(const char *path)
{
	if (is_directory(path) || mkdir(path, DIRECTORY_MODE) == 0)
		return 0;
	log_error("%s: cannot make the directory for the checkpoints: %s; make "
		  "it for the agent's user, or name another checkpointFile",
	    path, strerror(errno));
	return -1;
}

/* Make every directory above the last slash of `path`. */
static int
make_directories(const char *path)
{
	char *copy = mem_dup(path);
	char *slash = copy;
	int result = 0;

	while (result == 0 && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		result = make_directory(copy);
		*slash = '/';
	}
	free(copy);
	return result;
}

/* `path` without links, where its last part need not be there yet. */
static char *
without_links(const char *path)
{
	char *real = realpath(path, NULL);
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char *directory, *full = NULL;

	if (real != NULL || errno != ENOENT)
		return real;
	directory = slash == NULL ? mem_dup(".")
				  : mem_dup_span(path, (size_t)(name - path));
	real = realpath(directory, NULL);
	if (real != NULL)
		full = mem_format(
		    "%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	free(real);
	free(directory);
	return full;
}

char *
site_find(const char *path)
{
	size_t len = strlen(path);
	struct stat st;
	char *real;

	if (len == 0 || path[len - 1] == '/' || is_directory(path)) {
		log_error("%s: is a directory; checkpointFile must name a file",
		    path);
		return NULL;
	}
	if (make_directories(path) != 0)
		return NULL;
	real = without_links(path);
	if (real == NULL) {
		log_error("%s: cannot reach: %s; give the agent's user access, "
			  "or name another checkpointFile",
		    path, strerror(errno));
		return NULL;
	}
	if (stat(real, &st) == 0 && !S_ISREG(st.st_mode)) {
		log_error("%s: is not a regular file; name another "
			  "checkpointFile",
		    path);
		free(real);
		return NULL;
	}
	return real;
}

/* SQLite throws away the write-ahead log of a database that is empty or gone,
 * and with it the positions that stand only there. */
static int
refuse_orphan(const char *path)
{
	char *wal = mem_format("%s-wal", path);
	struct stat st;
	int result = 0;

	if (stat(wal, &st) == 0 && st.st_size > 0 &&
	    (stat(path, &st) != 0 || st.st_size == 0)) {
		log_error("%s: is empty or gone, but its %s-wal is there; put "
			  "the database back, or move that away too: every "
			  "flow then starts anew at its initialPosition",
		    path, path);
		result = -1;
	}
	free(wal);
	return result;
}

int
site_make(const char *path)
{
	int fd;

	if (refuse_orphan(path) != 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, FILE_MODE);
	if (fd < 0) {
		log_error("%s: cannot open: %s; let the agent's user read and "
			  "write it, or name another checkpointFile",
		    path, strerror(errno));
		return -1;
	}
	(void)close(fd);
	return 0;
}
