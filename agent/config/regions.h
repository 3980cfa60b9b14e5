/* SPDX-License-Identifier: Apache-2.0
 *
 * regions: AWS's, as far as this version knows them: for "did you mean", and
 * never to refuse one that is newer.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include <stdbool.h>

/* The region whose name is most like `text`. Static. */
const char *regions_nearest(const char *text);

/* Is there, but for its number, a region called `text`? */
bool regions_is_usual(const char *text);

#endif
