/* SPDX-License-Identifier: Apache-2.0
 *
 * interest: what the entries of a directory are to the flows that look into
 * it: a file to follow, a directory to go on in, or nothing. Decides by names
 * alone; asks nobody.
 *
 * Thread: tail.
 */
#ifndef INTEREST_H
#define INTEREST_H

#include <stdbool.h>
#include <stddef.h>

struct directory;
struct flow;
struct interest;
struct interests;

/* Add `one`, unless it is there; where it stands at a `**`, which may be
 * nothing at all, also what stands behind it. */
void interest_add(struct interests *all, const struct interest *one);

/* Let what came from the parent be `found`, whose array moves into `all`.
 * Answers whether anything is different then. */
bool interest_replace(struct interests *all, struct interests *found);

/* Take away what is `flow`'s. False: nothing is. */
bool interest_drop(struct interests *all, const struct flow *flow);

/* Does a pattern begin here? */
bool interest_is_rooted(const struct interests *all);

/* Take away what came from the parent. */
void interest_keep_rooted(struct interests *all);

/* Would `flow` follow the entry `text` of `d` if it is a file? */
bool interest_in_file(
    const struct directory *d, const struct flow *flow, const char *text);

/* Would any flow? */
bool interest_in_any_file(const struct directory *d, const char *text);

/* Could any pattern go on in the entry `text` of `d` if it is a directory? */
bool interest_goes_on(const struct directory *d, const char *text);

/* Add to `into` what patterns look for in the directory that is the entry
 * `text` of `d`; a `**` goes into none that is a link. */
void interest_pass_on(const struct directory *d, const char *text, bool link,
    struct interests *into);

#endif
