/* SPDX-License-Identifier: Apache-2.0
 *
 * file: bytes and descriptors of followed files. Knows how to open a file
 * again under its name or by its handle, and whether its content still is
 * the one we knew.
 *
 * Thread: tail.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "list.h"
#include "roster.h"
#include "span.h"

/* All open descriptors, most recently used last. */
struct files {
	struct list_node open; /* struct file.open_node */
	size_t count, max;     /* descriptors: now, and at most */
	bool by_handle;        /* may we open by handle? */
};

/* At most half of the descriptors this process may have. */
void file_setup(struct files *all);

/* Make `f` have a descriptor. -1: not to be had now; errno says why (ESTALE:
 * the file is gone for good); not logged. */
int file_open(struct files *all, struct file *f);
void file_close(struct files *all, struct file *f);

/* Read up to `len` bytes at `at`; `f` has a descriptor. Answers how many, 0
 * at the end, -1 with errno; not logged. */
ssize_t file_read(const struct file *f, void *into, size_t len, uint64_t at);

/* What the kernel says of the open `f` now; `f->size` and `f->grown_ms` are
 * brought up to date. -1: errno; not logged. */
int file_refresh(struct file *f, int64_t now_ms, uint32_t *links);

/* How long the open `f` is, if nobody has written to it for a while before
 * `wall_ms`, so that what was read of it a moment ago is of the same content;
 * 0: somebody has, or it cannot be told. */
uint64_t file_settled_size(const struct file *f, int64_t wall_ms);

/* `f` is `size` bytes long now, of the content that we know. */
void file_saw(struct file *f, uint64_t size, int64_t now_ms);

/* The content of `f` is another: a new generation, of which nothing is known. */
void file_renewed(struct file *f);

/* The mark of the bytes before `end`, which are the last of `before`. */
struct mark file_mark(struct span before, uint64_t end);

/* Does the open `f` hold, before `mark->end`, the bytes it was made from? */
bool file_holds(const struct file *f, const struct mark *mark);

/* Does the open `f` begin with more NULs than a line would? */
bool file_begins_with_hole(const struct file *f);

enum file_hole {
	HOLE_ENDED, /* a byte that is not NUL was found */
	HOLE_ON,    /* nothing but NULs up to the end, or as far as we looked */
	HOLE_FAILED /* cannot be read; errno; not logged */
};

/* Where, from `from` on, does the open `f` hold anything but NULs? `to` is
 * that place, or how far there are only NULs. `room` is scratch of `len`
 * bytes. Looks at a bounded number of bytes. */
enum file_hole file_find_data(const struct file *f, unsigned char *room,
    size_t len, uint64_t from, uint64_t *to);

/* How long `f` is by now, if it is open; 0: not known. `f` stays as it is. */
uint64_t file_size(const struct file *f);

/* The first bytes that the open `f` holds now; `end` is 0 where there are
 * none. */
struct mark file_head(const struct file *f);

/* Let `f->head` cover as much as there is, up to HEAD_BYTES, if the open `f`
 * still is what `proof` was made from: a head of other content beside offsets
 * of this one would be believed after a restart. */
void file_learn_head(struct file *f, const struct mark *proof);

/* The same of an open `f` whose content was proven in another way. */
void file_take_head(struct file *f);

#endif
