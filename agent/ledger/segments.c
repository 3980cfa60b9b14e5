/* SPDX-License-Identifier: Apache-2.0
 *
 * segments: see segments.h.
 *
 * What segments_keep answered for stays, whatever dies when: lines are synced
 * before it answers, and the directory where a name changed. What a crash
 * left of a line that nobody answered for is cut off before the next is
 * written; a last line that only lacks its newline, as an editor leaves it,
 * is not.
 *
 * Thread: ledger. Refuses to write where another process does.
 */
#include "segments.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "mem.h"
#include "mend.h"
#include "pen.h"

#define DIRECTORY_MODE 0700
#define FILE_MODE      0600
#define NAME_MAX_KEPT  150 /* characters; longer names are told by a hash */
#define NUMBERS        999 /* older segments that are looked for */

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Where a dot and digits end the name, as they end a segment's. */
static const char *
number_at_end(const char *flow)
{
	const char *end = flow + strlen(flow), *at = end;

	while (at > flow && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return at < end && at > flow && at[-1] == '.' ? at - 1 : NULL;
}

/* `flow` as the name of a file: no two flows have the same. */
static char *
safe_name(const char *flow)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *number = number_at_end(flow);
	char *name = mem_new_array(3, strlen(flow) + 1);
	size_t len = 0;

	for (const char *c = flow; *c != '\0'; c++) {
		if (is_plain(*c) && c != number && !(c == flow && *c == '.')) {
			name[len++] = *c;
			continue;
		}
		name[len++] = '%';
		name[len++] = hex[(unsigned char)*c >> 4];
		name[len++] = hex[(unsigned char)*c & 15];
	}
	if (len <= NAME_MAX_KEPT)
		return name;
	unsigned char sha[DIGEST_SHA256];
	char text[2 * DIGEST_SHA256 + 1];

	digest_sha256(span_str(flow), sha);
	digest_hex(sha, sizeof(sha), text);
	char *shorter = mem_format("%.*s~%.32s", NAME_MAX_KEPT, name, text);

	free(name);
	return shorter;
}

void
segments_init(
    struct segments *s, const char *directory, const char *flow, uint64_t bound)
{
	char *name = safe_name(flow);

	s->base = mem_format("%s/%s", directory, name);
	s->path = mem_format("%s.jsonl", s->base);
	s->bound = bound;
	s->why[0] = '\0';
	free(name);
}

void
segments_fini(struct segments *s)
{
	free(s->base);
	free(s->path);
	s->base = s->path = NULL;
}

