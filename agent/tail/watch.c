/* SPDX-License-Identifier: Apache-2.0
 *
 * watch: directories, through libinotifytools (3.22.6 as it is).
 *
 * Events are hints: they say where to look, fstat says what is. What the
 * library does and what follows from it:
 *
 * - next_event(0) waits for ever, next_events(0, 1) does not wait at all.
 * - Its descriptor is not told and not close-on-exec: it is found once in
 *   /proc/self/fd, as the inotify descriptor that was not there before.
 * - It keeps one name per watch and answers wd_from_filename from its names,
 *   after a directory was replaced with the descriptor of the old one. So
 *   every watch is added under a name nobody used before: the path with a
 *   number behind it, written in "/" and "./". Our own table maps descriptors
 *   to directories.
 * - It cannot forget a watch that the kernel ended, and complains on standard
 *   error when asked to. It is not asked; a hundred bytes stay behind.
 *
 * Thread: tail. Refuses to know what the names mean.
 */
#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <inotifytools/inotifytools.h>

#include "log.h"
#include "mem.h"

#define WATCHED                                                                \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY |     \
	    IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |       \
	    IN_ONLYDIR)

/* What linux/magic.h does not know. */
#define GFS2_MAGIC   0x01161970
#define LUSTRE_MAGIC 0x0BD00BD0
#define GPFS_MAGIC   0x47504653
#define VBOXSF_MAGIC 0x786f4256

static int inotify_fd = -1;
static uint64_t watches; /* so many were added */

static bool
is_inotify(int fd)
{
	char path[64], link[64];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return false;
	link[len] = '\0';
	return strcmp(link, "anon_inode:inotify") == 0;
}

/* The highest inotify descriptor of this process: the newest is ours, since
 * nobody else opens one while we set up. */
static int
find_descriptor(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int found = -1;

	if (dir == NULL)
		return -1;
	while ((e = readdir(dir)) != NULL) {
		int fd = (int)strtol(e->d_name, NULL, 10);

		if (e->d_name[0] != '.' && is_inotify(fd) && fd > found)
			found = fd;
	}
	(void)closedir(dir);
	return found;
}

void
watch_setup(void)
{
	if (!inotifytools_initialize()) {
		log_warn("inotify: cannot start: %s; looking at all "
			 "directories every second instead (raise "
			 "fs.inotify.max_user_instances if this is a limit)",
		    strerror(inotifytools_error()));
		return;
	}
	inotify_fd = find_descriptor();
	if (inotify_fd < 0) {
		log_warn("inotify: its descriptor is not in /proc/self/fd (is "
			 "/proc mounted?); looking at all directories every "
			 "second instead");
		inotifytools_cleanup();
		return;
	}
	(void)fcntl(inotify_fd, F_SETFD, FD_CLOEXEC);
}

void
watch_teardown(void)
{
	if (inotify_fd < 0)
		return;
	inotifytools_cleanup();
	inotify_fd = -1;
}

int
watch_fd(void)
{
	return inotify_fd;
}

/* `path` under a name of its own, the caller's to free. */
static char *
unused_name(const char *path)
{
	char number[2 * 64 + 1];
	char *end = number;

	for (uint64_t n = ++watches; n > 0; n >>= 1)
		end = stpcpy(end, n & 1 ? "./" : "/");
	*end = '\0';
	return mem_format("%s/%s", path, number);
}

int
watch_add(const char *path)
{
	char *name;
	int wd = -1;

	if (inotify_fd < 0) {
		errno = EMFILE;
		return -1;
	}
	name = unused_name(path);
	errno = 0;
	if (inotifytools_watch_file(name, WATCHED))
		wd = inotifytools_wd_from_filename(name);
	else
		errno = inotifytools_error();
	free(name);
	return wd;
}

void
watch_remove(int wd)
{
	(void)inotifytools_remove_watch_by_wd(wd);
}

bool
watch_tells(const char *path)
{
	static const unsigned mute[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,
		CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC,
		V9FS_MAGIC, AFS_SUPER_MAGIC, CEPH_SUPER_MAGIC, CODA_SUPER_MAGIC,
		OCFS2_SUPER_MAGIC, GFS2_MAGIC, LUSTRE_MAGIC, GPFS_MAGIC,
		VBOXSF_MAGIC, PROC_SUPER_MAGIC, SYSFS_MAGIC };
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return true;
	for (size_t i = 0; i < sizeof(mute) / sizeof(mute[0]); i++)
		if ((unsigned)fs.f_type == mute[i])
			return false;
	return true;
}

bool
watch_next(struct watch_event *event)
{
	const struct inotify_event *e;

	if (inotify_fd < 0)
		return false;
	e = inotifytools_next_events(0, 1);
	if (e == NULL)
		return false;
	event->wd = (e->mask & IN_Q_OVERFLOW) ? -1 : e->wd;
	event->name = e->len > 0 ? e->name : "";
	event->gone =
	    e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT);
	event->grew = e->mask & IN_MODIFY;
	event->from = e->mask & IN_MOVED_FROM;
	event->to = e->mask & IN_MOVED_TO;
	event->cookie = e->cookie;
	/* The others come when the kernel has ended the watch. */
	if (e->mask & IN_MOVE_SELF)
		watch_remove(e->wd);
	event->written = (e->mask & (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
					IN_DELETE | IN_ATTRIB)) == 0;
	return true;
}
