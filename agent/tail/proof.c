/* SPDX-License-Identifier: Apache-2.0
 *
 * proof: see proof.h.
 *
 * Of a plain file its identity must agree, and then its content: equal content
 * alone makes no copy. A compressed file is another file than the one that was
 * read, so there content must do, among the names of one log: its head, its
 * youngest mark, and that nothing more is in it than what was read.
 *
 * Thread: the caller's.
 */
#include "proof.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "config.h"
#include "file.h"
#include "glob.h"
#include "listing.h"
#include "mem.h"
#include "pattern.h"
#include "stem.h"
#include "trace.h"
#include "unpack.h"
#include "who.h"

#define CHUNK ((size_t)256 * 1024)

struct proof {
	char *path; /* owned */
	int fd;
	struct who who;
	enum unpack_kind packed;
	uint64_t size, end; /* of the content, when we looked */
	const char *trouble;
};

/* Where the last newline in [0, size) ends; 0: there is none. -1: errno. */
static int
find_end(struct proof *p)
{
	char *chunk = mem_new_array(1, CHUNK);
	uint64_t from = p->size;
	ssize_t n = 0;

	while (from > 0 && p->end == 0) {
		size_t want = from < CHUNK ? (size_t)from : CHUNK;
		const char *at;

		from -= want;
		n = pread(p->fd, chunk, want, (off_t)from);
		if (n < 0)
			break;
		at = memrchr(chunk, '\n', (size_t)n);
		if (at != NULL)
			p->end = from + (uint64_t)(at - chunk) + 1;
	}
	free(chunk);
	return n < 0 ? -1 : 0;
}

/* One pass over all of it. -1: errno. */
static int
measure_packed(struct proof *p)
{
	struct unpack *u = unpack_new(p->packed);
	char *chunk = mem_new_array(1, CHUNK);
	enum unpack_result result;

	do {
		const char *newline;
		size_t got;

		result = unpack_read(u, p->fd, chunk, CHUNK, p->size, &got);
		newline = memrchr(chunk, '\n', got);
		if (newline != NULL)
			p->end = p->size + (uint64_t)(newline - chunk) + 1;
		p->size += got;
	} while (result == UNPACK_BYTES || result == UNPACK_LATER);
	if (result == UNPACK_SHORT)
		p->trouble = "it is not complete";
	if (result == UNPACK_BROKEN)
		p->trouble = unpack_reason(u);
	free(chunk);
	unpack_free(u);
	return result == UNPACK_FAILED ? -1 : 0;
}

static int
look(struct proof *p)
{
	p->fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (p->fd < 0 || who_is_open(p->fd, &p->who) != 0)
		return -1;
	if (!S_ISREG(p->who.mode)) {
		errno = EINVAL;
		return -1;
	}
	p->packed = unpack_kind(p->path);
	if (p->packed != UNPACK_NONE)
		return measure_packed(p);
	if (glob_is_compressed(p->path))
		p->trouble = "it is compressed in a way that the agent cannot "
			     "read";
	p->size = p->who.size;
	return find_end(p);
}

struct proof *
proof_new(const char *path)
{
	struct proof *p = mem_new(sizeof(*p));
	int why;

	p->path = mem_dup(path);
	if (look(p) == 0)
		return p;
	why = errno;
	proof_free(p);
	errno = why;
	return NULL;
}

void
proof_free(struct proof *p)
{
	if (p == NULL)
		return;
	if (p->fd >= 0)
		(void)close(p->fd);
	free(p->path);
	free(p);
}

const struct identity *
proof_identity(const struct proof *p)
{
	return &p->who.id;
}

uint64_t
proof_end(const struct proof *p)
{
	return p->end;
}

uint64_t
proof_rest(const struct proof *p)
{
	return p->size - p->end;
}

bool
proof_is_packed(const struct proof *p)
{
	return p->packed != UNPACK_NONE;
}

const char *
proof_trouble(const struct proof *p)
{
	return p->trouble;
}

