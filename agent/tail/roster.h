/* SPDX-License-Identifier: Apache-2.0
 *
 * roster: which directories, names and files there are, and what depends on
 * which entry. Bookkeeping only: it asks nobody and decides nothing.
 *
 * Thread: tail.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agenda.h"
#include "identity.h"
#include "list.h"
#include "log.h"
#include "table.h"
#include "unpack.h"

struct flow;
struct pattern;
struct who;

/* Where a flow's pattern stands in a directory: the part that its entries are
 * held against. */
struct interest {
	struct flow *flow;             /* borrowed */
	const struct pattern *pattern; /* borrowed: the flow's */
	uint16_t at;                   /* the part */
	uint16_t depth; /* directories that its `**` has taken so far */
	bool rooted;    /* the pattern begins here: not from the parent */
};

struct interests {
	struct interest *at; /* owned array */
	size_t count;
};

/* A directory that is watched: patterns look into it, or something that they
 * found depends on an entry of it. Owned by the roster. */
struct directory {
	struct list_node node;      /* on the roster's list */
	struct table_node by_path;  /* always */
	struct table_node by_watch; /* while wd >= 0 */
	struct table_node by_inode; /* while wd >= 0 */
	struct list_node idle_node; /* on roster.idle, or on none */
	struct directory *parent;   /* borrowed: found as its entry; or NULL */
	struct list_node of_parent; /* on parent->children, or on none */
	struct list_node children;
	struct list_node names; /* every struct name in it */
	struct list_node steps; /* struct step.of_directory */
	struct list_node way;   /* struct step.of_owner: on the way to it */
	struct interests interests;
	char *path; /* owned; without a slash behind, but "/" */
	size_t name_count;
	int wd;            /* its watch, which may be another's too; -1: none */
	uint64_t dev, ino; /* while it is watched: which directory */
	struct errand due; /* the next look at it */
	int64_t scan_ms;   /* that look lists it from then on */
	uint32_t round;    /* of the scan under way: see name.round */
	uint32_t seen;     /* the parent's round in which it was seen */
	bool rooted;       /* a pattern begins here: it stays when gone */
	bool scanned;      /* once at least */
	bool thorough;     /* the next scan asks who every entry is */
	bool missing;      /* could not be read */
	bool aliased;      /* holds an aliased file */
	bool mute;         /* watched, but its file system may not tell */
};

/* One entry of a directory that we know. Owned by the roster. */
struct name {
	struct table_node in_table;    /* by directory and text */
	struct list_node of_directory; /* on directory->names */
	struct list_node of_file;      /* on file->names, or on none */
	struct list_node way;          /* struct step.of_owner: it is a link */
	struct directory *directory;   /* borrowed */
	struct file *file; /* borrowed; NULL: matches, but is no regular file */
	uint32_t round;    /* the directory's round in which it was seen */
	char text[];
};

/* An entry on the way to something: through a link, or to what is not there
 * yet. When it changes, `wakes` is looked at anew. Owned by the roster. */
struct step {
	struct table_node in_table;    /* by directory and text */
	struct list_node of_directory; /* on in->steps */
	struct list_node of_owner;     /* on name->way or directory->way */
	struct directory *in;          /* borrowed */
	struct directory *wakes;       /* borrowed */
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
	char *path;                  /* owned: how it was called last */
	struct identity id;
	int fd;                  /* -1: none at the moment */
	uint64_t size;           /* last seen */
	uint64_t most;           /* the largest size seen of this content */
	uint64_t most_before;    /* the same of the content before it */
	struct mark head_before; /* likewise the head */
	uint32_t generation;     /* how often the content became another */
	struct mark head;        /* of the bytes [0, head.end); grows */
	enum unpack_kind packed; /* its bytes are met through unpack: `size` is
	                          * how far its content was seen (archive.h) */
	uint64_t packed_size;    /* then: of the file itself, last seen */
	bool whole;              /* then: `size` is where its content ends */
	const char *broken; /* then: why its rest is lost; static; or NULL */
	int64_t born_ns;    /* when its content began, as far as we know */
	int64_t written_ns; /* when it was last written to, last seen */
	int64_t grown_ms;   /* when it was last seen to change its size */
	int64_t look_ms;    /* while it is leaving: the next look */
	bool aliased; /* has or had another name elsewhere: who writes by that
	               * makes no event in the directories we watch */
	bool denied;  /* could not be opened, and that was said */
	int error;    /* why it could not be read last; 0: it could */
};

