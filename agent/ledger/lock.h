/* SPDX-License-Identifier: Apache-2.0
 *
 * lock: keeps a second agent off a checkpoint database.
 */
#ifndef LOCK_H
#define LOCK_H

enum lock_answer {
	LOCK_TAKEN,
	LOCK_HELD,  /* by another; not logged */
	LOCK_FAILED /* logged */
};

/* Take the lock that guards the database `guarded`, as below, if nobody holds
 * it; `holder` is the process that does, 0: not known. */
enum lock_answer lock_try(const char *guarded, int *fd, long *holder);

/* Take the lock that guards the database `guarded`: the file of that name
 * with ".lock" behind it. `fd` holds it until lock_release or until the
 * process ends, however it ends. -1: held by another, or impossible; one line
 * named the file, and the holder where that is known. */
int lock_take(const char *guarded, int *fd);

/* -1 is fine for `fd`. The file stays. */
void lock_release(int fd);

#endif
