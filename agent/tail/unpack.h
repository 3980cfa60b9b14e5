/* SPDX-License-Identifier: Apache-2.0
 *
 * unpack: the bytes inside a .gz or .zst file, as if it were a plain one.
 *
 * Compressed bytes can only be met in order, so what is near is cheap (a few
 * MiB before the last read are kept) and what lies further back costs a new
 * start. Memory is bounded: UNPACK_KEPT bytes twice, and what the format
 * needs, which is refused above 128 MiB.
 *
 * Thread: any, one at a time for each. Never logs.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unpack;

/* The bytes before the last read that can be read again at no cost. */
#define UNPACK_KEPT ((size_t)2 * 1024 * 1024)
/* The most bytes that one call passes over on its way. */
#define UNPACK_STEP ((size_t)8 * 1024 * 1024)

enum unpack_kind { UNPACK_NONE, UNPACK_GZIP, UNPACK_ZSTD };

enum unpack_result {
	UNPACK_BYTES,  /* as many as were asked for */
	UNPACK_END,    /* fewer: there the content ends */
	UNPACK_SHORT,  /* fewer: the file ends inside; it may not be complete */
	UNPACK_LATER,  /* none: still on the way to `at`; ask again */
	UNPACK_BROKEN, /* fewer: what follows cannot be read, ever; see
	                * unpack_reason */
	UNPACK_FAILED  /* none: the file cannot be read now; errno */
};

/* By the ending of the file name `name`, in any case. */
enum unpack_kind unpack_kind(const char *name);

/* Which ending compressors give to files of `kind`, which is not UNPACK_NONE:
 * static text. */
const char *unpack_ending(enum unpack_kind kind);

/* The length of `name` without the ending of a compressed file. */
size_t unpack_bare(const char *name);

/* For a file of `kind`, which is not UNPACK_NONE. */
struct unpack *unpack_new(enum unpack_kind kind);
void unpack_free(struct unpack *u);

/* Read `len` bytes of the content at `at` of the compressed file behind `fd`,
 * always the same file; `*got` is how many came. */
enum unpack_result unpack_read(
    struct unpack *u, int fd, void *into, size_t len, uint64_t at, size_t *got);

/* Why it is broken: static text; NULL: it is not. */
const char *unpack_reason(const struct unpack *u);

/* How long the content is, as far as the compressed file behind `fd` says so
 * itself (a gzip file does so modulo 4 GiB and for its last part). It is a
 * hint and no proof. False: it does not say. */
bool unpack_told(enum unpack_kind kind, int fd, uint64_t *size);

/* Does `told`, which is such a hint, fit a content of `size` bytes? */
bool unpack_told_fits(enum unpack_kind kind, uint64_t told, uint64_t size);

#endif
