/* SPDX-License-Identifier: Apache-2.0
 *
 * listen: see listen.h.
 *
 * The name of a Unix socket stays when its agent dies, and nobody can listen
 * under it again. Whether somebody still does is asked by connecting: only
 * where the kernel says that nobody is there the name is removed. That two
 * agents do this at the same moment is kept off by the checkpoints' lock.
 *
 * The kernel lets in whom the file's mode lets write, which is the same set as
 * listen_permits': the second look is for file systems that ignore modes.
 *
 * Thread: main.
 */
#include "listen.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define BACKLOG 64
#define MODE    0660

/* -1: it is too long, logged. */
static int
address_of(const char *path, struct sockaddr_un *at)
{
	size_t len = strlen(path);

	memset(at, 0, sizeof(*at));
	at->sun_family = AF_UNIX;
	if (len >= sizeof(at->sun_path)) {
		log_warn("status.socket: %s has %zu bytes, a socket's path at "
			 "most %zu; set status.socket to a shorter one: until "
			 "then kinesis-agent status finds nobody",
		    path, len, sizeof(at->sun_path) - 1);
		return -1;
	}
	memcpy(at->sun_path, path, len);
	return 0;
}

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* What stands at the path. */
enum occupant { NOBODY, STALE, ALIVE, UNKNOWN };

static enum occupant
look(const struct sockaddr_un *at)
{
	struct stat st;
	int fd, error;

	if (lstat(at->sun_path, &st) != 0)
		return errno == ENOENT ? NOBODY : UNKNOWN;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return UNKNOWN;
	}
	fd = new_socket();
	if (fd < 0)
		return UNKNOWN;
	error = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0
		    ? 0
		    : errno;
	(void)close(fd);
	if (error == ECONNREFUSED)
		return STALE;
	/* EAGAIN: somebody listens, and is busy. */
	if (error == 0 || error == EAGAIN)
		return ALIVE;
	errno = error;
	return UNKNOWN;
}

static void
say_failed(const char *path, const char *why)
{
	log_warn("status.socket: %s: %s; until the next start kinesis-agent "
		 "status finds nobody; name another path, or off",
	    path, why);
}

/* Make the path free, if it is ours to take. -1: it is not; said. */
static int
make_way(const struct sockaddr_un *at)
{
	switch (look(at)) {
	case NOBODY:
		return 0;
	case STALE:
		if (unlink(at->sun_path) == 0 || errno == ENOENT)
			return 0;
		break;
	case ALIVE:
		say_failed(at->sun_path, "another agent answers there");
		return -1;
	case UNKNOWN:
		break;
	}
	say_failed(at->sun_path, strerror(errno));
	return -1;
}

/* Bound and ours; the mode is never wider than it will be. */
static int
occupy(struct listener *l, const struct sockaddr_un *at)
{
	struct stat st;

	(void)fchmod(l->fd, MODE);
	if (bind(l->fd, (const struct sockaddr *)at, sizeof(*at)) != 0)
		return -1;
	if (chmod(at->sun_path, MODE) != 0 || stat(at->sun_path, &st) != 0)
		return -1;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->group = st.st_gid;
	return listen(l->fd, BACKLOG);
}

int
listen_begin(struct listener *l, const char *path)
{
	struct sockaddr_un at;

	*l = (struct listener){ .fd = -1 };
	if (address_of(path, &at) != 0 || make_way(&at) != 0)
		return -1;
	l->path = mem_dup(path);
	l->fd = new_socket();
	if (l->fd >= 0 && occupy(l, &at) == 0)
		return 0;
	say_failed(path, strerror(errno));
	listen_end(l);
	return -1;
}

void
listen_end(struct listener *l)
{
	struct stat st;

	if (l->ino != 0 && lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		(void)unlink(l->path);
	if (l->fd >= 0)
		(void)close(l->fd);
	free(l->path);
	*l = (struct listener){ .fd = -1 };
}

/* Is `group` among the other groups of the process behind `fd`? */
static bool
is_member(int fd, gid_t group)
{
	socklen_t size = 0;
	gid_t none, *groups;
	bool found = false;

	/* Asked with no room it says how much it takes. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &none, &size) == 0 ||
	    errno != ERANGE)
		return false;
	groups = mem_new_array(size / sizeof(*groups) + 1, sizeof(*groups));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
		size = 0;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		found = found || groups[i] == group;
	free(groups);
	return found;
}

bool
listen_permits(const struct listener *l, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() || peer.gid == l->group ||
	       is_member(fd, l->group);
}
