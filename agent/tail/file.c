/* SPDX-License-Identifier: Apache-2.0
 *
 * file: see file.h.
 *
 * Descriptors: a file that has neither a name nor a handle we may use cannot
 * be opened again, so it keeps its descriptor; of the others those used
 * longest ago give theirs up when the limit is reached.
 *
 * Thread: tail.
 */
#include "file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "log.h"
#include "who.h"

#define DESCRIPTORS_LEAST 16
#define SETTLED_MS        2000 /* as coarse as times of files may be */
#define HOLE_READS        16   /* of a hole at a time */

/* The root's own handle opens only for those who may open any. */
static bool
may_open_by_handle(void)
{
	struct who root;
	int fd;

	if (who_is("/", &root) != 0)
		return false;
	fd = who_open(&root.id, "/");
	if (fd < 0)
		return errno == ESTALE;
	(void)close(fd);
	return true;
}

void
file_setup(struct files *all)
{
	struct rlimit limit;

	list_init(&all->open);
	all->count = 0;
	all->max = 512;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		all->max = (size_t)(limit.rlim_cur / 2);
	if (all->max < DESCRIPTORS_LEAST)
		all->max = DESCRIPTORS_LEAST;
	all->by_handle = may_open_by_handle();
}

void
file_close(struct files *all, struct file *f)
{
	if (f->fd < 0)
		return;
	(void)close(f->fd);
	f->fd = -1;
	list_remove(&f->open_node);
	all->count--;
}

static bool
can_come_back(const struct files *all, const struct file *f)
{
	return !list_empty(&f->names) ||
	       (all->by_handle && f->id.handle_len > 0);
}

/* Close the one used longest ago that can be opened again. */
static void
make_room(struct files *all)
{
	struct list_node *at;

	if (all->count < all->max)
		return;
	list_for_each (at, &all->open) {
		struct file *f = LIST_ENTRY(at, struct file, open_node);

		if (can_come_back(all, f)) {
			file_close(all, f);
			return;
		}
	}
}

/* Open `path` if it still is `f`. */
static int
open_by_name(const struct file *f)
{
	struct who who;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (who_is_open(fd, &who) == 0 && who.id.dev == f->id.dev &&
	    who_same(&who.id, &f->id))
		return fd;
	(void)close(fd);
	errno = ENOENT;
	return -1;
}

static int
open_somehow(const struct files *all, const struct file *f)
{
	int fd = -1;

	errno = ENOENT;
	if (!list_empty(&f->names) || f->packed != UNPACK_NONE)
		fd = open_by_name(f);
	if (fd < 0 && all->by_handle && f->id.handle_len > 0)
		fd = who_open(&f->id, f->path);
	return fd;
}

int
file_open(struct files *all, struct file *f)
{
	if (f->fd >= 0) {
		list_remove(&f->open_node);
		list_add_last(&all->open, &f->open_node);
		return 0;
	}
	make_room(all);
	f->fd = open_somehow(all, f);
	if (f->fd < 0)
		return -1;
	list_add_last(&all->open, &f->open_node);
	all->count++;
	return 0;
}

ssize_t
file_read(const struct file *f, void *into, size_t len, uint64_t at)
{
	ssize_t n;

	assert(f->fd >= 0);
	do {
		n = pread(f->fd, into, len, (off_t)at);
	} while (n < 0 && errno == EINTR);
	return n;
}

uint64_t
file_settled_size(const struct file *f, int64_t wall_ms)
{
	struct stat st;

	if (f->packed != UNPACK_NONE || f->fd < 0 || fstat(f->fd, &st) != 0 ||
	    (int64_t)st.st_mtim.tv_sec * 1000 > wall_ms - SETTLED_MS)
		return 0;
	return (uint64_t)st.st_size;
}

static void
saw(struct file *f, uint64_t size, int64_t now_ms)
{
	if (size != f->size)
		f->grown_ms = now_ms;
	f->size = size;
}

