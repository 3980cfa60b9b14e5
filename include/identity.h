/* SPDX-License-Identifier: Apache-2.0
 *
 * identity: which file this is, whatever it is called today.
 *
 * The kernel's file handle holds inode and generation: it survives rename and
 * restart and differs after inode reuse (name_to_handle_at(2)). Where a file
 * system gives none, device, inode and birth time stand in. Both are kept, so
 * that moving from one to the other is not a new file. Handles longer than
 * IDENTITY_HANDLE (none of ext4, xfs, btrfs, tmpfs has one) count as none.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdint.h>

#define IDENTITY_HANDLE 40

/* As handle_type, where there is no handle: dev and ino are all that was ever
 * known (the Java agent kept no more), and alone decide. */
#define IDENTITY_BARE (-1)

struct identity {
	uint64_t dev; /* a hint beside a handle, part of it without */
	uint64_t ino;
	int64_t birth_ns;    /* since 1970; 0: the file system does not say */
	int32_t handle_type; /* as the kernel gave it; see IDENTITY_BARE */
	uint16_t handle_len; /* 0: no handle to be had */
	unsigned char handle[IDENTITY_HANDLE];
};

/* Bytes of a file that let us know it again. `mark` is digest_mark of the
 * bytes [end - len, end). */
struct mark {
	uint64_t end;
	uint64_t mark;
	uint32_t len;
};

#define MARKS_MAX  8    /* the last read ends */
#define MARK_BYTES 64   /* each over at most so many bytes */
#define HEAD_BYTES 1024 /* the head's mark covers at most so many */

/* A half-open stretch of a file. */
struct range {
	uint64_t from, to;
};

#endif
