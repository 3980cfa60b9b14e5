/* SPDX-License-Identifier: Apache-2.0
 *
 * copy: see copy.h.
 *
 * What proves a copy: its head is the original's head, and the youngest mark
 * that lies inside it holds. Where neither tells anything it is no copy: in
 * doubt repeat. The reader of the original moves into the copy
 * with all that rides of it, so that its checkpoint row names the file that
 * still holds the bytes; a copy that ends before what the reader has passed
 * has nothing to add.
 *
 * Thread: tail.
 */
#include "copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain.h"
#include "digest.h"
#include "file.h"
#include "follow.h"
#include "glob.h"
#include "log.h"
#include "mem.h"
#include "place.h"
#include "reader.h"
#include "rotation.h"
#include "state.h"
#include "stem.h"
#include "who.h"

static const char *
basename_of(const struct file *f)
{
	const char *slash = strrchr(f->path, '/');

	return slash != NULL ? slash + 1 : f->path;
}

enum likeness {
	LIKE_NOT,   /* other bytes */
	LIKE_MAYBE, /* nothing that tells: too short, or only NULs */
	LIKE_YES
};

/* How much alike are `len` bytes of two files? A hole of NULs is like any
 * other. */
static enum likeness
alike_at(const struct file *a, const struct file *b, uint64_t at, size_t len)
{
	unsigned char of_a[HEAD_BYTES], of_b[HEAD_BYTES];
	size_t common, nuls = 0;
	ssize_t n, m;

	if (a->fd < 0 || b->fd < 0)
		return LIKE_MAYBE;
	n = file_read(a, of_a, len, at);
	m = file_read(b, of_b, len, at);
	if (n < 0 || m < 0)
		return LIKE_MAYBE;
	common = (size_t)(n < m ? n : m);
	if (memcmp(of_a, of_b, common) != 0)
		return LIKE_NOT;
	while (nuls < common && of_a[nuls] == 0)
		nuls++;
	return nuls < common ? LIKE_YES : LIKE_MAYBE;
}

/* Could the one be a copy of the other, as it stands now? */
static enum likeness
alike(const struct file *a, const struct file *b)
{
	uint64_t common = a->size < b->size ? a->size : b->size;
	uint64_t end = common > MARK_BYTES ? common - MARK_BYTES : 0;
	enum likeness like = alike_at(a, b, 0, HEAD_BYTES);

	if (like == LIKE_NOT || end == 0)
		return like;
	return alike_at(a, b, end, MARK_BYTES);
}

static bool
is_hole(const struct mark *head)
{
	static const unsigned char nuls[HEAD_BYTES];

	return digest_mark(span_of(nuls, head->len)) == head->mark;
}

static enum likeness
has_head(const struct file *c, const struct mark *head)
{
	if (!file_holds(c, head))
		return LIKE_NOT;
	return is_hole(head) ? LIKE_MAYBE : LIKE_YES;
}

/* Does the open `c`, `c->size` long, hold what `r` has passed, as far as it
 * goes? */
static enum likeness
holds_what_was_passed(const struct file *c, const struct reader *r)
{
	const struct file *o = r->file;
	bool before = r->generation != o->generation;
	const struct mark *head = before ? &o->head_before : &o->head;
	enum likeness like = LIKE_MAYBE;

	if (!before)
		like = alike(c, o);
	if (like == LIKE_MAYBE && head->end > 0 && c->size >= head->end)
		like = has_head(c, head);
	if (like == LIKE_NOT)
		return LIKE_NOT;
	for (uint32_t i = r->mark_count; i-- > 0;)
		if (r->marks[i].end <= c->size)
			return file_holds(c, &r->marks[i]) ? LIKE_YES
							   : LIKE_NOT;
	return like;
}

/* Is it sure that the open `c` is no copy of `r`'s file, which has not shrunk
 * and whose size was asked later? One that is longer than it is none. */
static bool
cannot_be_copy(const struct file *c, const struct reader *r)
{
	return c->size > r->file->size ||
	       holds_what_was_passed(c, r) == LIKE_NOT;
}

/* The reader `f` may be a copy for. Who does not know yet that his file holds
 * other bytes by now learns it first, and goes on where his are. */
static struct reader *
settled_original(struct tail *t, const struct flow *flow, const struct file *f)
{
	struct reader *r = chain_original(flow, f);

	if (r == NULL || file_open(&t->files, r->file) != 0)
		return r;
	if (!reader_is_overtaken(t, r)) {
		if (r->mark_count > 0)
			file_learn_head(r->file, &r->marks[r->mark_count - 1]);
		return r;
	}
	rotation_shrunk(t, r);
	return chain_original(flow, f);
}

struct reader *
copy_original(struct tail *t, const struct flow *flow, struct file *f)
{
	struct reader *r = settled_original(t, flow, f);

	if (r == NULL || r->file == f || file_open(&t->files, f) != 0 ||
	    cannot_be_copy(f, r))
		return NULL;
	return r;
}

void
copy_suspect(struct reader *s, struct reader *original)
{
	s->original = original;
	list_add_last(&original->copies, &s->of_original);
	log_info("flow %s: %s begins like %s: waiting to see whether it is a "
		 "copy",
	    s->flow->config->name, s->file->path, original->file->path);
}

