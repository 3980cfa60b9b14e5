/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: one flow's place in one file, and how it moves on.
 *
 * Thread: tail.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "identity.h"
#include "ledger.h"
#include "list.h"

struct debt;
struct file;
struct flow;
struct past;
struct tail;
struct unpack;

/* The least a read asks for: it stays in the second-level cache. */
#define READER_CHUNK ((size_t)256 * 1024)

/* Where a reader begins is settled when its file is first opened, since only
 * the content can tell. */
enum reader_start {
	START_SETTLED, /* offset is true */
	START_AT_ZERO, /* a file that came after the flow's first start */
	START_AT_END,  /* the last record's end before `seen` */
	START_AT_ROW,  /* where `row_found` says, if the content agrees */
	START_AS_COPY  /* a suspect: unread until it is known whether it is a
	                * copy of what `original` reads (see copy.h) */
};

/* I1: committed <= offset <= scanned; the first two on a record boundary. */
struct reader {
	struct list_node in_chain; /* on chain->readers; none once detached */
	struct list_node of_file;  /* on file->readers; none once detached */
	struct list_node moved;    /* on tail.moved: to be noted */
	struct list_node partial;  /* on flow->partial: its last line waits */
	struct flow *flow;         /* borrowed: the flow outlives it */
	struct file *file;         /* borrowed; NULL once detached */
	char *last_path;           /* owned: then its file's name, while it
	                            * may be asked for; NULL before */
	uint64_t row;              /* its checkpoint's key; 0: not noted */
	uint64_t offset;           /* every record before is in a batch */
	uint64_t scanned;          /* the search for a record's end goes on */
	uint64_t committed;        /* every byte before is accounted for */
	uint64_t seen;             /* START_AT_END: the size at discovery */
	uint64_t seen_at_end;      /* the same where it began there, else ~0 */
	uint64_t hole;             /* nothing but NULs before: passed over */
	uint64_t footer;           /* where it ends; 0: none was seen */
	uint64_t still;            /* on flow->partial: how far it was read, */
	int64_t still_ms;          /* and since when it has not grown */
	struct checkpoint *row_found; /* owned; START_AT_ROW */
	struct range *skip;           /* owned: delivered in an earlier life, */
	uint32_t skip_count;          /* ascending, not before offset, */
	uint32_t skip_done;           /* but for the first so many */
	struct debt *debts;  /* owned: what rides in remainders, and is */
	uint32_t debt_count; /* below `committed` (see remainder.h) */
	uint32_t riding;     /* runs in batches and in windows */
	struct past *past;   /* borrowed: once detached, what is remembered of
	                    * it, or NULL */
	struct checkpoint *noting; /* its row in the notice being made */
	struct reader *heir;       /* reads the file's next generation; takes
	                               * over the row when all is home */
	struct reader *elder; /* whose heir this is; has no row till then */
	uint32_t generation;  /* of the file's content that it reads */
	uint32_t headers;     /* found before `scanned`, while offset is 0 */
	enum reader_start start;
	uint8_t mark_count;
	struct mark marks[MARKS_MAX]; /* oldest first */
	struct chain *chain;     /* borrowed: its source; NULL once detached */
	struct reader *original; /* START_AS_COPY: whose; NULL: it is gone */
	struct list_node of_original; /* START_AS_COPY: on original->copies */
	struct list_node copies;      /* suspects of being copies of this */
	uint64_t behind; /* bytes of its file that are not read: lag.h */
	uint64_t alike;  /* START_AS_COPY: what it held when it was like
	                        * the original's, byte for byte; 0: never */
	int64_t rank_ns; /* when its content was the log's: its place there */
	struct unpack *unpack; /* owned: its file is an archive being read */
	uint64_t expected; /* then: how long the row says that the content is */
	bool cut_short;    /* then: the archive ended inside at the last read */
	bool ended;        /* then: nothing more comes of it */
	bool ready;        /* there may be something to read */
	bool begun;        /* something was there to read */
	bool copied;   /* its content moved here: it may have passed the end */
	bool renewed;  /* of what was truncated once: a hole may come first */
	bool amid;     /* offset stands inside a line that is being split */
	bool wanted;   /* a name of its file matches */
	bool given_up; /* the flow wants it no more: it reads nothing, and goes
	                * when all is home and noted */
	bool forget;   /* once it is detached and nothing rides:
	                             * delete its row */
};

/* A new reader of `f` for `flow` that begins as `start` says, ready. */
struct reader *reader_new(
    struct flow *flow, struct file *f, enum reader_start start, uint64_t row);

/* Take `r` off its file: it reads no more. Freed as soon as nothing rides;
 * with `forget`, its row is deleted then. */
void reader_detach(struct tail *t, struct reader *r, bool forget);

/* The content of `r`'s file is another: `r` is detached, and a new reader
 * begins at 0. The row stays what it is until all of `r` is home: a crash
 * before that can still tell what was lost. */
void reader_succeed(struct tail *t, struct reader *r);

/* What its file is or was called. Borrowed. */
const char *reader_path(const struct reader *r);

/* Free `r`, which is detached, whatever rides: nothing comes home any more. */
void reader_abandon(struct tail *t, struct reader *r);

/* Read up to `len` bytes of the content of `r`'s open file at `at`: as
 * file_read, or archive_read. */
ssize_t reader_read(struct reader *r, void *into, size_t len, uint64_t at);

/* Remember the bytes before `r->offset`, so that the next read is believed
 * only if they still stand there. */
void reader_mark(struct reader *r);

/* Up to where bytes may be taken: from there on an earlier life delivered. */
uint64_t reader_limit(const struct reader *r);

/* Nothing of `r` rides any more: free it if it is detached. */
void reader_landed(struct tail *t, struct reader *r);

/* There may be something to read. */
void reader_ready(struct reader *r);

/* `r`'s bytes are found in the file of the suspect `s`: `r` goes on there, in
 * the place of `s`, and a successor reads its old file from 0. */
void reader_move(struct tail *t, struct reader *r, struct reader *s);

/* Does the open file of the settled `r` hold other bytes than those it passed?
 * The file's size is brought up to date. */
bool reader_is_overtaken(struct tail *t, const struct reader *r);

/* Something of `r` changed that the ledger must know. */
void reader_moved(struct tail *t, struct reader *r);

enum reader_turn {
	TURN_MORE,    /* a chunk was read; there may be more */
	TURN_END,     /* read to its present end */
	TURN_BLOCKED, /* the flow takes no more now; come back */
	TURN_SHRUNK,  /* the content is another: a new generation */
	TURN_FAILED   /* cannot be opened or read now; errno; not logged */
};

/* Read one chunk of `r`'s file, cut it and put the records into batches. */
enum reader_turn reader_turn(struct tail *t, struct reader *r);

/* Send those lines of the unfinished record that are whole: no other came for
 * long enough. What cannot be sent now waits once more. */
void reader_flush(struct tail *t, struct reader *r);

/* Send the unfinished last line as it is: the file has retired. False: not
 * yet, there is something to read before it or the flow takes no more now. */
bool reader_finish(struct tail *t, struct reader *r);

#endif
