/* SPDX-License-Identifier: Apache-2.0
 *
 * amount: see amount.h. Pure.
 */
#include "amount.h"

#include <inttypes.h>
#include <stdio.h>

void
amount_count(int64_t n, char out[static AMOUNT_TEXT])
{
	char digits[AMOUNT_TEXT];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);
	int at = 0;

	for (int i = 0; i < len && at < AMOUNT_TEXT - 2; i++) {
		if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

void
amount_bytes(int64_t n, char out[static AMOUNT_TEXT])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB",
		"PB" };
	double left = (double)n;
	size_t unit = 0;

	while (left >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		left /= 1000;
		unit++;
	}
	(void)snprintf(out, AMOUNT_TEXT, "%.*f %s",
	    unit > 0 && left < 9.95 ? 1 : 0, left, units[unit]);
}

void
amount_time(int64_t seconds, char out[static AMOUNT_TEXT])
{
	int64_t minutes = seconds / 60, hours = minutes / 60;

	if (seconds < 60)
		(void)snprintf(out, AMOUNT_TEXT, "%" PRId64 " s", seconds);
	else if (minutes < 60)
		(void)snprintf(out, AMOUNT_TEXT, "%" PRId64 " min", minutes);
	else if (hours < 48)
		(void)snprintf(out, AMOUNT_TEXT, "%" PRId64 " h", hours);
	else
		(void)snprintf(out, AMOUNT_TEXT, "%" PRId64 " d", hours / 24);
}
