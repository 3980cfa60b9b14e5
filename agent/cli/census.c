/* SPDX-License-Identifier: Apache-2.0
 *
 * census: see census.h.
 *
 * Thread: main; there is no other.
 */
#include "census.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config.h"
#include "findings.h"
#include "hazards.h"
#include "tail.h"

#define SHOWN_MOST  5 /* unreadable ones named for one flow */
#define WATCHES_LOW 8192
#define EVENTS_LOW  4096

struct census {
	struct findings *findings;
	struct hazards *hazards;          /* borrowed */
	unsigned files, unreadable, shut; /* one flow's; shut: directories */
	uintmax_t all;                    /* files of all flows */
	uintmax_t directories;            /* in which they are, about */
	char last[4096];                  /* the directory before */
};

static intmax_t
number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[64] = "";

	if (file == NULL)
		return -1;
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	(void)fclose(file);
	return line[0] != '\0' ? strtoimax(line, NULL, 10) : -1;
}

static void
check_watches(struct findings *f, uintmax_t directories)
{
	intmax_t watches = number_in("/proc/sys/fs/inotify/max_user_watches");
	intmax_t queued = number_in("/proc/sys/fs/inotify/max_queued_events");

	if (watches >= 0 &&
	    (watches < WATCHES_LOW || (uintmax_t)watches < directories))
		findings_add(f, FINDING_HURTS, "inotify",
		    "sysctl fs.inotify.max_user_watches=65536",
		    "a user may have %jd watches, one for each directory; "
		    "beyond that the agent polls",
		    watches);
	else if (queued >= 0 && queued < EVENTS_LOW)
		findings_add(f, FINDING_HURTS, "inotify",
		    "sysctl fs.inotify.max_queued_events=16384",
		    "%jd events are kept; whatever is more costs a look at "
		    "everything",
		    queued);
	else
		findings_add(f, FINDING_FINE, "inotify", NULL,
		    "%jd watches, one for each directory", watches);
}

/* The agent holds half of what it may have open, files and directories. */
static void
check_descriptors(struct findings *f, uintmax_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (limit.rlim_max < 64)
		findings_add(f, FINDING_ERROR, "descriptors",
		    "raise it (ulimit -Hn, LimitNOFILE=)",
		    "only %ju may be open, 64 are needed",
		    (uintmax_t)limit.rlim_max);
	else if (limit.rlim_max / 2 < files)
		findings_add(f, FINDING_HURTS, "descriptors",
		    "raise it (ulimit -Hn, LimitNOFILE=)",
		    "%ju may be open, and there are %ju files: those that are "
		    "not held may be deleted unread",
		    (uintmax_t)limit.rlim_max, files);
	else
		findings_add(f, FINDING_FINE, "descriptors", NULL,
		    "%ju may be open", (uintmax_t)limit.rlim_max);
}

static void
say_closed(struct census *c, unsigned before, const char *path, int error)
{
	if (before < SHOWN_MOST)
		findings_add(c->findings, FINDING_HURTS, "files",
		    "let the agent's user read it (setfacl -m u:USER:rX, and "
		    "with -d on its directory for those to come), or run it "
		    "with CAP_DAC_READ_SEARCH",
		    "%s: %s", path, strerror(error));
}

/* Walks go through a directory at a time, so most come one after the other. */
static void
count_directory(struct census *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (len >= sizeof(c->last) ||
	    (strncmp(c->last, path, len) == 0 && c->last[len] == '\0'))
		return;
	memcpy(c->last, path, len);
	c->last[len] = '\0';
	c->directories++;
}

static void
count_file(void *owner, const char *path, int error)
{
	struct census *c = owner;

	if (error == ENOENT)
		return; /* it may come */
	if (error != 0) {
		say_closed(c, c->shut++, path, error);
		return;
	}
	c->files++;
	count_directory(c, path);
	if (access(path, R_OK) != 0)
		say_closed(c, c->unreadable++, path, errno);
	hazards_meet(c->hazards, path);
}

static void
check_flow(struct census *c, const struct config *config, size_t flow)
{
	struct findings *f = c->findings;

	c->files = c->unreadable = c->shut = 0;
	if (tail_find(config, flow, count_file, c) != 0)
		findings_add(f, FINDING_ERROR, "files",
		    "the reason is on standard error", "cannot be looked for");
	else if (c->files == 0 && c->shut == 0)
		findings_add(f, FINDING_NOTE, "files", "is it spelled right?",
		    "%s: no file now", config->flows[flow].patterns[0]);
	else if (c->unreadable == 0 && c->shut == 0)
		findings_add(f, FINDING_FINE, "files", NULL,
		    "%u now, all readable", c->files);
	else
		findings_add(f, FINDING_HURTS, "files", NULL,
		    "%u of %u cannot be read, %u paths not be looked into",
		    c->unreadable, c->files, c->shut);
	c->all += c->files;
}

void
census_check(
    struct findings *f, const struct config *config, const char *rotations)
{
	struct census c = { .findings = f };

	c.hazards = hazards_new(f, config, rotations);
	for (size_t i = 0; i < config->flow_count; i++) {
		findings_flow(f, config, &config->flows[i]);
		check_flow(&c, config, i);
	}
	findings_flow(f, config, NULL);
	hazards_tell(c.hazards);
	check_watches(f, c.directories);
	check_descriptors(f, c.all);
}
