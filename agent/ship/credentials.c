/* SPDX-License-Identifier: Apache-2.0
 *
 * credentials: who we are to AWS.
 *
 * Keys expire by AWS's clock and are renewed by ours, which may be wrong or
 * set; so an expiry is kept as a moment of the clock that is never set.
 *
 * Any thread. Pure.
 */
#include "credentials.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

/* The clocks of two good machines differ by less. */
#define SKEW_MS 60000

/* NULL counts as "". False: too long. */
static bool
copy(const char *from, char *to, size_t max)
{
	size_t len = from != NULL ? strlen(from) : 0;

	if (len > max)
		return false;
	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

bool
credentials_take(struct credentials_keys *k, const char *access_key,
    const char *secret_key, const char *token)
{
	k->until_ms = CLOCK_NEVER;
	return access_key != NULL && secret_key != NULL &&
	       access_key[0] != '\0' && secret_key[0] != '\0' &&
	       copy(access_key, k->access_key, CREDENTIALS_ID) &&
	       copy(secret_key, k->secret_key, CREDENTIALS_SECRET) &&
	       copy(token, k->session_token, CREDENTIALS_TOKEN);
}

bool
credentials_same(
    const struct credentials_keys *a, const struct credentials_keys *b)
{
	return strcmp(a->access_key, b->access_key) == 0 &&
	       strcmp(a->secret_key, b->secret_key) == 0 &&
	       strcmp(a->session_token, b->session_token) == 0;
}

bool
credentials_hold(const struct credentials *c, int64_t now_ms)
{
	return c->serial != 0 && c->now.until_ms > now_ms;
}

/* "Z", "+hh:mm", "+hhmm" or nothing behind it. False: something else. */
static bool
read_offset(const char *text, int64_t *seconds)
{
	int sign = text[0] == '-' ? -1 : 1;
	struct tm tm = { 0 };
	const char *end;

	*seconds = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (text[0] != '+' && text[0] != '-')
		return false;
	end = strptime(text + 1, "%H:%M", &tm);
	if (end == NULL)
		end = strptime(text + 1, "%H%M", &tm);
	if (end == NULL || *end != '\0')
		return false;
	*seconds = sign * (tm.tm_hour * 3600 + tm.tm_min * 60);
	return true;
}

int64_t
credentials_wall(int64_t date_ms, int64_t wall_ms)
{
	int64_t apart_ms = date_ms - wall_ms;

	if (date_ms == 0 || (apart_ms < SKEW_MS && apart_ms > -SKEW_MS))
		return wall_ms;
	return date_ms + 999;
}

bool
credentials_expiry(
    const char *text, int64_t wall_ms, int64_t now_ms, int64_t *until_ms)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t offset;

	if (rest == NULL)
		return false;
	if (rest[0] == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!read_offset(rest, &offset))
		return false;
	*until_ms = now_ms + ((int64_t)timegm(&tm) - offset) * 1000 - wall_ms;
	return true;
}
