/* SPDX-License-Identifier: Apache-2.0
 *
 * logrotate: what logrotate's configuration says is done to which logs.
 */
#ifndef LOGROTATE_H
#define LOGROTATE_H

#include <stdbool.h>
#include <stddef.h>

#define LOGROTATE_TEXT 512

/* How logs are rotated. */
struct logrotate_ways {
	bool copytruncate, compress, delayed, shred;
	bool told;                   /* a script runs behind the rotation */
	bool creates;                /* a new file, with `mode` */
	long mode;                   /* 0: not said */
	long rotate;                 /* how many rotations are kept; -1: all */
	long max_days;               /* older ones are removed; 0: none are */
	char olddir[LOGROTATE_TEXT]; /* "": beside the log */
	char compressor[LOGROTATE_TEXT]; /* its command; "": gzip */
};

/* Some logs and their ways. */
struct logrotate_stanza {
	char *file; /* owned: where it stands */
	unsigned line;
	char **patterns; /* owned: `count` shell patterns */
	size_t count;
	struct logrotate_ways ways;
};

struct logrotate {
	struct logrotate_stanza *stanzas; /* owned */
	size_t count;
	char *unreadable; /* owned: a file that could not be read, or NULL */
	int error;        /* why: an errno */
};

/* Read `path` and what it includes; where that is not there, nothing is
 * rotated. What is not understood is passed over: logrotate itself would
 * complain. */
void logrotate_read(struct logrotate *l, const char *path);

/* After logrotate_read, or zeroed. */
void logrotate_forget(struct logrotate *l);

#endif
