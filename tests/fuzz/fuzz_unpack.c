/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a compressed file: never a crash, an answer for every read,
 * and the same bytes whether they are read at once, in pieces, or again.
 *
 * The first byte chooses the kind and the size of the pieces.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tail/unpack.h"

#define TEXT_MAX ((size_t)8 * 1024 * 1024) /* more would only cost time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char once[TEXT_MAX], again[TEXT_MAX];

static size_t
read_in_pieces(struct unpack *u, int fd, size_t piece, unsigned char *text,
    enum unpack_result *result)
{
	size_t all = 0, got;

	do {
		size_t want = TEXT_MAX - all < piece ? TEXT_MAX - all : piece;

		*result = unpack_read(u, fd, text + all, want, all, &got);
		assert(got <= want);
		assert(*result != UNPACK_FAILED && *result != UNPACK_LATER);
		assert((*result == UNPACK_BYTES) == (got == want));
		all += got;
	} while (*result == UNPACK_BYTES && all < TEXT_MAX);
	assert((*result == UNPACK_BROKEN) == (unpack_reason(u) != NULL));
	return all;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum unpack_result how, then;
	enum unpack_kind kind;
	struct unpack *u;
	size_t all;
	int fd;

	if (size < 1)
		return 0;
	kind = data[0] & 1 ? UNPACK_GZIP : UNPACK_ZSTD;
	fd = memfd_create("archive", MFD_CLOEXEC);
	assert(fd >= 0);
	assert(write(fd, data + 1, size - 1) == (ssize_t)size - 1);
	u = unpack_new(kind);
	all = read_in_pieces(u, fd, 1024 * 1024, once, &how);
	assert(read_in_pieces(
		   u, fd, 100 + 64 * (size_t)data[0], again, &then) == all);
	assert(how == then);
	assert(memcmp(once, again, all) == 0);
	unpack_free(u);
	(void)close(fd);
	return 0;
}
