/* SPDX-License-Identifier: Apache-2.0
 *
 * roster: see roster.h. Tables by path, watch, inode and (directory, text);
 * the few that share a hash are told apart by looking.
 *
 * Thread: tail.
 */
#include "roster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "who.h"

void
roster_init(struct roster *r)
{
	memset(r, 0, sizeof(*r));
	list_init(&r->directories);
	list_init(&r->idle);
	list_init(&r->files);
	list_init(&r->walks);
	table_init(&r->by_path);
	table_init(&r->by_watch);
	table_init(&r->directory_inodes);
	table_init(&r->names);
	table_init(&r->steps);
	table_init(&r->by_inode);
}

static void
empty_directory(struct roster *r, struct directory *d)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &d->steps)
		roster_drop_step(r, LIST_ENTRY(at, struct step, of_directory));
	list_for_each_safe (at, after, &d->names)
		roster_drop_name(r, LIST_ENTRY(at, struct name, of_directory));
	list_for_each_safe (at, after, &d->children) {
		struct directory *child =
		    LIST_ENTRY(at, struct directory, of_parent);

		list_remove(at);
		child->parent = NULL;
	}
	roster_unwatched(r, d);
}

void
roster_fini(struct roster *r)
{
	struct list_node *at, *after;

	list_for_each (at, &r->directories)
		empty_directory(r, LIST_ENTRY(at, struct directory, node));
	list_for_each_safe (at, after, &r->directories)
		roster_drop_directory(
		    r, LIST_ENTRY(at, struct directory, node));
	list_for_each_safe (at, after, &r->files)
		roster_drop_file(r, LIST_ENTRY(at, struct file, node));
	agenda_fini(&r->agenda);
	table_fini(&r->by_path);
	table_fini(&r->by_watch);
	table_fini(&r->directory_inodes);
	table_fini(&r->names);
	table_fini(&r->steps);
	table_fini(&r->by_inode);
}

/* ---- Directories ---- */

struct directory *
roster_known(const struct roster *r, const char *path)
{
	struct table_node *at =
	    table_first(&r->by_path, table_hash_bytes(span_str(path)));

	for (; at != NULL; at = table_next(&r->by_path, at)) {
		struct directory *d = LIST_ENTRY(at, struct directory, by_path);

		if (strcmp(d->path, path) == 0)
			return d;
	}
	return NULL;
}

struct directory *
roster_directory(struct roster *r, const char *path)
{
	struct directory *d = roster_known(r, path);

	if (d != NULL)
		return d;
	d = mem_new(sizeof(*d));
	d->path = mem_dup(path);
	d->wd = -1;
	list_init(&d->idle_node);
	list_init(&d->of_parent);
	list_init(&d->children);
	list_init(&d->names);
	list_init(&d->steps);
	list_init(&d->way);
	list_init(&d->by_watch.node);
	list_init(&d->by_inode.node);
	list_add_last(&r->directories, &d->node);
	table_add(&r->by_path, &d->by_path, table_hash_bytes(span_str(path)));
	r->directory_count++;
	r->changed = true;
	return d;
}

void
roster_put_under(struct directory *d, struct directory *child)
{
	list_remove(&child->of_parent);
	list_add_last(&d->children, &child->of_parent);
	child->parent = d;
}

void
roster_drop_directory(struct roster *r, struct directory *d)
{
	assert(d->wd < 0 && list_empty(&d->names) && list_empty(&d->steps));
	assert(list_empty(&d->children) && list_empty(&d->way));
	agenda_drop(&r->agenda, &d->due);
	table_remove(&r->by_path, &d->by_path);
	list_remove(&d->node);
	list_remove(&d->idle_node);
	list_remove(&d->of_parent);
	r->directory_count--;
	r->changed = true;
	free(d->interests.at);
	free(d->path);
	free(d);
}

void
roster_watched(
    struct roster *r, struct directory *d, int wd, uint64_t dev, uint64_t ino)
{
	assert(d->wd < 0 && wd >= 0);
	d->wd = wd;
	d->dev = dev;
	d->ino = ino;
	table_add(&r->by_watch, &d->by_watch, table_hash_number((uint64_t)wd));
	table_add(&r->directory_inodes, &d->by_inode, table_hash_number(ino));
	r->changed = true;
}

void
roster_unwatched(struct roster *r, struct directory *d)
{
	if (d->wd < 0)
		return;
	d->wd = -1;
	table_remove(&r->by_watch, &d->by_watch);
	table_remove(&r->directory_inodes, &d->by_inode);
	r->changed = true;
}

struct directory *
roster_by_watch(const struct roster *r, int wd, const struct directory *after)
{
	struct table_node *at =
	    after == NULL
		? table_first(&r->by_watch, table_hash_number((uint64_t)wd))
		: table_next(&r->by_watch,
		      (struct table_node *)(uintptr_t)&after->by_watch);

	for (; at != NULL; at = table_next(&r->by_watch, at)) {
		struct directory *d =
		    LIST_ENTRY(at, struct directory, by_watch);

		if (d->wd == wd)
			return d;
	}
	return NULL;
}

struct directory *
roster_same_directory(const struct roster *r, uint64_t dev, uint64_t ino)
{
	struct table_node *at =
	    table_first(&r->directory_inodes, table_hash_number(ino));

	for (; at != NULL; at = table_next(&r->directory_inodes, at)) {
		struct directory *d =
		    LIST_ENTRY(at, struct directory, by_inode);

		if (d->dev == dev && d->ino == ino)
			return d;
	}
	return NULL;
}

/* ---- Entries ---- */

