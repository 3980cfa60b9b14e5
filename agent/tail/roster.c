/* SPDX-License-Identifier: Apache-2.0
 *
 * roster: see roster.h. Two tables: names by (directory, text), files by
 * inode; the few that share a hash are told apart by looking.
 *
 * Thread: tail.
 */
#include "roster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "who.h"

void
roster_init(struct roster *r)
{
	list_init(&r->directories);
	list_init(&r->files);
	table_init(&r->names);
	table_init(&r->by_inode);
}

static void
free_directory(struct directory *d)
{
	free(d->flows);
	free(d->path);
	free(d);
}

void
roster_fini(struct roster *r)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &r->directories) {
		struct directory *d = LIST_ENTRY(at, struct directory, node);
		struct list_node *n, *next;

		list_for_each_safe (n, next, &d->names)
			roster_drop_name(
			    r, LIST_ENTRY(n, struct name, of_directory));
		free_directory(d);
	}
	list_for_each_safe (at, after, &r->files)
		roster_drop_file(r, LIST_ENTRY(at, struct file, node));
	table_fini(&r->names);
	table_fini(&r->by_inode);
}

struct directory *
roster_directory(struct roster *r, const char *path)
{
	struct list_node *at;
	struct directory *d;

	list_for_each (at, &r->directories) {
		d = LIST_ENTRY(at, struct directory, node);
		if (strcmp(d->path, path) == 0)
			return d;
	}
	d = mem_new(sizeof(*d));
	d->path = mem_dup(path);
	d->wd = -1;
	list_init(&d->names);
	list_add_last(&r->directories, &d->node);
	return d;
}

void
roster_interest(struct directory *d, struct flow *flow)
{
	d->flows = mem_resize(d->flows, d->flow_count + 1, sizeof(*d->flows));
	d->flows[d->flow_count++] = flow;
}

static uint64_t
name_hash(const struct directory *d, const char *text)
{
	return table_hash_bytes(span_str(text)) ^
	       table_hash_number((uint64_t)(uintptr_t)d);
}

struct name *
roster_name(const struct roster *r, const struct directory *d, const char *text)
{
	struct table_node *at = table_first(&r->names, name_hash(d, text));

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
	list_add_last(&d->names, &n->of_directory);
	if (f != NULL)
		list_add_last(&f->names, &n->of_file);
	table_add(&r->names, &n->in_table, name_hash(d, text));
	return n;
}

void
roster_drop_name(struct roster *r, struct name *n)
{
	table_remove(&r->names, &n->in_table);
	list_remove(&n->of_directory);
	list_remove(&n->of_file);
	free(n);
}

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
roster_add_file(struct roster *r, struct directory *d, const char *path,
    const struct who *who, int64_t now_ms)
{
	struct file *f = mem_new(sizeof(*f));

	f->id = who->id;
	f->directory = d;
	f->path = mem_dup(path);
	f->fd = -1;
	f->size = f->most = who->size;
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
roster_drop_file(struct roster *r, struct file *f)
{
	assert(list_empty(&f->names) && list_empty(&f->readers) && f->fd < 0);
	table_remove(&r->by_inode, &f->in_table);
	list_remove(&f->node);
	list_remove(&f->leave_node);
	free(f->path);
	free(f);
}
