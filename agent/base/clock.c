/* SPDX-License-Identifier: Apache-2.0
 *
 * clock: the only door to the time. See clock.h.
 *
 * The only caller of clock_gettime. Dates are cut to the years 1970 to 9999,
 * so that their text always has the length the callers' arrays have.
 *
 * Any thread; nothing fails.
 */
#include "clock.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#define MS_PER_S    1000
#define NS_PER_MS   1000000
#define LAST_OF_ALL INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static int64_t
now_ms(clockid_t which)
{
	struct timespec now;
	int failed = clock_gettime(which, &now);

	assert(failed == 0);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

int64_t
clock_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
	return now_ms(CLOCK_REALTIME);
}

/* Replace the run of `letter` in `text` by `value`'s decimal digits. */
static void
fill(char *text, char letter, int value)
{
	char *first = strchr(text, letter);
	size_t width = strspn(first, (char[]){ letter, '\0' });

	while (width-- > 0) {
		first[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* `wall_ms` by the pattern in `text`: letters Y M D h m s in place. */
static void
spell(int64_t wall_ms, char *text)
{
	time_t seconds = (time_t)(wall_ms / MS_PER_S);
	struct tm date;

	gmtime_r(&seconds, &date);
	fill(text, 'Y', date.tm_year + 1900);
	fill(text, 'M', date.tm_mon + 1);
	fill(text, 'D', date.tm_mday);
	fill(text, 'h', date.tm_hour);
	fill(text, 'm', date.tm_min);
	fill(text, 's', date.tm_sec);
}

static int64_t
within_calendar(int64_t wall_ms)
{
	if (wall_ms < 0)
		return 0;
	return wall_ms < LAST_OF_ALL ? wall_ms : LAST_OF_ALL;
}

void
clock_basic(int64_t wall_ms, char out[static 17])
{
	memcpy(out, "YYYYMMDDThhmmssZ", 17);
	spell(within_calendar(wall_ms), out);
}

void
clock_extended(int64_t wall_ms, char out[static 25])
{
	int64_t known = within_calendar(wall_ms);

	memcpy(out, "YYYY-MM-DDThh:mm:ss.iiiZ", 25);
	spell(known, out);
	fill(out, 'i', (int)(known % MS_PER_S));
}