static uint64_t
entry_hash(const struct directory *d, const char *text)
{
	return table_hash_bytes(span_str(text)) ^
	       table_hash_number((uint64_t)(uintptr_t)d);
}

struct name *
roster_name(const struct roster *r, const struct directory *d, const char *text)
{
	struct table_node *at = table_first(&r->names, entry_hash(d, text));

	for (; at != NULL; at = table_next(&r->names, at)) {
		struct name *n = LIST_ENTRY(at, struct name, in_table);

		if (n->directory == d && strcmp(n->text, text) == 0)
			return n;
	}
	return NULL;
}

struct name *
roster_add_name(
    struct roster *r, struct directory *d, const char *text, struct file *f)
{
	size_t len = strlen(text) + 1;
	struct name *n = mem_new(sizeof(*n) + len);

	memcpy(n->text, text, len);
	n->directory = d;
	n->file = f;
	n->round = d->round;
	list_init(&n->of_file);
	list_init(&n->way);
	list_add_last(&d->names, &n->of_directory);
	d->name_count++;
	if (f != NULL)
		list_add_last(&f->names, &n->of_file);
	table_add(&r->names, &n->in_table, entry_hash(d, text));
	r->changed = true;
	return n;
}

void
roster_drop_name(struct roster *r, struct name *n)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &n->way)
		roster_drop_step(r, LIST_ENTRY(at, struct step, of_owner));
	table_remove(&r->names, &n->in_table);
	list_remove(&n->of_directory);
	n->directory->name_count--;
	list_remove(&n->of_file);
	r->changed = true;
	free(n);
}

void
roster_add_step(struct roster *r, struct directory *in, const char *text,
    struct list_node *owner, struct directory *wakes)
{
	size_t len = strlen(text) + 1;
	struct step *s = mem_new(sizeof(*s) + len);

	memcpy(s->text, text, len);
	s->in = in;
	s->wakes = wakes;
	list_add_last(&in->steps, &s->of_directory);
	list_add_last(owner, &s->of_owner);
	table_add(&r->steps, &s->in_table, entry_hash(in, text));
}

void
roster_drop_step(struct roster *r, struct step *s)
{
	table_remove(&r->steps, &s->in_table);
	list_remove(&s->of_directory);
	list_remove(&s->of_owner);
	if (list_empty(&s->in->steps) && !list_on(&s->in->idle_node))
		list_add_last(&r->idle, &s->in->idle_node);
	free(s);
}

struct step *
roster_step(const struct roster *r, const struct directory *d, const char *text,
    const struct step *after)
{
	struct table_node *at =
	    after == NULL
		? table_first(&r->steps, entry_hash(d, text))
		: table_next(&r->steps,
		      (struct table_node *)(uintptr_t)&after->in_table);

	for (; at != NULL; at = table_next(&r->steps, at)) {
		struct step *s = LIST_ENTRY(at, struct step, in_table);

		if (s->in == d && strcmp(s->text, text) == 0)
			return s;
	}
	return NULL;
}

/* ---- Files ---- */

struct file *
roster_file(const struct roster *r, const struct identity *id)
{
	struct table_node *at =
	    table_first(&r->by_inode, table_hash_number(id->ino));

	for (; at != NULL; at = table_next(&r->by_inode, at)) {
		struct file *f = LIST_ENTRY(at, struct file, in_table);

		if (f->id.dev == id->dev && who_same(&f->id, id))
			return f;
	}
	return NULL;
}

bool
roster_has_inode(const struct roster *r, uint64_t ino)
{
	return table_first(&r->by_inode, table_hash_number(ino)) != NULL;
}

struct file *
roster_add_file(
    struct roster *r, const char *path, const struct who *who, int64_t now_ms)
{
	struct file *f = mem_new(sizeof(*f));

	f->id = who->id;
	f->path = mem_dup(path);
	f->fd = -1;
	f->size = f->most = who->size;
	f->born_ns = who->id.birth_ns;
	f->written_ns = who->written_ms * 1000000;
	f->grown_ms = now_ms;
	list_init(&f->names);
	list_init(&f->readers);
	list_init(&f->open_node);
	list_init(&f->leave_node);
	list_add_last(&r->files, &f->node);
	table_add(&r->by_inode, &f->in_table, table_hash_number(f->id.ino));
	return f;
}

void
roster_begin_walk(struct roster *r, struct roster_walk *w)
{
	w->at = r->files.next;
	w->moved = true;
	list_add_last(&r->walks, &w->node);
}

void
roster_end_walk(struct roster_walk *w)
{
	list_remove(&w->node);
}

struct file *
roster_walked(const struct roster *r, const struct roster_walk *w)
{
	if (w->at == &r->files)
		return NULL;
	return LIST_ENTRY(w->at, struct file, node);
}

void
roster_walk_on(struct roster_walk *w)
{
	w->at = w->at->next;
	w->moved = true;
}

/* Who stands at `f`, which goes, stands at the next one. */
static void
move_walks(const struct roster *r, const struct file *f)
{
	struct list_node *at;

	list_for_each (at, &r->walks) {
		struct roster_walk *w =
		    LIST_ENTRY(at, struct roster_walk, node);

		if (w->at == &f->node)
			roster_walk_on(w);
	}
}

void
roster_drop_file(struct roster *r, struct file *f)
{
	assert(list_empty(&f->names) && list_empty(&f->readers) && f->fd < 0);
	move_walks(r, f);
	table_remove(&r->by_inode, &f->in_table);
	list_remove(&f->node);
	list_remove(&f->leave_node);
	free(f->path);
	free(f);
}