bool
copy_is_cleared(struct tail *t, const struct reader *s)
{
	struct reader *o = s->original;

	if (o == NULL)
		return true;
	/* What it held is not there any more: it decides when it sees that. */
	if (file_open(&t->files, o->file) == 0 && reader_is_overtaken(t, o)) {
		reader_ready(o);
		return false;
	}
	return cannot_be_copy(s->file, o);
}

/* Bring the suspect's size up to date. */
static bool
look_again(struct tail *t, struct reader *s)
{
	uint32_t links;

	return file_open(&t->files, s->file) == 0 &&
	       file_refresh(s->file, t->now_ms, &links) == 0;
}

/* The suspect of `r` that holds the most of what it passed. */
static struct reader *
best_suspect(struct tail *t, const struct reader *r)
{
	struct reader *best = NULL;
	struct list_node *at;

	list_for_each (at, &r->copies) {
		struct reader *s = LIST_ENTRY(at, struct reader, of_original);

		if (!look_again(t, s) || s->file->size == 0 ||
		    holds_what_was_passed(s->file, r) != LIKE_YES)
			continue;
		if (best == NULL || s->file->size >= best->file->size)
			best = s;
	}
	return best;
}

/* Is `text` in `d` a copy of what `r` read, that nobody follows? */
static bool
is_lost_copy(struct tail *t, const struct reader *r, const struct directory *d,
    const char *text, struct who *who)
{
	struct file probe = { .size = 0 };
	int fd = -1;
	char *path = follow_path(d, text);
	bool agrees = false;

	if (who_is(path, who) == 0 && S_ISREG(who->mode) && who->size > 0 &&
	    follow_reader(t, r->flow, &who->id) == NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(path);
	if (fd < 0)
		return false;
	probe.fd = fd;
	probe.size = who->size;
	agrees =
	    r->mark_count > 0 && holds_what_was_passed(&probe, r) == LIKE_YES;
	(void)close(fd);
	return agrees;
}

/* Search the directory of `r`'s file for a copy whose name no pattern
 * matches; the largest is a new suspect then. */
static struct reader *
find_lost_copy(struct tail *t, struct reader *r)
{
	struct directory *d = follow_directory(t, r->file->path);
	char best[NAME_MAX + 1] = "";
	uint64_t size = 0;
	struct dirent *e;
	struct who who;
	DIR *dir = d != NULL ? opendir(d->path) : NULL;

	if (dir == NULL)
		return NULL;
	while ((e = readdir(dir)) != NULL) {
		if (!glob_is_compressed(e->d_name) &&
		    stem_is_rotation_of(e->d_name, basename_of(r->file)) &&
		    is_lost_copy(t, r, d, e->d_name, &who) && who.size > size) {
			size = who.size;
			memcpy(best, e->d_name, strlen(e->d_name) + 1);
		}
	}
	(void)closedir(dir);
	return best[0] == '\0' ? NULL : follow_copy(t, r, d, best);
}

bool
copy_follow(struct tail *t, struct reader *r, uint64_t held)
{
	struct reader *s = best_suspect(t, r);
	const char *flow = r->flow->config->name;
	struct file *old = r->file, *copy;
	uint64_t known;

	if (s == NULL)
		s = find_lost_copy(t, r);
	if (s == NULL || !look_again(t, s))
		return false;
	copy = s->file;
	known = copy->size > r->offset ? copy->size : r->offset;
	log_info("flow %s: %s was copied to %s and truncated: going on at "
		 "%" PRIu64 " of %" PRIu64 " in the copy, and at 0",
	    flow, old->path, copy->path, r->offset, copy->size);
	if (held > known) {
		stats_add(&r->flow->stats->bytes_lost, held - known);
		log_warn("flow %s: %s: lost at least %" PRIu64
			 " bytes of [%" PRIu64 ", %" PRIu64
			 "): written between the copy and the truncation",
		    flow, old->path, held - known, known, held);
	}
	reader_move(t, r, s);
	copy_resolve(t, r);
	rotation_named(t, copy);
	return true;
}

/* The bytes of the true copy `s` that `r` has passed are done. */
static void
settle(struct tail *t, struct reader *s, const struct reader *r)
{
	if (look_again(t, s) && s->file->size > 0 &&
	    holds_what_was_passed(s->file, r) == LIKE_YES) {
		s->committed =
		    r->offset < s->file->size ? r->offset : s->file->size;
		s->offset = s->scanned = s->committed;
		s->footer = r->footer <= s->committed ? r->footer : 0;
		s->start = START_SETTLED;
		reader_mark(s);
		reader_moved(t, s);
		return;
	}
	s->start = START_AT_ZERO;
}

void
copy_resolve(struct tail *t, struct reader *r)
{
	struct list_node *at;

	while ((at = list_take_first(&r->copies)) != NULL) {
		struct reader *s = LIST_ENTRY(at, struct reader, of_original);

		s->original = NULL;
		settle(t, s, r);
		reader_ready(s);
	}
}
