/* SPDX-License-Identifier: Apache-2.0
 *
 * logfile: the log in a file of its own, bounded by rotation.
 *
 * A thread writes it, since a disk may take its time: whoever has something to
 * say only puts it into a ring in memory. When that is full, lines are dropped
 * and counted (see log.h). What became of the file is said on standard error.
 */
#ifndef LOGFILE_H
#define LOGFILE_H

#include <stddef.h>
#include <stdint.h>

/* From now on what is said goes to `path`, which is made if its directory is
 * there; at `max_bytes` it becomes PATH.1, that PATH.2, up to PATH.`keep`; with
 * 0 of them it is emptied. If somebody else renames it, it is made anew.
 * Standard error is told where. -1: cannot be opened; `why` (of `size` bytes)
 * says so, nothing is logged, and nothing has changed. Main thread; one at a time. */
int logfile_begin(const char *path, uint64_t max_bytes, unsigned keep,
    char *why, size_t size);

/* Write what waits, for at most `wait_ms`; from here on lines go to standard
 * error again. Harmless if there is none. Main thread. */
void logfile_end(int64_t wait_ms);

/* Where it is, borrowed until logfile_end; NULL: there is none. Main thread. */
const char *logfile_path(void);

/* From a signal's handler: `signal` ends this process in a moment. Wait until
 * what was said is in the file, and that; a second at most. */
void logfile_last_words(int signal);

#endif