/* Does the open plain file hold what `row` remembers of it? */
static bool
agrees(const struct proof *p, const struct checkpoint *row)
{
	struct file f = { .fd = p->fd };
	struct stat st;
	uint64_t size;

	if (fstat(p->fd, &st) != 0)
		return false;
	size = (uint64_t)st.st_size;
	if (row->imported)
		return size >= row->size && size >= row->committed;
	if (row->head.end > size ||
	    (row->head.end > 0 && !file_holds(&f, &row->head)))
		return false;
	for (uint32_t i = row->mark_count; i-- > 0;)
		if (row->marks[i].end <= size)
			return file_holds(&f, &row->marks[i]);
	return row->head.end > 0 || row->committed == 0;
}

/* Are both of one log, by their names and places? */
static bool
is_kin(const char *a, const char *b)
{
	const char *name_a = strrchr(a, '/'), *name_b = strrchr(b, '/');
	char stem_a[NAME_MAX + 1], stem_b[NAME_MAX + 1];
	char *directory;
	bool near;

	if (name_a == NULL || name_b == NULL)
		return false;
	stem_of(name_a + 1, stem_a);
	stem_of(name_b + 1, stem_b);
	if (strcmp(stem_a, stem_b) != 0)
		return false;
	directory = mem_dup_span(b, (size_t)(name_b - b));
	near = trace_is_near(directory, a);
	free(directory);
	return near;
}

/* Is what is in the archive what the file of `row` held? */
static bool
has_become(struct proof *p, const struct checkpoint *row)
{
	struct trace_content content = { &row->head, row->marks,
		row->mark_count, row->committed };
	struct entry e = { .path = p->path, .packed = p->packed };

	if (row->imported || (row->committed == 0 && row->size == 0) ||
	    (row->committed > p->size && row->size > p->size) ||
	    !is_kin(p->path, row->path))
		return false;
	return trace_agrees(&e, &content);
}

bool
proof_counts(struct proof *p, const struct checkpoint *row)
{
	if (who_same(&row->id, &p->who.id))
		return p->packed != UNPACK_NONE || agrees(p, row);
	return p->packed != UNPACK_NONE && has_become(p, row);
}

/* Does the flow follow the file `name` in the directory of `path`, of which
 * `len` bytes are the directory with the slash behind? */
static bool
takes(const struct patterns *patterns, const struct excludes *excludes,
    const char *path, size_t len, const char *name)
{
	char *whole = mem_format("%.*s%s", (int)len, path, name);
	char *directory = mem_dup_span(path, len > 1 ? len - 1 : len);
	bool found = false;

	for (size_t i = 0; i < patterns->count && !found; i++)
		found = pattern_matches(&patterns->at[i], whole);
	found = found && !pattern_excludes(excludes, directory, name);
	free(directory);
	free(whole);
	return found;
}

static bool
is_wanted(const struct patterns *patterns, const struct excludes *excludes,
    const char *path, bool *rotated)
{
	const char *slash = strrchr(path, '/');
	size_t len = (size_t)(slash - path) + 1, bare_len;
	const char *name = slash + 1;
	char stem[NAME_MAX + 1], bare[NAME_MAX + 1];

	*rotated = false;
	bare_len = unpack_bare(name);
	if (bare_len > NAME_MAX)
		return false;
	memcpy(bare, name, bare_len);
	bare[bare_len] = '\0';
	if (!glob_is_compressed(name) &&
	    takes(patterns, excludes, path, len, name))
		return true;
	stem_of(name, stem);
	*rotated = takes(patterns, excludes, path, len, bare) ||
		   takes(patterns, excludes, path, len, stem);
	return *rotated;
}

bool
proof_is_wanted(
    const struct config *config, size_t flow, const char *path, bool *rotated)
{
	const struct flow_config *f = &config->flows[flow];
	struct patterns patterns = { NULL, 0 };
	struct excludes excludes;
	const char *why;
	bool wanted = true;

	memset(&excludes, 0, sizeof(excludes));
	for (size_t i = 0; wanted && f->patterns[i] != NULL; i++)
		wanted =
		    pattern_add(&patterns, f->patterns[i], config->java, &why);
	for (size_t i = 0;
	     wanted && f->excludes != NULL && f->excludes[i] != NULL; i++)
		wanted = pattern_exclude(&excludes, f->excludes[i], &why);
	wanted = wanted && is_wanted(&patterns, &excludes, path, rotated);
	pattern_forget(&patterns);
	pattern_include_all(&excludes);
	return wanted;
}
