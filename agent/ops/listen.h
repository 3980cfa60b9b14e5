/* SPDX-License-Identifier: Apache-2.0
 *
 * listen: the socket at a path, and who may speak through it.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

/* The socket we listen on, and what of the file system it is. */
struct listener {
	char *path; /* owned */
	int fd;     /* -1: none */
	dev_t dev;
	ino_t ino;
	gid_t group; /* whose members may speak */
};

/* Listen at `path`. A socket that nobody listens
 * on any more is replaced; anything else that stands there is left alone. -1:
 * it cannot be had, logged with the cure; fd is -1 then. */
int listen_begin(struct listener *l, const char *path);

/* The name goes, if it is still ours. */
void listen_end(struct listener *l);

/* May the process at the other end of the connection `fd` ask? Root may, our
 * own user, and members of the socket's group. */
bool listen_permits(const struct listener *l, int fd);

#endif
