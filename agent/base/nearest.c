/* SPDX-License-Identifier: Apache-2.0
 *
 * nearest: see nearest.h. Any thread.
 */
#include "nearest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define LONGEST 64 /* a longer key is like none */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool
alike(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The cheapest way to make a[..i] of b[..j], i and j from 1. The rows hold
 * this for i - 2, i - 1 and, up to j - 1, for i. */
static unsigned
cheapest(const char *a, const char *b, size_t i, size_t j,
    const unsigned *before, const unsigned *above, const unsigned *here)
{
	bool same = alike(a[i - 1], b[j - 1]);
	unsigned cost = least(
	    above[j - 1] + (same ? 0 : 1), least(above[j], here[j - 1]) + 1);

	if (i > 1 && j > 1 && alike(a[i - 1], b[j - 2]) &&
	    alike(a[i - 2], b[j - 1]))
		cost = least(cost, before[j - 2] + 1);
	return cost;
}

/* Damerau and Levenshtein's distance (neighbours may change places), blind to
 * case. */
unsigned
nearest_distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *above = rows[1], *here = rows[2];
	size_t height = strlen(a), width = strlen(b);

	if (height > LONGEST || width > LONGEST)
		return UINT_MAX;
	for (size_t j = 0; j <= width; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= height; i++) {
		unsigned *done = before;

		here[0] = (unsigned)i;
		for (size_t j = 1; j <= width; j++)
			here[j] = cheapest(a, b, i, j, before, above, here);
		before = above;
		above = here;
		here = done;
	}
	return above[width];
}

unsigned
nearest_limit(const char *word)
{
	return (unsigned)strnlen(word, LONGEST) / 3 + 2;
}
