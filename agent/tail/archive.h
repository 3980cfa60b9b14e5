/* SPDX-License-Identifier: Apache-2.0
 *
 * archive: how a compressed file is followed. It holds what a rotation took
 * away before we had read it; it is read from there on to its end, and then
 * done for good. A broken one is given up with what cannot be read of it.
 *
 * Thread: tail. A flow reads one archive at a time, since each needs memory
 * of its own.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "reader.h"
#include "unpack.h"

struct checkpoint;
struct file;
struct tail;

/* `f`, which nobody reads yet, is an archive. */
void archive_adopt(struct file *f, enum unpack_kind kind);

/* Is `row` that of an archive of which nothing more comes? */
bool archive_is_done(const struct checkpoint *row);

/* `r` begins in its archive where `row` (NULL: nowhere yet) says. That it is
 * the right one is proven by its identity, or by whoever found it. */
void archive_settle(struct reader *r, struct checkpoint *row);

/* `r`, which has read as far as `expected` bytes at most elsewhere, has moved
 * to an archive of that; `u` as below. */
void archive_enter(struct reader *r, uint64_t expected, struct unpack *u);

/* How long the content of the open `f` is, as far as that can be known, or
 * `otherwise`. */
uint64_t archive_length(const struct file *f, uint64_t otherwise);

/* May `r` read now? If not, it has to come back. */
bool archive_may_read(struct reader *r);

/* `u` (NULL is fine) is on the way to where `r` begins: it is `r`'s, if `r`
 * (NULL is fine) may read now. */
void archive_hand_over(struct reader *r, struct unpack *u);

/* As file_read, of the content. -1 with EAGAIN: on the way there; come back. */
ssize_t archive_read(struct reader *r, void *into, size_t len, uint64_t at);

/* `r` had its turn, which came out as `turn`: what does it mean here? */
enum reader_turn archive_turned(
    struct tail *t, struct reader *r, enum reader_turn turn);

/* `f` has been quiet for long: one that is not complete is given up. */
void archive_is_quiet(struct file *f);

/* Is nobody going to read `f` any more, and is that noted? */
bool archive_is_finished(const struct file *f);

/* What `r`'s checkpoint says of the content's size. */
uint64_t archive_size(const struct reader *r);

/* `r` needs its share of memory no more. */
void archive_release(struct reader *r);

#endif
