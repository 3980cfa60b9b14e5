/* SPDX-License-Identifier: Apache-2.0
 *
 * search: where the files of the checkpoint rows are now. Files are renamed,
 * copied, compressed and deleted while the agent is down.
 *
 * Thread: tail.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct checkpoint;
struct directory;
struct flow;
struct reader;
struct tail;

/* After the first scan for flows that are arriving: find the files of the rows that no name of a pattern
 * led to: under another name, by their handle, or their content in a copy or
 * an archive. What is gone is reported with the bytes lost, and its row
 * forgotten. What came and was compressed since we last ran is followed too. */
void search_everything(struct tail *t);

/* The same for the rows that belong into `d`, which could not be read before. */
void search_again(struct tail *t, struct directory *d);

/* Give up the rows that have waited long enough for their directory. Answers
 * when to ask again. */
int64_t search_due(struct tail *t);

/* The file of `row`, which is `flow`'s, holds other bytes than it knows: are
 * they elsewhere? During the first scan, search_everything will see. */
void search_homeless(
    struct tail *t, struct flow *flow, const struct checkpoint *row);

/* `r`'s file is gone for good, and nothing of it rides: is what it had yet to
 * read elsewhere? Then another reader goes on there, and `r` has no row any
 * more. */
bool search_onward(struct tail *t, struct reader *r);

/* If what is lost of the file that was `path` may be in an archive that we
 * cannot read, say so. */
void search_tell_cure(
    struct tail *t, const struct flow *flow, const char *path);

#endif
