/* SPDX-License-Identifier: Apache-2.0
 *
 * rotation: what becomes of a file whose name changes, or whose content.
 *
 * Thread: tail.
 */
#ifndef ROTATION_H
#define ROTATION_H

#include <stdbool.h>
#include <stdint.h>

struct file;
struct reader;
struct tail;

/* Was `f` rotated, as its name says? */
bool rotation_is_rotated(const struct file *f);

/* `f` was written to, as an event or a look says. */
void rotation_written(struct tail *t, struct file *f);

/* `f` is there, `size` bytes long, as a scan says. */
void rotation_seen(struct tail *t, struct file *f, uint64_t size);

/* `f` got a name. */
void rotation_named(struct tail *t, struct file *f);

/* `f` lost a name, or never had one that matches: it is read to its end, and
 * watched until it has not grown for ten seconds. */
void rotation_unnamed(struct tail *t, struct file *f);

/* Look at the files that are leaving. Answers when to look again. */
int64_t rotation_due(struct tail *t);

/* `r`'s file holds other bytes than those it passed: `r` retires, and a
 * successor begins the new generation at 0. */
void rotation_shrunk(struct tail *t, struct reader *r);

#endif
