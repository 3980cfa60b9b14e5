/* SPDX-License-Identifier: Apache-2.0
 *
 * own: see own.h.
 *
 * Directories are compared by what they are, since a pattern may lead to one
 * of ours by a link; names decide first, so that it costs nothing where they
 * are other people's.
 *
 * Thread: tail.
 */
#include "own.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "logfile.h"
#include "mem.h"
#include "who.h"

static bool
is_same(const struct stat *st, const struct who *who)
{
	return st->st_dev == who->id.dev && st->st_ino == who->id.ino;
}

static bool
is_descriptor(int fd, const struct who *who)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_same(&st, who);
}

static bool
is_file(const char *path, const struct who *who)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 && is_same(&st, who);
}

/* Do both paths stand in one directory? */
static bool
are_neighbours(const char *a, const char *b)
{
	const char *paths[] = { a, b };
	struct stat st[2];

	for (int i = 0; i < 2; i++) {
		const char *slash = strrchr(paths[i], '/');
		char *parent =
		    mem_dup_span(paths[i], (size_t)(slash - paths[i]) + 1);
		int failed = stat(parent, &st[i]);

		free(parent);
		if (failed != 0)
			return false;
	}
	return st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
}

/* Is `path` what `ours` is called, maybe with something behind, and beside
 * it? NULL: there is none of ours. */
static bool
is_kin(const char *path, const char *ours, const char *seams)
{
	const char *name = strrchr(path, '/') + 1, *own;
	size_t len;

	if (ours == NULL)
		return false;
	own = strrchr(ours, '/') + 1;
	len = strlen(own);
	return strncmp(name, own, len) == 0 &&
	       (name[len] == '\0' || strchr(seams, name[len]) != NULL) &&
	       are_neighbours(path, ours);
}

static bool
is_dead_letters(const struct config *config, const char *path)
{
	char *any;
	bool is;

	if (config->state_directory == NULL || fnmatch("*.jsonl", path, 0) != 0)
		return false;
	any = mem_format("%s/dead-letter/", config->state_directory);
	is = are_neighbours(path, any);
	free(any);
	return is;
}

bool
own_is(const struct config *config, const char *path, const struct who *who)
{
	const char *log = logfile_path();

	return is_descriptor(STDERR_FILENO, who) ||
	       is_descriptor(STDOUT_FILENO, who) || is_file(log, who) ||
	       is_kin(path, log, ".-") ||
	       is_kin(path, config->own_checkpoint_file, "-.") ||
	       is_kin(path, config->checkpoint_file, "-.") ||
	       is_dead_letters(config, path);
}
