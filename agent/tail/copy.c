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

#include "archive.h"
#include "chain.h"
#include "digest.h"
#include "file.h"
#include "follow.h"
#include "glob.h"
#include "log.h"
#include "mem.h"
#include "newcomer.h"
#include "place.h"
#include "reader.h"
#include "rotation.h"
#include "state.h"
#include "stem.h"
#include "trace.h"
#include "who.h"

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
		if (r->marks[i].end <= c->size && r->marks[i].end > r->hole)
			return file_holds(c, &r->marks[i]) ? LIKE_YES
							   : LIKE_NOT;
	return like;
}

/* The same of the suspect, or newcomer, `s` of `r`, whose size was asked just
 * now. A copy may be too short for what is known of what `r` passed, but was
 * there when that still stood in the original. */
static enum likeness
suspect_holds(struct reader *s, const struct reader *r)
{
	enum likeness like = holds_what_was_passed(s->file, r);

	if (like == LIKE_YES && r->generation == r->file->generation)
		s->alike = s->file->size;
	if (like == LIKE_MAYBE && s->original == r && s->alike > 0 &&
	    s->alike == s->file->size)
		return LIKE_YES;
	return like;
}

/* Is it sure that the suspect `s` is no copy of `r`'s file, which has not shrunk
 * and whose size was asked later? One that is longer than it is none. */
static bool
cannot_be_copy(struct reader *s, const struct reader *r)
{
	return s->file->size > r->file->size || suspect_holds(s, r) == LIKE_NOT;
}

enum likeness
copy_likeness(struct tail *t, struct reader *n, struct reader *r)
{
	enum likeness like;
	uint32_t links;

	if (file_refresh(n->file, t->now_ms, &links) != 0 ||
	    file_open(&t->files, r->file) != 0)
		return LIKE_NOT;
	if (reader_is_overtaken(t, r))
		return LIKE_LATER;
	if (n->file->size > r->file->size)
		return LIKE_NOT;
	if (r->mark_count > 0)
		file_learn_head(r->file, &r->marks[r->mark_count - 1]);
	like = suspect_holds(n, r);
	/* Did it become another while they were compared? */
	if (like != LIKE_YES && reader_is_overtaken(t, r))
		return LIKE_LATER;
	return like;
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
copy_is_cleared(struct tail *t, struct reader *s)
{
	struct reader *o = s->original;

	/* What it held is not there any more: it decides when it sees that. */
	if (file_open(&t->files, o->file) == 0 && reader_is_overtaken(t, o)) {
		reader_ready(o);
		return false;
	}
	return cannot_be_copy(s, o);
}

/* Bring the suspect's size up to date. */
static bool
look_again(struct tail *t, struct reader *s)
{
	uint32_t links;

	return file_open(&t->files, s->file) == 0 &&
	       file_refresh(s->file, t->now_ms, &links) == 0;
}

/* The newcomers of the same log that hold what `r` passed are its suspects. */
static void
gather(struct tail *t, struct reader *r)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->newcomers) {
		struct reader *n = LIST_ENTRY(at, struct reader, of_original);

		if (n->flow != r->flow || n->file == r->file ||
		    strcmp(n->chain->stem, r->chain->stem) != 0 ||
		    !look_again(t, n) || suspect_holds(n, r) != LIKE_YES)
			continue;
		list_remove(at);
		copy_suspect(n, r);
	}
}

/* The suspect of `r` that holds the most of what it passed. */
static struct reader *
best_suspect(struct tail *t, struct reader *r)
{
	struct reader *best = NULL;
	struct list_node *at;

	gather(t, r);
	list_for_each (at, &r->copies) {
		struct reader *s = LIST_ENTRY(at, struct reader, of_original);

		if (!look_again(t, s) || s->file->size == 0 ||
		    suspect_holds(s, r) != LIKE_YES)
			continue;
		if (best == NULL || s->file->size >= best->file->size)
			best = s;
	}
	return best;
}

/* Is `text` what a rotated file of the log that `r` reads may be called? */
static bool
is_kin(const struct reader *r, const char *text)
{
	char stem[NAME_MAX + 1];

	if (glob_is_compressed(text))
		return false;
	stem_of(text, stem);
	return strcmp(stem, text) != 0 && strcmp(stem, r->chain->stem) == 0;
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
		if (is_kin(r, e->d_name) &&
		    is_lost_copy(t, r, d, e->d_name, &who) && who.size > size) {
			size = who.size;
			memcpy(best, e->d_name, strlen(e->d_name) + 1);
		}
	}
	(void)closedir(dir);
	return best[0] == '\0' ? NULL : follow_copy(t, r, d, best);
}

