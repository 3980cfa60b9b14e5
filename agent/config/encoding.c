/* SPDX-License-Identifier: Apache-2.0
 *
 * encoding: see encoding.h. Any thread.
 */
#include "encoding.h"

#include "report.h"
#include "utf8.h"

int
encoding_check(struct span text, struct report *r)
{
	struct place at = { 1, 1 };

	if (text.len >= 2 && (text.at[0] ^ text.at[1]) == (0xFF ^ 0xFE) &&
	    (text.at[0] == 0xFF || text.at[0] == 0xFE)) {
		report_error(r, at, NULL, "is UTF-16; save it as UTF-8");
		return -1;
	}
	while (text.len > 0) {
		size_t len = utf8_length(text);

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
