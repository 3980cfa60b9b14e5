/* SPDX-License-Identifier: Apache-2.0
 *
 * duplicate: see duplicate.h.
 *
 * SQLite itself cannot be asked: opening a database whose writer was killed
 * rolls its last transaction back, and that writes. So the files are copied
 * and the copy is opened. A copy is whole only if nobody wrote meanwhile:
 * SQLite's own shared lock is held for that time, which keeps a writer with a
 * rollback journal from the database, and nothing may look different
 * afterwards, which tells of all others.
 *
 * The index of a write-ahead log (-shm) is not copied: it belongs to the
 * processes that have the database open, and the first one makes it anew.
 *
 * Thread: main, at start. Refuses to write anywhere but to the copy.
 */
#include "duplicate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "mem.h"

/* Where a reader of a database locks it (SQLite's file format, "Locking"). */
#define SHARED_FIRST 0x40000002
#define SHARED_COUNT 510

#define SIZE_MAX_COPIED ((off_t)256 * 1024 * 1024)
#define CHUNK           ((size_t)64 * 1024)
#define PATIENCE_MS     2000 /* for a database that is being written */
#define NAP_MS          20

static const char *const parts[] = { "", "-journal", "-wal" };

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* What could tell that somebody wrote. All zero: not there. */
struct look {
	struct {
		dev_t dev;
		ino_t ino;
		off_t size;
		struct timespec written;
	} at[PARTS];
};

static void
look_at(const char *from, struct look *look)
{
	memset(look, 0, sizeof(*look));
	for (size_t i = 0; i < PARTS; i++) {
		char *path = mem_format("%s%s", from, parts[i]);
		struct stat st;

		if (stat(path, &st) == 0) {
			look->at[i].dev = st.st_dev;
			look->at[i].ino = st.st_ino;
			look->at[i].size = st.st_size;
			look->at[i].written = st.st_mtim;
		}
		free(path);
	}
}

static int
say_uncopied(const char *path, int why)
{
	log_error("%s: the Java agent's checkpoints cannot be read: %s; let "
		  "the agent's user read this file, or move it away and every "
		  "flow starts at its initialPosition",
	    path, strerror(why));
	return -1;
}

static int
say_unwritten(const char *path)
{
	log_error("%s: cannot copy the Java agent's checkpoints to here: %s; "
		  "let the agent's user write there, and see that there is "
		  "space",
	    path, strerror(errno));
	return -1;
}

static int
copy_bytes(int in, const char *from, int out, const char *to)
{
	unsigned char *chunk = mem_new_array(1, CHUNK);
	ssize_t got;
	int result = 0;

	while (result == 0 && (got = read(in, chunk, CHUNK)) != 0) {
		if (got < 0)
			result = say_uncopied(from, errno);
		else if (write(out, chunk, (size_t)got) != got)
			result = say_unwritten(to);
	}
	free(chunk);
	return result;
}

static int
check_source(int fd, const char *from)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return say_uncopied(from, errno);
	if (S_ISREG(st.st_mode) && st.st_size <= SIZE_MAX_COPIED)
		return 0;
	log_error("%s: is not the Java agent's checkpoints: %s; move it away "
		  "and every flow starts at its initialPosition",
	    from,
	    S_ISREG(st.st_mode) ? "larger than 256 MiB" : "no regular file");
	return -1;
}

static int
copy_open(int in, const char *from, const char *to)
{
	int result, out;

	if (check_source(in, from) != 0)
		return -1;
	(void)unlink(to);
	out = open(
	    to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return say_unwritten(to);
	result = copy_bytes(in, from, out, to);
	(void)close(out);
	return result;
}

/* One of the files, if it is there. */
static int
copy_part(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int result;

	if (in < 0)
		return errno == ENOENT ? 0 : say_uncopied(from, errno);
	result = copy_open(in, from, to);
	(void)close(in);
	return result;
}

static int
copy_parts(const char *from, const char *to)
{
	int result = 0;

	duplicate_remove(to);
	for (size_t i = 0; i < PARTS && result == 0; i++) {
		char *source = mem_format("%s%s", from, parts[i]);
		char *copy = mem_format("%s%s", to, parts[i]);

		result = copy_part(source, copy);
		free(source);
		free(copy);
	}
	return result;
}

/* Is somebody writing to the database behind `fd`? If not, nobody begins to
 * until it is closed. Where locks do not work, looking has to do. */
static bool
is_written(int fd)
{
	struct flock shared = { .l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = SHARED_FIRST,
		.l_len = SHARED_COUNT };

	if (fcntl(fd, F_OFD_SETLK, &shared) == 0)
		return false;
	return errno == EAGAIN || errno == EACCES;
}

static enum duplicate_result
copy_at_rest(int fd, const char *from, const char *to)
{
	int64_t until = clock_ms() + PATIENCE_MS;
	struct look before, after;

	for (;;) {
		if (!is_written(fd)) {
			look_at(from, &before);
			if (copy_parts(from, to) != 0)
				break;
			look_at(from, &after);
			if (memcmp(&before, &after, sizeof(before)) == 0)
				return DUPLICATE_MADE;
		}
		if (clock_ms() >= until) {
			log_error("%s: is being written: the Java agent seems "
				  "to run still; stop it, then start again",
			    from);
			break;
		}
		(void)poll(NULL, 0, NAP_MS);
	}
	duplicate_remove(to);
	return DUPLICATE_FAILED;
}

enum duplicate_result
duplicate_make(const char *from, const char *to)
{
	/* SQLite calls a journal after the file, not after a link to it. */
	char *real = realpath(from, NULL);
	enum duplicate_result result;
	int fd, why;

	fd = real == NULL ? -1 : open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	why = errno;
	if (fd < 0) {
		free(real);
		if (why == ENOENT || why == ENOTDIR)
			return DUPLICATE_NONE;
		(void)say_uncopied(from, why);
		return DUPLICATE_FAILED;
	}
	result = copy_at_rest(fd, real, to);
	(void)close(fd);
	free(real);
	return result;
}

void
duplicate_remove(const char *to)
{
	static const char *const beside[] = { "", "-journal", "-wal", "-shm" };

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		char *path = mem_format("%s%s", to, beside[i]);

		(void)unlink(path);
		free(path);
	}
}