/* The bytes of the true copy `s` before `end` are `r`'s. */
static void
settle(struct tail *t, struct reader *s, const struct reader *r, uint64_t end)
{
	s->committed = end < s->file->size ? end : s->file->size;
	s->offset = s->scanned = s->committed;
	s->footer = r->footer <= s->committed ? r->footer : 0;
	s->start = START_SETTLED;
	s->original = NULL;
	reader_mark(s);
	reader_moved(t, s);
	reader_ready(s);
}

void
copy_settle(struct tail *t, struct reader *n, const struct reader *r)
{
	settle(t, n, r, n->file->size);
}

/* Whatever is a true copy need not be read before `end`. */
static void
resolve(struct tail *t, struct reader *r, uint64_t end)
{
	struct list_node *at;

	while ((at = list_take_first(&r->copies)) != NULL) {
		struct reader *s = LIST_ENTRY(at, struct reader, of_original);

		if (look_again(t, s) && s->file->size > 0 &&
		    suspect_holds(s, r) == LIKE_YES)
			settle(t, s, r, end);
		else
			newcomer_add(t, s);
	}
}

void
copy_resolve(struct tail *t, struct reader *r)
{
	resolve(t, r, r->offset);
}

/* `r`, whose file held `held` bytes, moves into the copy that `s` reads. */
static void
move(struct tail *t, struct reader *r, struct reader *s, uint64_t held,
    struct unpack *unpack)
{
	const char *flow = r->flow->config->name;
	struct file *old = r->file, *copy = s->file;
	bool packed = copy->packed != UNPACK_NONE;
	uint64_t size = packed ? archive_length(copy, held) : copy->size;
	uint64_t known = size > r->offset ? size : r->offset;

	log_info("flow %s: %s was copied to %s and truncated: going on at "
		 "%" PRIu64 " of %" PRIu64 " in the copy, and at 0",
	    flow, old->path, copy->path, r->offset, size);
	if (held > known) {
		tally_lose(r->flow, STATS_LOSS_COPY, held - known, old->path);
		log_warn("flow %s: %s: lost at least %" PRIu64
			 " bytes of [%" PRIu64 ", %" PRIu64
			 "): written between the copy and the truncation",
		    flow, old->path, held - known, known, held);
	}
	reader_move(t, r, s);
	if (packed)
		archive_enter(r, known, unpack);
	else
		unpack_free(unpack);
	resolve(t, r, packed ? r->offset : copy->size);
	rotation_named(t, copy);
}

/* A reader, of which nothing has become yet, that `r` may move to. */
static struct reader *
reader_at(struct tail *t, const struct reader *r, struct trace_found *found)
{
	struct reader *s = follow_reader(t, r->flow, &found->who.id);

	if (s == NULL)
		return follow_moved(t, r, found);
	/* It was taken for a file of its own. */
	copy_resolve(t, s);
	return s->elder == NULL && s->heir == NULL ? s : NULL;
}

/* Go on in a copy that is further away, or compressed already. */
static bool
follow_far(struct tail *t, struct reader *r, uint64_t held)
{
	struct trace *trace = trace_new();
	struct checkpoint row;
	struct trace_found found = { .unpack = NULL };
	struct reader *s = NULL;
	bool moved;

	place_describe(t, r, &row);
	if (!is_hole(&row.head) && trace_row(trace, t, r->flow, &row, &found) &&
	    !found.read)
		s = reader_at(t, r, &found);
	moved = s != NULL && look_again(t, s);
	if (moved)
		move(t, r, s, held, found.unpack);
	else
		unpack_free(found.unpack);
	checkpoint_fini(&row);
	trace_free(trace);
	return moved;
}

bool
copy_follow(struct tail *t, struct reader *r, uint64_t held)
{
	struct reader *s = best_suspect(t, r);

	if (s == NULL)
		s = find_lost_copy(t, r);
	if (s == NULL || !look_again(t, s))
		return follow_far(t, r, held);
	move(t, r, s, held, NULL);
	return true;
}
