/* SPDX-License-Identifier: Apache-2.0
 *
 * tail_find: which files a flow would follow now, for who asks before anything
 * runs. See tail_find in tail.h.
 *
 * A walk by the pattern's parts, as the survey does it, but once and without
 * watching. Depth has the survey's ceiling. Thread: the caller's.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "glob.h"
#include "log.h"
#include "pattern.h"
#include "tail.h"

#define DEPTH_MOST 32

struct walk {
	const struct pattern *pattern;
	const struct excludes *excludes;
	tail_found_fn *found;
	void *owner;
};

static void look_in(struct walk *w, const char *dir, size_t part, int depth);

/* The entry `path` matches the part, or may stand for `**`. */
static void
take_entry(
    struct walk *w, const char *path, const char *name, size_t part, int depth)
{
	bool any = w->pattern->parts[part].kind == PART_DIRECTORIES;
	struct stat st;

	/* `**` does not go through links. */
	if ((any ? lstat(path, &st) : stat(path, &st)) != 0) {
		w->found(w->owner, path, errno);
		return;
	}
	if (!any && part + 1 == w->pattern->count) {
		if (S_ISREG(st.st_mode) && !glob_is_compressed(name))
			w->found(w->owner, path, 0);
		return;
	}
	if (S_ISDIR(st.st_mode))
		look_in(w, path, any ? part : part + 1, depth + 1);
}

static void
look_in(struct walk *w, const char *dir, size_t part, int depth)
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *list;

	if (depth > DEPTH_MOST)
		return;
	/* Names alone are no use: what they name must be reached. */
	list = opendir(dir);
	if (list != NULL && access(dir, X_OK) != 0) {
		int error = errno;

		(void)closedir(list);
		errno = error;
		list = NULL;
	}
	if (list == NULL) {
		w->found(w->owner, dir, errno);
		return;
	}
	/* `**` stands for no directory, too. */
	if (w->pattern->parts[part].kind == PART_DIRECTORIES)
		look_in(w, dir, part + 1, depth + 1);
	while ((entry = readdir(list)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    !pattern_takes(w->pattern, part, name) ||
		    pattern_excludes(w->excludes, dir, name))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s",
			strcmp(dir, "/") == 0 ? "" : dir,
			name) < (int)sizeof(path))
			take_entry(w, path, name, part, depth);
	}
	(void)closedir(list);
}

int
tail_find(
    const struct config *config, size_t flow, tail_found_fn *found, void *owner)
{
	const struct flow_config *f = &config->flows[flow];
	struct patterns patterns = { NULL, 0 };
	struct excludes excludes;
	unsigned manners = pattern_manners(config, f);
	const char *why = NULL;
	int answer = -1;

	memset(&excludes, 0, sizeof(excludes));
	for (size_t i = 0; f->patterns[i] != NULL; i++)
		if (!pattern_add(&patterns, f->patterns[i], manners, &why))
			goto done;
	for (size_t i = 0; f->excludes != NULL && f->excludes[i] != NULL; i++)
		if (!pattern_exclude(&excludes, f->excludes[i], &why))
			goto done;
	for (size_t i = 0; i < patterns.count; i++) {
		struct walk w = { &patterns.at[i], &excludes, found, owner };

		look_in(&w, patterns.at[i].root, 0, 0);
	}
	answer = 0;
done:
	if (answer != 0)
		log_error("flow %s: %s", f->name, why);
	pattern_forget(&patterns);
	pattern_include_all(&excludes);
	return answer;
}