/* Where a walk over the files is that is made in many steps. Owned by whoever
 * walks. */
struct roster_walk {
	struct list_node node; /* on roster->walks */
	struct list_node *at;  /* the file's node, or the list's head: over */
	bool moved;            /* `at` is another since it was last cleared */
};

struct roster {
	struct list_node directories;
	size_t directory_count;
	struct list_node idle; /* directories that may not be needed */
	struct agenda agenda;  /* struct directory.due */
	struct list_node files;
	struct list_node walks; /* over files, under way */
	struct table by_path;
	struct table by_watch;
	struct table directory_inodes;
	struct table names;
	struct table steps;
	struct table by_inode;
	bool changed; /* directories or names came, went or lost a watch */
};

void roster_init(struct roster *r);
void roster_fini(struct roster *r);

/* The directory `path`, made if need be, which is then not due at all. */
struct directory *roster_directory(struct roster *r, const char *path);

/* The same, NULL: not known. */
struct directory *roster_known(const struct roster *r, const char *path);

/* `child` was found as an entry of `d`. */
void roster_put_under(struct directory *d, struct directory *child);

/* Forget `d`, which holds nothing and is not watched. */
void roster_drop_directory(struct roster *r, struct directory *d);

/* `d` is watched as `wd`; it is `ino` on `dev`. */
void roster_watched(
    struct roster *r, struct directory *d, int wd, uint64_t dev, uint64_t ino);

/* Its watch is no more, or no more its own. */
void roster_unwatched(struct roster *r, struct directory *d);

/* A directory that is watched as `wd`: the first, or with `after` the next.
 * NULL: no more. */
struct directory *roster_by_watch(
    const struct roster *r, int wd, const struct directory *after);

/* A watched directory that is `ino` on `dev`; NULL: none. */
struct directory *roster_same_directory(
    const struct roster *r, uint64_t dev, uint64_t ino);

/* The entry `text` of `d`; NULL: not known. */
struct name *roster_name(
    const struct roster *r, const struct directory *d, const char *text);

/* A new entry that is `f`, or no regular file where `f` is NULL. */
struct name *roster_add_name(
    struct roster *r, struct directory *d, const char *text, struct file *f);

/* Forget the entry `n`, of which no steps are left; its file, which may have
 * no name then, stays. */
void roster_drop_name(struct roster *r, struct name *n);

/* A step at the entry `text` of `in`, on the list `owner`. */
void roster_add_step(struct roster *r, struct directory *in, const char *text,
    struct list_node *owner, struct directory *wakes);
void roster_drop_step(struct roster *r, struct step *s);

/* A step at the entry `text` of `d`: the first, or with `after` the next.
 * NULL: no more. */
struct step *roster_step(const struct roster *r, const struct directory *d,
    const char *text, const struct step *after);

/* The file that is `id` on the device it is on now; NULL: not known. */
struct file *roster_file(const struct roster *r, const struct identity *id);

/* May the inode `ino` be one of our files? */
bool roster_has_inode(const struct roster *r, uint64_t ino);

/* A new file, as `who` saw it at `path`. */
struct file *roster_add_file(
    struct roster *r, const char *path, const struct who *who, int64_t now_ms);

/* Begin a walk over all files, before the first. */
void roster_begin_walk(struct roster *r, struct roster_walk *w);
void roster_end_walk(struct roster_walk *w);

/* The file where `w` is; NULL: it is over. */
struct file *roster_walked(const struct roster *r, const struct roster_walk *w);
void roster_walk_on(struct roster_walk *w);

/* Forget `f`, which has neither names, nor readers, nor a descriptor. */
void roster_drop_file(struct roster *r, struct file *f);

#endif
