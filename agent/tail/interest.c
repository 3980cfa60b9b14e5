/* SPDX-License-Identifier: Apache-2.0
 *
 * interest: see interest.h. Thread: tail.
 */
#include "interest.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "glob.h"
#include "mem.h"
#include "pattern.h"
#include "roster.h"

#define DEPTH_MAX 32 /* directories that a `**` goes down */

static bool
is_last(const struct interest *i)
{
	return (size_t)i->at + 1 == i->pattern->count;
}

static enum part_kind
kind_of(const struct interest *i)
{
	return i->pattern->parts[i->at].kind;
}

static struct interest *
same_in(const struct interests *all, const struct interest *one)
{
	for (size_t k = 0; k < all->count; k++) {
		struct interest *i = &all->at[k];

		if (i->flow == one->flow && i->pattern == one->pattern &&
		    i->at == one->at)
			return i;
	}
	return NULL;
}

static void
add_one(struct interests *all, const struct interest *one)
{
	struct interest *old = same_in(all, one);

	if (old != NULL) {
		if (one->depth < old->depth)
			old->depth = one->depth;
		old->rooted = old->rooted || one->rooted;
		return;
	}
	all->at = mem_resize(all->at, all->count + 1, sizeof(*all->at));
	all->at[all->count++] = *one;
}

void
interest_add(struct interests *all, const struct interest *one)
{
	add_one(all, one);
	if (kind_of(one) == PART_DIRECTORIES) {
		struct interest next = *one;

		next.at++;
		next.depth = 0;
		add_one(all, &next);
	}
}

void
interest_keep_rooted(struct interests *all)
{
	size_t kept = 0;

	for (size_t k = 0; k < all->count; k++)
		if (all->at[k].rooted)
			all->at[kept++] = all->at[k];
	all->count = kept;
}

bool
interest_drop(struct interests *all, const struct flow *flow)
{
	size_t before = all->count, kept = 0;

	for (size_t k = 0; k < all->count; k++)
		if (all->at[k].flow != flow)
			all->at[kept++] = all->at[k];
	all->count = kept;
	return kept < before;
}

bool
interest_is_rooted(const struct interests *all)
{
	for (size_t k = 0; k < all->count; k++)
		if (all->at[k].rooted)
			return true;
	return false;
}

bool
interest_replace(struct interests *all, struct interests *found)
{
	bool same = true;

	for (size_t k = 0; k < all->count; k++)
		if (all->at[k].rooted)
			add_one(found, &all->at[k]);
	same = found->count == all->count;
	for (size_t k = 0; same && k < found->count; k++)
		same = same_in(all, &found->at[k]) != NULL;
	free(all->at);
	*all = *found;
	*found = (struct interests){ NULL, 0 };
	return !same;
}

static bool
excluded(const struct interest *i, const struct directory *d, const char *text)
{
	return pattern_excludes(&i->flow->excludes, d->path, text);
}

bool
interest_in_file(
    const struct directory *d, const struct flow *flow, const char *text)
{
	for (size_t k = 0; k < d->interests.count; k++) {
		const struct interest *i = &d->interests.at[k];

		if ((flow == NULL || i->flow == flow) && is_last(i) &&
		    pattern_takes(i->pattern, i->at, text) &&
		    !glob_is_compressed(text) && !excluded(i, d, text))
			return true;
	}
	return false;
}

bool
interest_in_any_file(const struct directory *d, const char *text)
{
	return interest_in_file(d, NULL, text);
}

static bool
leads_on(const struct interest *i, const struct directory *d, const char *text,
    bool link)
{
	if (is_last(i) || !pattern_takes(i->pattern, i->at, text))
		return false;
	if (kind_of(i) == PART_DIRECTORIES && (link || i->depth >= DEPTH_MAX))
		return false;
	return !excluded(i, d, text);
}

bool
interest_goes_on(const struct directory *d, const char *text)
{
	for (size_t k = 0; k < d->interests.count; k++)
		if (leads_on(&d->interests.at[k], d, text, false))
			return true;
	return false;
}

void
interest_pass_on(const struct directory *d, const char *text, bool link,
    struct interests *into)
{
	for (size_t k = 0; k < d->interests.count; k++) {
		struct interest next = d->interests.at[k];

		if (!leads_on(&next, d, text, link))
			continue;
		next.rooted = false;
		if (kind_of(&next) == PART_DIRECTORIES) {
			next.depth++;
		} else {
			next.at++;
			next.depth = 0;
		}
		interest_add(into, &next);
	}
}
