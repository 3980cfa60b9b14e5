/* SPDX-License-Identifier: Apache-2.0
 *
 * decimal: numbers wider than a machine's, as text. Pure; any thread.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>

#include "span.h"

#define DECIMAL_128 39 /* digits of 2^128 - 1 */

/* Is `text` a number of 0 to 2^128 - 1, in digits alone, with no nought
 * before others? */
bool decimal_is_128(struct span text);

#endif
