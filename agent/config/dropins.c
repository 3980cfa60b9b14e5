/* SPDX-License-Identifier: Apache-2.0
 *
 * dropins: see dropins.h.
 *
 * The Java agent reads every regular file of one folder, whatever it is
 * called and in no order. Its manners are kept but for those that can only
 * hurt: a backup beside its original would be the same flow twice.
 *
 * Thread: the one that loads.
 */
#include "dropins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "report.h"

/* Whatever configuration it is started with. */
#define JAVA_FOLDER "/etc/aws-kinesis/agent.d"

static const struct place whole = { 0, 0 };

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len > tail && strcmp(name + len - tail, end) == 0;
}

static bool
ends_with_any(const char *name, const char *const *ends)
{
	for (; *ends != NULL; ends++)
		if (ends_with(name, *ends))
			return true;
	return false;
}

static bool
is_backup(const char *name)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".old",
		".swp", ".tmp", ".rpmsave", ".rpmorig", ".rpmnew", ".dpkg-old",
		".dpkg-new", ".dpkg-dist", ".dpkg-bak", ".dpkg-tmp", ".ucf-old",
		".ucf-new", ".ucf-dist", NULL };

	return name[0] == '#' || ends_with_any(name, ends);
}

/* Is `name` to be read? What looks as if it were meant to be is said. */
static bool
is_wanted(const char *folder, const char *name, struct report *r)
{
	static const char *const ours[] = { ".yaml", ".yml", ".json", NULL };

	if (name[0] == '.')
		return false;
	if (is_backup(name)) {
		if (r->java)
			report_warn(r, whole, NULL,
			    "%s/%s is not read: its name is that of a backup",
			    folder, name);
		return false;
	}
	if (r->java || ends_with_any(name, ours))
		return true;
	report_warn(r, whole, NULL,
	    "%s/%s is not read: its name ends neither in .yaml nor in .json",
	    folder, name);
	return false;
}

/* What is no folder is for the reader to judge. */
static bool
is_folder(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int
by_bytes(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

/* NAME.d for NAME.yaml. */
static char *
folder_of(const char *config_path)
{
	const char *slash = strrchr(config_path, '/');
	const char *name = slash != NULL ? slash + 1 : config_path;
	const char *dot = strrchr(name, '.');
	size_t len = dot != NULL && dot > name ? (size_t)(dot - config_path)
					       : strlen(config_path);

	return mem_format("%.*s.d", (int)len, config_path);
}

static int
list(struct dropins *d, DIR *dir, const char *folder, struct report *r)
{
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (!is_wanted(folder, entry->d_name, r) ||
		    is_folder(dirfd(dir), entry->d_name))
			continue;
		if (d->count == DROPINS_MAX) {
			report_error(r, whole, NULL,
			    "%s holds more than %d files; put several flows "
			    "into one",
			    folder, DROPINS_MAX);
			return -1;
		}
		d->paths =
		    mem_resize(d->paths, d->count + 1, sizeof(*d->paths));
		d->paths[d->count++] =
		    mem_format("%s/%s", folder, entry->d_name);
	}
	if (d->count > 0)
		qsort(d->paths, d->count, sizeof(*d->paths), by_bytes);
	return 0;
}

static bool
holds_files(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool found = false;

	while (dir != NULL && !found && (entry = readdir(dir)) != NULL)
		found = entry->d_name[0] != '.';
	if (dir != NULL)
		(void)closedir(dir);
	return found;
}

int
dropins_find(struct dropins *d, const char *config_path, struct report *r)
{
	char *folder = folder_of(config_path);
	DIR *dir = opendir(folder);
	int answer = 0, error = errno;

	*d = (struct dropins){ NULL, 0 };
	if (dir != NULL) {
		answer = list(d, dir, folder, r);
		(void)closedir(dir);
	} else if (access(folder, F_OK) == 0) {
		report_error(r, whole, NULL,
		    "cannot look for more flows in %s: %s", folder,
		    strerror(error));
		answer = -1;
	}
	if (r->java && strcmp(folder, JAVA_FOLDER) != 0 &&
	    holds_files(JAVA_FOLDER))
		report_warn(r, whole, NULL,
		    "the Java agent takes more flows from " JAVA_FOLDER
		    " whatever it is started with; beside this file they are "
		    "taken from %s",
		    folder);
	free(folder);
	return answer;
}

void
dropins_forget(struct dropins *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->paths[i]);
	free(d->paths);
	*d = (struct dropins){ NULL, 0 };
}
