/* SPDX-License-Identifier: Apache-2.0
 *
 * follow: from names to readers. Looks where an event or a scan points, and
 * makes the roster and the readers agree with what is there.
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
struct name;
struct tail;
struct trace_found;
struct who;

/* The path of the entry `text` of `d`, owned by the caller. */
char *follow_path(const struct directory *d, const char *text);

/* The directory that the entry `path` is in; NULL: not known. */
struct directory *follow_directory(const struct tail *t, const char *path);

/* Ask who the entry `text` of `d` is now, and act upon it. `d` stays. */
void follow_look(struct tail *t, struct directory *d, const char *text);

/* Is `n` what it was, now that it is `who`? */
bool follow_still_is(const struct name *n, const struct who *who);

/* `n`, whose file is still the one it was, is as `who` says. */
void follow_seen(struct tail *t, struct name *n, const struct who *who);

/* May the entry `text` of `d` be a rotated file that a flow wanted? */
bool follow_may_have_missed(const struct directory *d, const char *text);

/* The entry `n` is no longer what it was: forget it. A file that has another
 * name (a hard link) is called by that from now on. */
void follow_drop(struct tail *t, struct name *n);

/* What was called `from` was called `to` last, as the events say, and went
 * before we could look: who still writes to it is told by that name. */
void follow_gone_as(struct tail *t, const char *from, const char *to);

/* `text` in `d` may be the file of a restored row under another name. */
void follow_old_name(struct tail *t, struct directory *d, const char *text);

/* Follow for `flow` a file that has no name we know, as `who` saw it; `path`
 * is how it was called. It has a restored row. */
void follow_nameless(
    struct tail *t, struct flow *flow, const char *path, const struct who *who);

/* Follow for `flow` the file at `path`, as `who` saw it, that was found to
 * hold what a restored row knows, or what nobody has read. Its content began
 * at `born_ns`. */
void follow_found(struct tail *t, struct flow *flow, const char *path,
    const struct who *who, int64_t born_ns);

/* Who reads the file `id` for `flow`? NULL: nobody. */
struct reader *follow_reader(
    const struct tail *t, const struct flow *flow, const struct identity *id);

/* Say that the new `r` follows its file. */
void follow_say(const struct reader *r);

/* Try to open and place the new `r` at once, so that its start position can
 * be written down; a file that cannot be read yet is tried again later. */
void follow_settle(struct tail *t, struct reader *r);

/* Does a name of `f` match `flow`'s pattern? */
bool follow_wants(const struct flow *flow, const struct file *f);

/* What was found holds a copy of what `r` read, and `r`'s flow does not follow
 * it: a reader of it that `r` may move to. */
struct reader *follow_moved(
    struct tail *t, const struct reader *r, const struct trace_found *found);

/* The entry `text` of `d` holds a copy of what `r` read and nobody follows
 * it: a suspect of `r` for it, unwanted. NULL: it is gone again. */
struct reader *follow_copy(
    struct tail *t, struct reader *r, struct directory *d, const char *text);

#endif
