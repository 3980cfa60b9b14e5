/* SPDX-License-Identifier: Apache-2.0
 *
 * who: the few calls that ask the kernel about a file's identity.
 *
 * A door to the file system: nothing else in the agent calls statx or
 * name_to_handle_at. Thread: any.
 */
#include "who.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct handle_room {
	struct file_handle head;
	unsigned char rest[IDENTITY_HANDLE];
};

/* No handle is no error: the file system may have none, or one too long. */
static void
ask_handle(int fd, struct identity *id)
{
	struct handle_room room;
	int mount_id;

	memset(&room, 0, sizeof(room));
	room.head.handle_bytes = IDENTITY_HANDLE;
	if (name_to_handle_at(fd, "", &room.head, &mount_id, AT_EMPTY_PATH) !=
	    0)
		return;
	id->handle_type = room.head.handle_type;
	id->handle_len = (uint16_t)room.head.handle_bytes;
	memcpy(id->handle, room.head.f_handle, id->handle_len);
}

static void
take(const struct statx *sx, struct who *who)
{
	memset(who, 0, sizeof(*who));
	who->id.dev = makedev(sx->stx_dev_major, sx->stx_dev_minor);
	who->id.ino = sx->stx_ino;
	if (sx->stx_mask & STATX_BTIME)
		who->id.birth_ns = sx->stx_btime.tv_sec * INT64_C(1000000000) +
				   sx->stx_btime.tv_nsec;
	who->size = sx->stx_size;
	who->written_ms = sx->stx_mtime.tv_sec * INT64_C(1000) +
			  sx->stx_mtime.tv_nsec / 1000000;
	who->mode = sx->stx_mode;
	who->links = sx->stx_nlink;
}

int
who_glance(int dir, const char *name, struct who *who)
{
	struct statx sx;

	if (statx(dir, name, 0, STATX_BASIC_STATS | STATX_BTIME, &sx) != 0)
		return -1;
	take(&sx, who);
	if (who->id.birth_ns != 0)
		return 0;
	errno = ENOTSUP;
	return -1;
}

int
who_is_open(int fd, struct who *who)
{
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME,
		&sx) != 0) {
		memset(who, 0, sizeof(*who));
		return -1;
	}
	take(&sx, who);
	ask_handle(fd, &who->id);
	return 0;
}

/* Both calls must see the same file, whatever is renamed meanwhile: so the
 * path is walked once. */
int
who_is(const char *path, struct who *who)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	int answer, why;

	if (fd < 0)
		return -1;
	answer = who_is_open(fd, who);
	why = errno;
	(void)close(fd);
	errno = why;
	return answer;
}

static bool
is_bare(const struct identity *id)
{
	return id->handle_len == 0 && id->handle_type == IDENTITY_BARE;
}

bool
who_same(const struct identity *a, const struct identity *b)
{
	if (a->ino != b->ino)
		return false;
	if (a->handle_len > 0 && b->handle_len > 0)
		return a->handle_type == b->handle_type &&
		       a->handle_len == b->handle_len &&
		       memcmp(a->handle, b->handle, a->handle_len) == 0;
	if (is_bare(a) || is_bare(b))
		return a->dev == b->dev;
	return a->dev == b->dev && a->birth_ns == b->birth_ns;
}

/* A directory that is gone does not mean that its files are. */
static int
open_mount(const char *near)
{
	char path[PATH_MAX];
	size_t len = strnlen(near, sizeof(path) - 1);
	int fd;

	memcpy(path, near, len);
	path[len] = '\0';
	for (;;) {
		char *slash;

		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR))
			return fd;
		slash = strrchr(path, '/');
		if (slash == NULL || strcmp(path, "/") == 0)
			return -1;
		slash[slash == path ? 1 : 0] = '\0';
	}
}

int
who_open(const struct identity *id, const char *near)
{
	struct handle_room room;
	int mount, fd;

	if (id->handle_len == 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
	mount = open_mount(near);
	if (mount < 0)
		return -1;
	memset(&room, 0, sizeof(room));
	room.head.handle_bytes = id->handle_len;
	room.head.handle_type = id->handle_type;
	memcpy(room.head.f_handle, id->handle, id->handle_len);
	fd = open_by_handle_at(
	    mount, &room.head, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	(void)close(mount);
	return fd;
}
