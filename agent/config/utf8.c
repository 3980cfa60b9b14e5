/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: see utf8.h. Any thread.
 */
#include "utf8.h"

#include <stdint.h>

#include "report.h"

/* The length of the character at `s`, or 0: not one (RFC 3629: shortest form,
 * no surrogates, up to U+10FFFF). */
static size_t
length(struct span s)
{
	unsigned char first = s.at[0], low = 0x80, high = 0xBF;
	size_t len;

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

int
utf8_check(struct span text, struct report *r)
{
	struct place at = { 1, 1 };

	while (text.len > 0) {
		size_t len = length(text);

		if (len == 0 || text.at[0] == '\0') {
			report_error(r, at, NULL,
			    "byte 0x%02X is not text in UTF-8", text.at[0]);
			return -1;
		}
		at.column++;
		if (text.at[0] == '\n')
			at = (struct place){ at.line + 1, 1 };
		text = span_of(text.at + len, text.len - len);
	}
	return 0;
}
