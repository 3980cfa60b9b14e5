/* SPDX-License-Identifier: Apache-2.0
 *
 * unicode: see unicode.h. Any thread. Pure.
 */
#include "unicode.h"

/* By first byte: how long, and between what the second byte must be. */
static const struct lead {
	unsigned char from, to, length, low, high;
} leads[] = {
	{ 0xC2, 0xDF, 2, 0x80, 0xBF },
	{ 0xE0, 0xE0, 3, 0xA0, 0xBF },
	{ 0xE1, 0xEC, 3, 0x80, 0xBF },
	{ 0xED, 0xED, 3, 0x80, 0x9F },
	{ 0xEE, 0xEF, 3, 0x80, 0xBF },
	{ 0xF0, 0xF0, 4, 0x90, 0xBF },
	{ 0xF1, 0xF3, 4, 0x80, 0xBF },
	{ 0xF4, 0xF4, 4, 0x80, 0x8F },
};

static const struct lead *
lead_of(unsigned char first)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if (first >= leads[i].from && first <= leads[i].to)
			return &leads[i];
	return NULL;
}

size_t
unicode_length(struct span s, size_t *bad)
{
	const struct lead *lead;
	size_t i;

	if (s.at[0] < 0x80)
		return 1;
	lead = lead_of(s.at[0]);
	*bad = 1;
	if (lead == NULL || s.len < 2 || s.at[1] < lead->low ||
	    s.at[1] > lead->high)
		return 0;
	for (i = 2; i < lead->length; i++)
		if (i == s.len || (s.at[i] & 0xC0) != 0x80) {
			*bad = i;
			return 0;
		}
	return lead->length;
}

/* How many bytes at the start are ASCII; eight at a time. */
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
unicode_is_valid(struct span s)
{
	size_t len, bad;

	for (;;) {
		len = ascii_prefix(s);
		if (len == s.len)
			return true;
		s = span_of(s.at + len, s.len - len);
		len = unicode_length(s, &bad);
		if (len == 0)
			return false;
		s = span_of(s.at + len, s.len - len);
	}
}

size_t
unicode_clean(struct span s, unsigned char *to)
{
	unsigned char *from = to;
	size_t len, bad;

	while (s.len > 0) {
		len = unicode_length(s, &bad);
		if (len > 0) {
			memcpy(to, s.at, len);
			to += len;
		} else {
			memcpy(to, UNICODE_REPLACEMENT, 3);
			to += 3;
			len = bad;
		}
		s = span_of(s.at + len, s.len - len);
	}
	return (size_t)(to - from);
}

size_t
unicode_encode(uint32_t point, unsigned char to[static 4])
{
	if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		point = 0xFFFD;
	if (point < 0x80) {
		to[0] = (unsigned char)point;
		return 1;
	}
	if (point < 0x800) {
		to[0] = (unsigned char)(0xC0 | (point >> 6));
		to[1] = (unsigned char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		to[0] = (unsigned char)(0xE0 | (point >> 12));
		to[1] = (unsigned char)(0x80 | ((point >> 6) & 0x3F));
		to[2] = (unsigned char)(0x80 | (point & 0x3F));
		return 3;
	}
	to[0] = (unsigned char)(0xF0 | (point >> 18));
	to[1] = (unsigned char)(0x80 | ((point >> 12) & 0x3F));
	to[2] = (unsigned char)(0x80 | ((point >> 6) & 0x3F));
	to[3] = (unsigned char)(0x80 | (point & 0x3F));
	return 4;
}
