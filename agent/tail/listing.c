/* SPDX-License-Identifier: Apache-2.0
 *
 * listing: see listing.h.
 *
 * Thread: its owner's.
 */
#include "listing.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "glob.h"
#include "mem.h"
#include "stem.h"

#define ENTRIES_MAX 1000000
#define BELOW_MAX   64 /* directories */

/* A directory that was listed. Owned by its listing. */
struct place {
	struct list_node node;
	struct timespec changed; /* last, when that began */
	char path[];
};

static uint64_t
hash_of(const char *text)
{
	char stem[NAME_MAX + 1];

	stem_of(text, stem);
	return table_hash_bytes(span_str(stem));
}

static bool
kin(const char *a, const char *b)
{
	char stem_a[NAME_MAX + 1], stem_b[NAME_MAX + 1];

	stem_of(a, stem_a);
	stem_of(b, stem_b);
	return strcmp(stem_a, stem_b) == 0;
}

static void
add(struct listing *l, const char *directory, const char *text, bool below)
{
	struct entry *e = mem_new(sizeof(*e));

	e->path = mem_format("%s/%s", directory, text);
	e->text = strrchr(e->path, '/') + 1;
	e->packed = unpack_kind(text);
	e->below = below;
	list_add_last(&l->entries, &e->node);
	table_add(&l->by_stem, &e->in_table, hash_of(text));
}

static bool
is_directory(const char *directory, const struct dirent *e)
{
	struct stat st;
	char *path;
	bool is;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	path = mem_format("%s/%s", directory, e->d_name);
	is = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	return is;
}

static void
note_place(struct listing *l, DIR *dir, const char *path)
{
	size_t len = strlen(path) + 1;
	struct place *p = mem_new(sizeof(*p) + len);
	struct stat st;

	if (fstat(dirfd(dir), &st) == 0)
		p->changed = st.st_mtim;
	memcpy(p->path, path, len);
	list_add_last(&l->places, &p->node);
}

static void
list(struct listing *l, const char *directory, bool below)
{
	DIR *dir = opendir(directory);
	unsigned deeper = 0;
	struct dirent *e;

	if (dir == NULL)
		return;
	note_place(l, dir, directory);
	while (l->by_stem.count < ENTRIES_MAX && (e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!is_directory(directory, e)) {
			/* A link's target is met under its own name. */
			if (e->d_type == DT_REG || e->d_type == DT_UNKNOWN)
				add(l, directory, e->d_name, below);
		} else if (!below && deeper++ < BELOW_MAX) {
			char *path = mem_format("%s/%s", directory, e->d_name);

			list(l, path, true);
			free(path);
		}
	}
	(void)closedir(dir);
}

struct listing *
listing_new(const char *path)
{
	struct listing *l = mem_new(sizeof(*l));

	l->path = mem_dup(path);
	list_init(&l->entries);
	list_init(&l->places);
	table_init(&l->by_stem);
	/* What lies in "/" is called "/text". */
	list(l, strcmp(path, "/") != 0 ? path : "", false);
	return l;
}

void
listing_free(struct listing *l)
{
	struct list_node *node;

	if (l == NULL)
		return;
	while ((node = list_take_first(&l->entries)) != NULL) {
		struct entry *e = LIST_ENTRY(node, struct entry, node);

		table_remove(&l->by_stem, &e->in_table);
		free(e->path);
		free(e);
	}
	while ((node = list_take_first(&l->places)) != NULL)
		free(LIST_ENTRY(node, struct place, node));
	table_fini(&l->by_stem);
	free(l->path);
	free(l);
}

bool
listing_is_stale(const struct listing *l)
{
	const struct list_node *at;
	struct stat st;

	list_for_each (at, &l->places) {
		const struct place *p = LIST_ENTRY(
		    (struct list_node *)(uintptr_t)at, struct place, node);

		if (stat(p->path[0] != '\0' ? p->path : "/", &st) != 0 ||
		    st.st_mtim.tv_sec != p->changed.tv_sec ||
		    st.st_mtim.tv_nsec != p->changed.tv_nsec)
			return true;
	}
	return false;
}

bool
listing_has_archives(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	bool has = false;

	if (dir == NULL)
		return false;
	while (!has && (e = readdir(dir)) != NULL)
		has = unpack_kind(e->d_name) != UNPACK_NONE;
	(void)closedir(dir);
	return has;
}

static struct entry *
next_kin(const struct listing *l, struct table_node *at, const char *text)
{
	for (; at != NULL; at = table_next(&l->by_stem, at)) {
		struct entry *e = LIST_ENTRY(at, struct entry, in_table);

		if (kin(e->text, text))
			return e;
	}
	return NULL;
}

struct entry *
listing_first(const struct listing *l, const char *text)
{
	return next_kin(l, table_first(&l->by_stem, hash_of(text)), text);
}

struct entry *
listing_next(const struct listing *l, struct entry *e)
{
	return next_kin(l, table_next(&l->by_stem, &e->in_table), e->text);
}

bool
listing_look(struct entry *e)
{
	if (!e->looked)
		e->regular =
		    who_is(e->path, &e->who) == 0 && S_ISREG(e->who.mode);
	e->looked = true;
	return e->regular;
}

int64_t
listing_born_ns(const struct listing *l, struct entry *e)
{
	int64_t born_ns = e->who.written_ms * 1000000;
	struct entry *other;

	if (e->packed == UNPACK_NONE)
		return e->who.id.birth_ns;
	for (other = listing_first(l, e->text); other != NULL;
	     other = listing_next(l, other)) {
		int64_t other_ns;

		if (other == e || other->below != e->below ||
		    !stem_precedes(e->text, other->text) ||
		    !listing_look(other))
			continue;
		other_ns = other->packed == UNPACK_NONE
			       ? other->who.id.birth_ns
			       : other->who.written_ms * 1000000;
		if (other_ns > 0 && other_ns <= born_ns)
			born_ns = other_ns - 1;
	}
	return born_ns;
}

char *
listing_unreadable(const char *path)
{
	const char *text = strrchr(path, '/') + 1;
	char *directory = mem_dup_span(path, (size_t)(text - path - 1));
	struct listing *l = listing_new(directory[0] ? directory : "/");
	struct entry *e, *last = NULL;
	char *found = NULL;

	for (e = listing_first(l, text); e != NULL; e = listing_next(l, e))
		if (e->packed == UNPACK_NONE && glob_is_compressed(e->text) &&
		    listing_look(e) &&
		    (last == NULL || last->who.written_ms < e->who.written_ms))
			last = e;
	if (last != NULL)
		found = mem_dup(last->path);
	listing_free(l);
	free(directory);
	return found;
}
