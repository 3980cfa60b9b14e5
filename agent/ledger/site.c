/* SPDX-License-Identifier: Apache-2.0
 *
 * site: where the checkpoint database lies.
 *
 * SQLite answers "unable to open database file" to nearly everything, opens
 * what it may not write read-only, and makes files that everybody may read.
 * So all that can be known beforehand is asked of the kernel here, and said
 * with a cure.
 *
 * Where checkpointFile names the Java agent's database, ours is in the state
 * directory. A link beside ours, "...imported", keeps that name: once the
 * Java agent's database is gone (its usual place is emptied by a reboot), the
 * setting does not lead to a new, empty one.
 *
 * Who only looks (site_look) makes none of this.
 *
 * Thread: main, at start. Refuses to remove or to overwrite anything.
 */
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "java.h"
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

/* The true name of `path`; with `make`, its directories are made, without,
 * they need not be there. NULL: logged. */
static char *
find(const char *path, bool make)
{
	size_t len = strlen(path);
	struct stat st;
	char *real;

	if (len == 0 || path[len - 1] == '/' || is_directory(path)) {
		log_error("%s: is a directory; checkpointFile must name a file",
		    path);
		return NULL;
	}
	if (make && make_directories(path) != 0)
		return NULL;
	real = without_links(path);
	if (real == NULL && !make && (errno == ENOENT || errno == ENOTDIR))
		return mem_dup(path);
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

static char *
link_beside(const char *own)
{
	return mem_format("%s.imported", own);
}

/* Did `named` lead to the Java agent's database once, and to ours instead? */
static bool
was_imported(const char *own, const char *named)
{
	char *link = link_beside(own), target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target));

	free(link);
	return len >= 0 && (size_t)len == strlen(named) &&
	       memcmp(target, named, (size_t)len) == 0;
}

static int
note_imported(const char *own, const char *named)
{
	char *link = link_beside(own);
	int result = 0;

	if (!was_imported(own, named)) {
		(void)unlink(link);
		result = symlink(named, link);
	}
	if (result != 0)
		log_error("%s: cannot be made: %s; let the agent's user write "
			  "in that directory",
		    link, strerror(errno));
	free(link);
	return result;
}

static bool
is_gone(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR;
	return S_ISREG(st.st_mode) && st.st_size == 0;
}

/* checkpointFile names a database that may be the Java agent's. */
static int
find_named(const struct config *config, struct site *site, bool make)
{
	const char *named = config->checkpoint_file;
	const char *own = config->own_checkpoint_file;
	char *other;

	if (is_gone(named) && was_imported(own, named)) {
		site->path = find(own, make);
		return site->path == NULL ? -1 : 0;
	}
	site->path = find(named, make);
	if (site->path == NULL)
		return -1;
	if (!java_looks_like(site->path))
		return 0;
	other = find(own, make);
	if (other == NULL)
		return -1;
	if (strcmp(other, site->path) == 0) {
		/* Opening it will say that it is in our place. */
		free(other);
		return 0;
	}
	site->source = site->path;
	site->path = other;
	return make ? note_imported(own, named) : 0;
}

static int
choose(const struct config *config, struct site *site, bool make)
{
	memset(site, 0, sizeof(*site));
	if (config->own_checkpoint_file != NULL &&
	    strcmp(config->own_checkpoint_file, config->checkpoint_file) != 0)
		return find_named(config, site, make);
	site->path = find(config->checkpoint_file, make);
	if (site->path == NULL)
		return -1;
	if (config->import_file != NULL) {
		site->source = mem_dup(config->import_file);
		site->by_default = true;
	}
	return 0;
}

int
site_choose(const struct config *config, struct site *site)
{
	return choose(config, site, true);
}

int
site_look(const struct config *config, struct site *site)
{
	return choose(config, site, false);
}

int
site_ask(const char *path, bool *there)
{
	struct stat st;

	*there = false;
	if (refuse_orphan(path) != 0)
		return -1;
	if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
		log_error("%s: cannot read: %s; ask as root, or as the agent's "
			  "user",
		    path, strerror(errno));
		return -1;
	}
	*there = st.st_size > 0;
	return 0;
}

void
site_fini(struct site *site)
{
	free(site->path);
	free(site->source);
	memset(site, 0, sizeof(*site));
}