int
file_refresh(struct file *f, int64_t now_ms, uint32_t *links)
{
	struct who who;

	if (who_is_open(f->fd, &who) != 0)
		return -1;
	*links = who.links;
	f->written_ns = who.written_ms * 1000000;
	if (f->packed == UNPACK_NONE) {
		saw(f, who.size, now_ms);
		return 0;
	}
	if (who.size != f->packed_size)
		f->grown_ms = now_ms;
	f->packed_size = who.size;
	return 0;
}

void
file_saw(struct file *f, uint64_t size, int64_t now_ms)
{
	/* Another flow may be further on in an archive. */
	if (f->packed != UNPACK_NONE && size < f->size)
		return;
	saw(f, size, now_ms);
	if (size > f->most)
		f->most = size;
}

void
file_renewed(struct file *f)
{
	f->generation++;
	f->most_before = f->most;
	f->most = 0;
	f->head_before = f->head;
	memset(&f->head, 0, sizeof(f->head));
}

struct mark
file_mark(struct span before, uint64_t end)
{
	size_t len = before.len < MARK_BYTES ? before.len : MARK_BYTES;

	return (struct mark){ .end = end,
		.len = (uint32_t)len,
		.mark =
		    digest_mark(span_of(before.at + before.len - len, len)) };
}

bool
file_holds(const struct file *f, const struct mark *mark)
{
	unsigned char bytes[HEAD_BYTES];

	if (mark->len > sizeof(bytes) || mark->len > mark->end)
		return false;
	if (file_read(f, bytes, mark->len, mark->end - mark->len) !=
	    (ssize_t)mark->len)
		return false;
	return digest_mark(span_of(bytes, mark->len)) == mark->mark;
}

uint64_t
file_size(const struct file *f)
{
	struct stat st;

	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return 0;
	return (uint64_t)st.st_size;
}

struct mark
file_head(const struct file *f)
{
	unsigned char bytes[HEAD_BYTES];
	ssize_t n = file_read(f, bytes, sizeof(bytes), 0);

	if (n <= 0)
		return (struct mark){ .end = 0 };
	return (struct mark){ .end = (uint64_t)n,
		.len = (uint32_t)n,
		.mark = digest_mark(span_of(bytes, (size_t)n)) };
}

static void
learn_head(struct file *f, const struct mark *proof)
{
	struct mark head = file_head(f);

	/* In this order: what stands there now stood there before. */
	if (head.end > 0 && head.end >= f->head.end &&
	    (proof == NULL || file_holds(f, proof)))
		f->head = head;
}

void
file_learn_head(struct file *f, const struct mark *proof)
{
	if (f->packed == UNPACK_NONE && f->head.end < HEAD_BYTES &&
	    f->head.end < f->size)
		learn_head(f, proof);
}

void
file_take_head(struct file *f)
{
	learn_head(f, NULL);
}

/* Zero bytes at the start of `at`. */
static size_t
leading_nuls(const unsigned char *at, size_t len)
{
	size_t n = 0;

	while (n < len && at[n] == 0)
		n++;
	return n;
}

bool
file_begins_with_hole(const struct file *f)
{
	unsigned char bytes[HEAD_BYTES];

	return file_read(f, bytes, sizeof(bytes), 0) == sizeof(bytes) &&
	       leading_nuls(bytes, sizeof(bytes)) == sizeof(bytes);
}

enum file_hole
file_find_data(const struct file *f, unsigned char *room, size_t len,
    uint64_t from, uint64_t *to)
{
	*to = from;
	for (int i = 0; i < HOLE_READS; i++) {
		ssize_t n = file_read(f, room, len, *to);
		size_t nuls;
		off_t data;

		if (n < 0)
			return HOLE_FAILED;
		nuls = leading_nuls(room, (size_t)n);
		*to += nuls;
		if (nuls < (size_t)n)
			return HOLE_ENDED;
		if (nuls < len)
			return HOLE_ON;
		/* Past what was never written, where that is known. */
		data = lseek(f->fd, (off_t)*to, SEEK_DATA);
		if (data > (off_t)*to)
			*to = (uint64_t)data;
	}
	return HOLE_ON;
}
