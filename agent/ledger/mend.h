/* SPDX-License-Identifier: Apache-2.0
 *
 * mend: a file of lines is brought to the end of one.
 */
#ifndef MEND_H
#define MEND_H

#include <stdbool.h>
#include <sys/types.h>

/* The file `fd`, open for appending, called `path` and of `*size` bytes, holds
 * objects in JSON, one a line. If its last line has no newline it gets one
 * where it is a whole object, and is cut off where it is not. False: failed,
 * see errno; not logged. */
bool mend(int fd, const char *path, off_t *size);

#endif
