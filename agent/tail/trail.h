/* SPDX-License-Identifier: Apache-2.0
 *
 * trail: the entries that a path leads through. Nothing tells in the
 * directory of a symbolic link when its target is written to or replaced, and
 * nothing tells of a directory that is not there yet. So whatever stands on
 * such a way is watched, too: each link, each link's target, and the first
 * entry that is missing.
 *
 * Thread: tail.
 */
#ifndef TRAIL_H
#define TRAIL_H

struct directory;
struct name;
struct tail;

/* Learn anew what the entry `n` leads through, if it is a link. Its target's
 * directory knows the file by the target's name then. */
void trail_of_name(struct tail *t, struct name *n);

/* Learn anew what the path of `d` leads through. */
void trail_of_directory(struct tail *t, struct directory *d);

/* Forget what `d`'s path leads through. */
void trail_forget(struct tail *t, struct directory *d);

/* The entry `text` of `d` is another now: what it leads to is looked at
 * anew. */
void trail_changed(struct tail *t, struct directory *d, const char *text);

/* So is what any entry of `d` leads to. */
void trail_all_changed(struct tail *t, struct directory *d);

#endif
