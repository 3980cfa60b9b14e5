/* SPDX-License-Identifier: Apache-2.0
 *
 * nearest: how unlike two words are, for "did you mean". Pure.
 */
#ifndef NEAREST_H
#define NEAREST_H

/* How many slips (a letter too many, too few, wrong, or two that changed
 * places; case does not count) make one of the other. */
unsigned nearest_distance(const char *a, const char *b);

/* One more slip than a word may be away to be like `word`. */
unsigned nearest_limit(const char *word);

#endif
