/* SPDX-License-Identifier: Apache-2.0
 *
 * ledger: the waiting side. A thread of its own that may block on disks:
 * checkpoints in SQLite, dead letters in files.
 *
 * I5: the checkpoint on disk never claims a byte that was not delivered or
 * accounted for. The ledger writes what notices say and nothing else; falling
 * behind (a full disk, an I/O error) only means repeating after a restart.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff.h"
#include "identity.h"
#include "list.h"
#include "stats.h"

struct config;
struct ledger;

/* One reader's place, as kept on disk. */
struct checkpoint {
	uint64_t row; /* key; given out by the tail, never reused */
	char *flow;   /* owned: the flow's name */
	char *path;   /* owned: its last known name */
	struct identity id;
	struct mark head;             /* head.end is its length; 0: none yet */
	struct mark marks[MARKS_MAX]; /* oldest first */
	uint32_t mark_count;
	uint64_t committed;   /* every byte before this is accounted for */
	uint64_t size;        /* last size seen */
	struct range *ranges; /* owned: delivered above committed, ascending */
	uint32_t range_count;
	int64_t changed_ms; /* wall clock of the last change */
	uint64_t footer;    /* where the footer ends: nothing behind it is
	                     * sent; 0: none was seen */
	bool imported;      /* loaded: the Java agent's, whose file was not met
	                     * yet. The id is bare, there are no marks, and
	                     * changed_ms is when the file was last written. Of
	                     * one flow's the lowest `row` was noted last */
};

enum notice_kind {
	NOTICE_SAVE,   /* rows to write: insert or replace */
	NOTICE_FORGET, /* rows to delete (only their `row` counts) */
	NOTICE_START,  /* like SAVE, and the flow is known from now on: files
	                * without a row are new ones, to be read from 0 */
	NOTICE_ASK /* what is on disk of a flow? It comes back with that, when
	                * all that was said before is written */
};

/* A small immutable message to the ledger: one transaction. */
struct notice {
	struct list_node node;
	enum notice_kind kind;
	char *flow; /* START, ASK: the flow's name; owned */
	bool known; /* ASK: the answer: it was started before */
	uint32_t count;
	struct checkpoint *rows; /* owned, `count` of them */
};

/* A notice with room for `count` rows, zeroed. */
struct notice *notice_new(enum notice_kind kind, uint32_t count);
void notice_free(struct notice *n);
/* Free what a row owns; the row itself is the caller's. */
void checkpoint_fini(struct checkpoint *row);
/* `*n` is NULL after. */
void notice_send(struct handoff *h, struct notice **n);

/* Open (or make) the checkpoint database of `config`, take the lock that
 * keeps a second agent off, and check its version; flows that it does not know
 * are taken over from the Java agent's database, where there is one (which is
 * only read). NULL: failed; one line named the file, the cause and the
 * cure. */
struct ledger *ledger_open(const struct config *config);

/* Where the database is; borrowed. */
const char *ledger_path(const struct ledger *l);

/* Every checkpoint on disk, to `each`; `row` and what it points to are
 * borrowed for the call. Before ledger_start. -1: the database cannot be
 * read, logged. */
int ledger_load(struct ledger *l,
    void (*each)(void *owner, const struct checkpoint *row), void *owner);

/* Was a NOTICE_START for this flow ever written? Before ledger_start. */
bool ledger_knows_flow(const struct ledger *l, const char *flow);

/* Where notices go. Valid from ledger_open to ledger_close. */
struct handoff *ledger_inbox(struct ledger *l);

/* Where notices that ask come back; it outlives the ledger. Before
 * ledger_start. */
void ledger_answers(struct ledger *l, struct handoff *answers);

/* Take dead letters: where batches go that are delivered but for those. They
 * come back to `home` when the letters are written and synced. `stats` (one
 * for each flow) and `home` outlive the ledger. Before ledger_start. NULL:
 * failed, logged. */
struct handoff *ledger_letters(
    struct ledger *l, struct flow_stats *stats, struct handoff *home);

/* Nobody puts letters in any more: try once more to write what waits, and send
 * all of it home, as BATCH_ABANDONED what could not be. -1: its disk does not
 * answer within `wait_ms`, so batches are still here; logged. */
int ledger_end_letters(struct ledger *l, int64_t wait_ms);

/* Start the thread. -1: failed, logged. */
int ledger_start(struct ledger *l);

/* How often its thread has turned: it moves while the thread does, and after
 * a handoff_wake of the inbox; not while a disk holds it up. Any thread. */
uint64_t ledger_beats(const struct ledger *l);

enum ledger_end {
	LEDGER_NOTED, /* everything that was sent to it is on disk */
	LEDGER_OWES,  /* the disk failed: the last rows are not; logged */
	LEDGER_HANGS  /* the disk does not answer, and the thread waits for it
	               * still: end the process without a way back; logged */
};

/* Write what is in the inbox, end the thread, close the database. Gives up
 * on a disk that fails or hangs after `wait_ms`. NULL is fine. */
enum ledger_end ledger_close(struct ledger *l, int64_t wait_ms);

#endif
