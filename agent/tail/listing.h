/* SPDX-License-Identifier: Apache-2.0
 *
 * listing: the files in and right below a directory, by their stem.
 *
 * Thread: any.
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "table.h"
#include "unpack.h"
#include "who.h"

struct listing {
	char *path;              /* owned: of the directory */
	struct list_node places; /* struct place: what was listed, and when */
	struct list_node entries;
	struct table by_stem;
};

/* An entry: maybe a file. Owned by its listing. */
struct entry {
	struct list_node node;
	struct table_node in_table; /* listing->by_stem */
	struct who who;             /* once listing_look said true */
	char *path;                 /* owned */
	const char *text;           /* its last component */
	enum unpack_kind packed;    /* as the name says */
	bool below;                 /* in a directory right below */
	bool looked, regular;       /* `who` is known; it is a regular file */
};

/* Of the directory `path`; empty where that cannot be read. Has ceilings: of
 * directories with very many below them not all are looked into. */
struct listing *listing_new(const char *path);
void listing_free(struct listing *l);

/* Did names change while, or since, it was made? Of names that are shifted
 * meanwhile some may be missing. */
bool listing_is_stale(const struct listing *l);

/* Is there an archive in the directory `path`, as the names say? */
bool listing_has_archives(const char *path);

/* The first entry whose name has the stem of `text`, and the next after `e`,
 * whatever its directory; NULL: no more. */
struct entry *listing_first(const struct listing *l, const char *text);
struct entry *listing_next(const struct listing *l, struct entry *e);

/* Ask who `e` is, once. False: no regular file. */
bool listing_look(struct entry *e);

/* The path, owned by the caller, of what may hold the content of the file that
 * was `path`, in an archive of a kind that we cannot read: the one written last
 * of that log. NULL: none. */
char *listing_unreadable(const char *path);

/* When the content of `e`, which was looked at, began, for its rank among its
 * kin: an archive is written long after what is in it, so what the names tell
 * counts more: it ended before a younger one began. */
int64_t listing_born_ns(const struct listing *l, struct entry *e);

#endif
