/* SPDX-License-Identifier: Apache-2.0
 *
 * watch: what the kernel tells about directories. See watch.c for what its
 * library cannot do.
 *
 * Thread: tail; the library's state is global, so there is one watch.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch_event {
	int wd;           /* the directory's descriptor; -1: events were lost,
	                   * everything must be looked at */
	const char *name; /* in that directory, "" for itself; until next */
	bool gone;        /* the directory is not what it was, and its watch
	                   * is no more: add it anew */
	bool written;     /* the file grew or was closed; its name stands */
	bool grew;        /* and it did not only get closed */
	bool from, to;    /* the file lost, or got, this name by a rename: both
	                   * events have the same cookie */
	uint32_t cookie;
};

/* Before 1,024 descriptors are open (the library waits in select). Where that
 * fails (the machine's limit of instances) it is logged with the cure, and no
 * watch is to be had. */
void watch_setup(void);
void watch_teardown(void);

/* Readable while events wait. -1: there never are any. */
int watch_fd(void);

/* Watch the directory `path`. Answers its descriptor; -1: not to be had, with
 * errno (ENOENT, EACCES, ENOSPC for the limit of watches, EMFILE for
 * that of instances); not logged. The
 * caller never adds one directory twice at a time. */
int watch_add(const char *path);

void watch_remove(int wd);

/* Does the file system of `path` tell of everything that happens there? Not
 * if another machine, or the kernel itself, may write to it. */
bool watch_tells(const char *path);

/* The next waiting event; false: none. Never blocks. */
bool watch_next(struct watch_event *event);

#endif
