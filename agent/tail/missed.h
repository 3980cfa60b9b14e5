/* SPDX-License-Identifier: Apache-2.0
 *
 * missed: archives of files that came, were rotated and compressed between two
 * looks, or while we were down: nobody has read them. They are read whole.
 *
 * Thread: tail.
 */
#ifndef MISSED_H
#define MISSED_H

#include <stdbool.h>
#include <stdint.h>

struct directory;
struct tail;
struct who;

/* At the end of the first look: follow those in `d`. */
void missed_while_away(struct tail *t, struct directory *d);

/* May the entry `text` of `d` be such an archive, as its name says? */
bool missed_may_be(const struct directory *d, const char *text);

/* The entry `text` of `d`, which nobody follows, is `who`: if that may be one,
 * find out soon. */
void missed_met(struct tail *t, const struct directory *d, const char *text,
    const struct who *who);

/* The file that was `path` went before anything of it was read: is there an
 * archive of it, as the names say? Then find out soon whether what is in it
 * has to be read. */
bool missed_packed(struct tail *t, const char *path);

/* The same of one that was `size` bytes long, and may have had other names
 * since: also an archive of the same log that says to be as long. */
bool missed_packed_away(struct tail *t, const char *path, uint64_t size);

/* The wall clock's time before which all that came has been looked at, and
 * nothing of it waits any more: rows say that, for the next start. */
int64_t missed_looked_ms(const struct tail *t);

/* Find out what can be found out now. Answers when to ask again. */
int64_t missed_due(struct tail *t);

/* Forget all that was to be found out. */
void missed_fini(struct tail *t);

#endif
