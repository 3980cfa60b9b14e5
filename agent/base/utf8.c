/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: see utf8.h. Log lines are mostly ASCII, so that is looked for eight
 * bytes at a time.
 */
#include "utf8.h"

/* How long a character with this first byte is, and between what its second
 * byte must be (Unicode, table 3-7). 0: no character begins so. */
static size_t
lead(unsigned char first, unsigned char *low, unsigned char *high)
{
	*low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
	*high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* How many bytes of `s`, which is not empty, begin a character; `*whole` is
 * how many it would have, or 0. */
static size_t
begun(struct span s, size_t *whole)
{
	unsigned char low, high;
	size_t n = 1;

	*whole = lead(s.at[0], &low, &high);
	if (*whole < 2 || s.len < 2 || s.at[1] < low || s.at[1] > high)
		return 1;
	while (++n < *whole)
		if (n == s.len || (s.at[n] & 0xC0) != 0x80)
			return n;
	return n;
}

size_t
utf8_length(struct span s)
{
	size_t whole;

	if (s.len == 0)
		return 0;
	if (s.at[0] < 0x80)
		return 1;
	return begun(s, &whole) == whole ? whole : 0;
}

size_t
utf8_bad_length(struct span s)
{
	size_t whole;

	return begun(s, &whole);
}

/* How many bytes at the start are ASCII. */
static size_t
ascii_prefix(struct span s)
{
	size_t n = 0;
	uint64_t eight;

	for (; s.len - n >= sizeof(eight); n += sizeof(eight)) {
		memcpy(&eight, s.at + n, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (n < s.len && s.at[n] < 0x80)
		n++;
	return n;
}

bool
utf8_is_text(struct span s)
{
	for (;;) {
		size_t len = ascii_prefix(s);

		if (len == s.len)
			return true;
		s = span_of(s.at + len, s.len - len);
		len = utf8_length(s);
		if (len == 0)
			return false;
		s = span_of(s.at + len, s.len - len);
	}
}

size_t
utf8_clean(struct span s, unsigned char *to)
{
	unsigned char *from = to;

	while (s.len > 0) {
		size_t len = utf8_length(s);

		if (len > 0) {
			memcpy(to, s.at, len);
			to += len;
		} else {
			memcpy(to, UTF8_REPLACEMENT, 3);
			to += 3;
			len = utf8_bad_length(s);
		}
		s = span_of(s.at + len, s.len - len);
	}
	return (size_t)(to - from);
}

size_t
utf8_encode(uint32_t point, unsigned char to[static 4])
{
	size_t len;

	if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		point = 0xFFFD;
	if (point < 0x80) {
		to[0] = (unsigned char)point;
		return 1;
	}
	len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	to[0] = (unsigned char)((0xF00 >> len) | (point >> (6 * (len - 1))));
	for (size_t i = 1; i < len; i++)
		to[i] = (unsigned char)(0x80 | ((point >> (6 * (len - 1 - i))) &
						   0x3F));
	return len;
}
