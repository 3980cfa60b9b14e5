/* SPDX-License-Identifier: Apache-2.0
 *
 * roster: which directories, names and files there are. Bookkeeping only: it
 * asks nobody and decides nothing.
 *
 * Thread: tail.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identity.h"
#include "list.h"
#include "log.h"
#include "table.h"

struct flow;
struct who;

/* A directory that patterns look into. Owned by the roster. */
struct directory {
	struct list_node node; /* on the roster's list */
	char *path;            /* owned; without a slash behind, but "/" */
	struct flow **flows;   /* owned array; the flows are borrowed */
	size_t flow_count;
	int wd;                 /* its watch; -1: none, it is polled */
	uint64_t dev, ino;      /* while it is watched: which directory */
	int64_t due_ms;         /* its next scan */
	uint32_t round;         /* of the scan under way: see name.round */
	bool has_links;         /* symbolic links match: polled besides */
	bool missing;           /* could not be read, and that was said */
	bool polled;            /* cannot be watched, and that was said */
	struct list_node names; /* every struct name in it */
};

/* One entry of a directory that we know. Owned by the roster. */
struct name {
	struct table_node in_table;    /* by directory and text */
	struct list_node of_directory; /* on directory->names */
	struct list_node of_file;      /* on file->names, or on none */
	struct directory *directory;   /* borrowed */
	struct file *file; /* borrowed; NULL: matches, but is no regular file */
	uint32_t round;    /* the directory's round in which it was seen */
	char text[];
};

/* A file: an identity, its names, its marks. Owned by the roster. */
struct file {
	struct table_node in_table;  /* by inode */
	struct list_node node;       /* on the roster's list */
	struct list_node names;      /* struct name.of_file; may be empty */
	struct list_node readers;    /* struct reader.of_file */
	struct list_node open_node;  /* on files.open while it has an fd */
	struct list_node leave_node; /* on tail.leaving, or on none */
	struct directory *directory; /* borrowed: where it was seen last */
	char *path;                  /* owned: how it was called last */
	struct identity id;
	int fd;                  /* -1: none at the moment */
	uint64_t size;           /* last seen */
	uint64_t most;           /* the largest size seen of this content */
	uint64_t most_before;    /* the same of the content before it */
	struct mark head_before; /* likewise the head */
	uint32_t generation;     /* how often the content became another */
	struct mark head;        /* of the bytes [0, head.end); grows */
	int64_t grown_ms;        /* when it was last seen to change its size */
	int64_t look_ms;         /* while it is leaving: the next look */
	bool denied;             /* could not be opened, and that was said */
};

struct roster {
	struct list_node directories;
	struct list_node files;
	struct table names;
	struct table by_inode;
};

void roster_init(struct roster *r);
void roster_fini(struct roster *r);

/* The directory `path`, made if need be. */
struct directory *roster_directory(struct roster *r, const char *path);

/* `flow`'s pattern looks into `d` from now on. */
void roster_interest(struct directory *d, struct flow *flow);

/* The entry `text` of `d`; NULL: not known. */
struct name *roster_name(
    const struct roster *r, const struct directory *d, const char *text);

/* A new entry that is `f`, or no regular file where `f` is NULL. */
struct name *roster_add_name(
    struct roster *r, struct directory *d, const char *text, struct file *f);

/* Forget the entry `n`; its file, which may have no name then, stays. */
void roster_drop_name(struct roster *r, struct name *n);

/* The file that is `id` on the device it is on now; NULL: not known. */
struct file *roster_file(const struct roster *r, const struct identity *id);

/* May the inode `ino` be one of our files? */
bool roster_has_inode(const struct roster *r, uint64_t ino);

/* A new file, as `who` saw it at `path` in `d`. */
struct file *roster_add_file(struct roster *r, struct directory *d,
    const char *path, const struct who *who, int64_t now_ms);

/* Forget `f`, which has neither names, nor readers, nor a descriptor. */
void roster_drop_file(struct roster *r, struct file *f);

#endif
