/* SPDX-License-Identifier: Apache-2.0
 *
 * survey: which directories are looked into, and when. Begins where the
 * flows' patterns begin, goes on into every directory that they lead to, has
 * all of them watched as far as the kernel can, and looks again now and then
 * at what it is not told about.
 *
 * Thread: tail.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <stdbool.h>
#include <stdint.h>

struct directory;
struct file;
struct flow;
struct tail;
struct watch_event;
struct who;

/* Look for `flow`'s files from now on. */
void survey_begin(struct tail *t, struct flow *flow);

/* Look for them no longer. */
void survey_end(struct tail *t, const struct flow *flow);

/* Look into the directories that are due. Answers when the next one is. */
int64_t survey_due(struct tail *t);

/* Look into `d` as soon as possible; with `thorough`, at every entry of it as
 * if it were new. */
void survey_wake(struct tail *t, struct directory *d, bool thorough);

/* `f` in `d` has another name elsewhere: it is looked at every now and then,
 * since who writes by that name makes no event in `d`. */
void survey_alias(struct tail *t, struct directory *d, struct file *f);

/* `d` may be gone in a moment, or be gone already. */
void survey_doubt(struct tail *t, struct directory *d);

/* All directories are due: events were lost. */
void survey_everything(struct tail *t);

/* What an event points to. */
void survey_event(struct tail *t, const struct watch_event *event);

/* The entry `text` of `d` is the directory `who`, called `path`. Does a
 * pattern go on in it? Then it is looked into. */
bool survey_enter(struct tail *t, struct directory *d, const char *text,
    const char *path, const struct who *who);

/* `path`, an entry of `d`, is no directory to go on in any more, if it ever
 * was. */
void survey_leave(struct tail *t, struct directory *d, const char *path);

#endif
