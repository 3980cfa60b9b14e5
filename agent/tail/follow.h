/* SPDX-License-Identifier: Apache-2.0
 *
 * follow: from directories to readers. Looks where an event or a scan points,
 * and makes the roster and the readers agree with what is there.
 *
 * Thread: tail.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct directory;
struct file;
struct flow;
struct identity;
struct tail;
struct watch_event;
struct who;

/* Scan the directories that are due. Answers when the next one is. */
int64_t follow_scan_due(struct tail *t);

/* All directories are due: events were lost. */
void follow_everything(struct tail *t);

/* What an event points to. */
void follow_event(struct tail *t, const struct watch_event *event);

/* No event waits any more: names are what they seem again. */
void follow_quiet(struct tail *t);

/* `text` in `d` may be the file of a restored row under another name. */
void follow_old_name(struct tail *t, struct directory *d, const char *text);

/* Follow for `flow` a file that has no name we know, as `who` saw it; `path`
 * is how it was called. It has a restored row. */
void follow_nameless(struct tail *t, struct flow *flow, struct directory *d,
    const char *path, const struct who *who);

/* Is the file `id` followed for `flow`? */
bool follow_has(
    const struct tail *t, const struct flow *flow, const struct identity *id);

/* Does a name of `f` match `flow`'s pattern? */
bool follow_wants(const struct flow *flow, const struct file *f);

/* The entry `text` of `d` holds a copy of what `r` read and nobody follows
 * it: a suspect of `r` for it, unwanted. NULL: it is gone again. */
struct reader *follow_copy(
    struct tail *t, struct reader *r, struct directory *d, const char *text);

#endif