static void fail(struct segments *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
fail(struct segments *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(s->why, sizeof(s->why), format, arguments);
	va_end(arguments);
}

/* The path of the segment numbered `number`, from 1. */
static char *
path_of(const struct segments *s, unsigned number)
{
	return mem_format("%s.%u.jsonl", s->base, number);
}

/* --- The directory --- */

static bool
make_one(const char *path)
{
	struct stat st;

	if (mkdir(path, DIRECTORY_MODE) == 0)
		return true;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Make the directory, and the one above it. */
static bool
make_directory(struct segments *s)
{
	char *path =
	    mem_dup_span(s->path, (size_t)(strrchr(s->path, '/') - s->path));
	char *slash = strrchr(path, '/');
	bool made;

	if (slash != NULL && slash != path) {
		*slash = '\0';
		(void)make_one(path);
		*slash = '/';
	}
	made = make_one(path);
	if (!made)
		fail(s, "cannot make the directory: %s", strerror(errno));
	free(path);
	return made;
}

/* Names that changed are on disk when this answers true. */
static bool
sync_directory(struct segments *s)
{
	char *path =
	    mem_dup_span(s->path, (size_t)(strrchr(s->path, '/') - s->path));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;

	if (!synced)
		fail(s, "cannot sync the directory: %s", strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return synced;
}

/* --- Room --- */

static uint64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* The highest number in use without a gap below it; `*bytes` is what the
 * segments up to it take. */
static unsigned
highest(const struct segments *s, uint64_t *bytes)
{
	unsigned n = 0;

	*bytes = 0;
	while (n < NUMBERS) {
		char *path = path_of(s, n + 1);
		bool there = access(path, F_OK) == 0;

		if (there)
			*bytes += size_of(path);
		free(path);
		if (!there)
			break;
		n++;
	}
	return n;
}

/* Count the lines of `path` and their lengths into `loss`. A quote inside of
 * a string has a backslash before it, so the key is found nowhere else. */
static void
tally(const char *path, struct segments_loss *loss)
{
	static const char key[] = "\"length\":";
	FILE *f = fopen(path, "re");
	uint64_t number = 0;
	size_t matched = 0;
	int c;

	if (f == NULL)
		return;
	while ((c = getc_unlocked(f)) != EOF) {
		if (matched == sizeof(key) - 1 && c >= '0' && c <= '9') {
			number = number * 10 + (uint64_t)(c - '0');
			continue;
		}
		if (matched == sizeof(key) - 1)
			loss->bytes += number;
		if (matched == sizeof(key) - 1 || c != key[matched])
			matched = number = 0;
		if (c == key[matched])
			matched++;
		loss->letters += c == '\n';
	}
	(void)fclose(f);
}

static bool
drop(struct segments *s, unsigned number, struct segments_loss *loss)
{
	char *path = path_of(s, number);
	struct segments_loss gone = { 0, 0 };
	bool done;

	tally(path, &gone);
	done = unlink(path) == 0 || errno == ENOENT;
	if (!done)
		fail(s, "cannot remove %s: %s", path, strerror(errno));
	if (done) {
		loss->letters += gone.letters;
		loss->bytes += gone.bytes;
	}
	free(path);
	return done;
}

/* FLOW.jsonl becomes FLOW.1.jsonl, and so on for `count` of those. */
static bool
shift(struct segments *s, unsigned count)
{
	for (unsigned n = count + 1; n > 0; n--) {
		char *from = n == 1 ? mem_dup(s->path) : path_of(s, n - 1);
		char *to = path_of(s, n);
		bool done = rename(from, to) == 0;

		if (!done)
			fail(s, "cannot rename %s: %s", from, strerror(errno));
		free(from);
		free(to);
		if (!done)
			return false;
	}
	return true;
}

/* Let the oldest go until `need` more bytes fit beside the `size` of the
 * present one. The others then take `*count` numbers. */
static bool
make_room(struct segments *s, uint64_t size, uint64_t need,
    struct segments_loss *loss, unsigned *count)
{
	uint64_t bytes;

	*count = highest(s, &bytes);
	while (*count > 0 && bytes + size + need > s->bound) {
		char *path = path_of(s, *count);

		bytes -= size_of(path);
		free(path);
		if (!drop(s, (*count)--, loss))
			return false;
	}
	return true;
}

/* --- Writing --- */

/* Open what is written to, ending in a whole line. -1: failed. */
static int
open_present(struct segments *s, off_t *size)
{
	int fd = open(s->path,
	    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
		O_NONBLOCK,
	    FILE_MODE);
	struct stat st;

	if (fd < 0) {
		fail(s, "cannot open: %s", strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		fail(s, "is not a regular file");
	else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		fail(s, "another process holds it");
	else if (*size = st.st_size, mend(fd, s->path, size))
		return fd;
	else
		fail(s, "cannot mend its last line: %s", strerror(errno));
	(void)close(fd);
	return -1;
}

static bool
write_out(struct segments *s, struct pen *pen, int fd, off_t size,
    void (*fill)(void *owner, struct pen *pen), void *owner)
{
	int why;

	pen_begin(pen, fd);
	fill(owner, pen);
	why = pen_end(pen);
	if (why == 0 && fdatasync(fd) != 0)
		why = errno;
	if (why == 0)
		return true;
	fail(s, "cannot write: %s", strerror(why));
	/* What cannot be cut back is mended before the next line. */
	(void)!ftruncate(fd, size);
	return false;
}

/* The file to append `need` bytes to, and its size; -1: failed. `*renamed`
 * says whether names changed. */
static int
open_with_room(struct segments *s, uint64_t need, struct segments_loss *loss,
    off_t *size, bool *renamed)
{
	uint64_t part = s->bound / SEGMENTS_SHARE;
	int fd = open_present(s, size);
	unsigned count;

	if (fd < 0)
		return -1;
	*renamed = *size == 0;
	if (!make_room(s, (uint64_t)*size, need, loss, &count))
		goto fail;
	if (*size == 0 || (uint64_t)*size + need <= part)
		return fd;
	if (!shift(s, count))
		goto fail;
	(void)close(fd);
	/* The one that was present may be one too many now. */
	if (!make_room(s, 0, need, loss, &count))
		return -1;
	*renamed = true;
	return open_present(s, size);

fail:
	(void)close(fd);
	return -1;
}

bool
segments_keep(struct segments *s, struct pen *pen,
    void (*fill)(void *owner, struct pen *pen), void *owner,
    struct segments_loss *loss)
{
	bool renamed, kept;
	off_t size;
	int fd;

	*loss = (struct segments_loss){ 0, 0 };
	pen_begin(pen, -1);
	fill(owner, pen);
	if (!make_directory(s))
		return false;
	fd = open_with_room(s, pen->total, loss, &size, &renamed);
	if (fd < 0)
		return false;
	kept = (!renamed || sync_directory(s)) &&
	       write_out(s, pen, fd, size, fill, owner);
	(void)close(fd);
	return kept;
}
