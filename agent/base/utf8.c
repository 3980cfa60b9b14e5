/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: see utf8.h. Log lines are mostly ASCII, so that is looked for eight
 * bytes at a time.
 */
#include "utf8.h"

#include <stdint.h>

size_t
utf8_length(struct span s)
{
	unsigned char first, low = 0x80, high = 0xBF;
	size_t len;

	if (s.len == 0)
		return 0;
	first = s.at[0];
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	len = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	if (s.len < len)
		return 0;
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	if (s.at[1] < low || s.at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s.at[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

bool
utf8_is_text(struct span s)
{
	while (s.len > 0) {
		uint64_t eight = UINT64_MAX;
		size_t len = sizeof(eight);

		if (s.len >= len)
			memcpy(&eight, s.at, len);
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			len = utf8_length(s);
		if (len == 0)
			return false;
		s = span_of(s.at + len, s.len - len);
	}
	return true;
}
