/* SPDX-License-Identifier: Apache-2.0
 *
 * pen: writes to a file through a buffer, in plain bytes and in JSON.
 *
 * The first error stays: what is written after it goes nowhere, so that only
 * the end must be asked. Without a file it counts.
 *
 * Thread: ledger.
 */
#ifndef PEN_H
#define PEN_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define PEN_ROOM ((size_t)16384)

struct pen {
	int fd;         /* borrowed; -1: only count */
	int error;      /* errno of the first failure; 0: none */
	uint64_t total; /* bytes put so far, in the buffer or beyond */
	size_t len;
	unsigned char at[PEN_ROOM];
};

void pen_begin(struct pen *p, int fd);

void pen_put(struct pen *p, struct span bytes);
void pen_text(struct pen *p, const char *text);
void pen_number(struct pen *p, uint64_t number);

/* `text` as a JSON string, quotes included; what is not UTF-8 in it becomes
 * U+FFFD. */
void pen_string(struct pen *p, struct span text);

/* `data` as a JSON string in base64. */
void pen_base64(struct pen *p, struct span data);

/* Write what is in the buffer. Answers the first error, 0 for none. */
int pen_end(struct pen *p);

#endif
