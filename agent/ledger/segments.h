/* SPDX-License-Identifier: Apache-2.0
 *
 * segments: the files in which one flow's dead letters are kept, a line each.
 *
 * DIRECTORY/FLOW.jsonl is written to; when it has its part of the bound it
 * becomes FLOW.1.jsonl, that FLOW.2.jsonl, and so on; where all of them pass
 * the bound the oldest goes. No descriptor is kept: the operator may move
 * files away at any time.
 *
 * Thread: ledger.
 */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pen;

/* So many segments make up the bound. */
#define SEGMENTS_SHARE 8

struct segments {
	char *base;     /* owned: DIRECTORY/FLOW, the name made safe */
	char *path;     /* owned: base.jsonl, what is written to */
	uint64_t bound; /* bytes of all of them */
	char why[256];  /* what went wrong last */
};

/* What was in files that had to go. */
struct segments_loss {
	uint64_t letters;
	uint64_t bytes; /* of their "length" */
};

/* Nothing is touched yet. */
void segments_init(struct segments *s, const char *directory, const char *flow,
    uint64_t bound);
void segments_fini(struct segments *s);

/* Append what `fill` writes, each time the same whole lines, and sync it. False:
 * nothing of it is kept, and s->why says why. `loss` is what had to make room,
 * in either case. */
bool segments_keep(struct segments *s, struct pen *pen,
    void (*fill)(void *owner, struct pen *pen), void *owner,
    struct segments_loss *loss);

#endif
