/* SPDX-License-Identifier: Apache-2.0
 *
 * decimal: see decimal.h.
 */
#include "decimal.h"

#include <stddef.h>

bool
decimal_is_128(struct span text)
{
	static const char most[] = "340282366920938463463374607431768211455";

	_Static_assert(sizeof(most) - 1 == DECIMAL_128, "2^128 - 1");
	if (text.len == 0 || text.len > DECIMAL_128 ||
	    (text.at[0] == '0' && text.len > 1))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
	return text.len < DECIMAL_128 ||
	       memcmp(text.at, most, DECIMAL_128) <= 0;
}
