/* SPDX-License-Identifier: Apache-2.0
 *
 * stem: see stem.h. Suffixes are taken off the end, one after the other, as
 * long as one is found and something is left.
 *
 * Thread: any; pure.
 */
#include "stem.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "unpack.h"

#define NUMBER_DIGITS 5 /* `.1` to `.99999`: more is a time */

static bool
is_separator(char c)
{
	return c == '.' || c == '-' || c == '_';
}

static size_t
digits_before(const char *text, size_t end)
{
	size_t n = 0;

	while (n < end && isdigit((unsigned char)text[end - n - 1]))
		n++;
	return n;
}

/* Take a known ending off: the new length. */
static size_t
without_ending(const char *text, size_t len)
{
	static const char *const endings[] = { ".gz", ".bz2", ".zip", ".zst",
		".xz", ".lz4", ".old", "~" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strncasecmp(text + len - n, endings[i], n) == 0)
			return len - n;
	}
	return len;
}

/* Take a number or a compact time off: `.3`, `-20261121`, `-1795299740`,
 * `-20261121223000`. A lone number counts only behind a dot: `web-2` is a
 * name. */
static size_t
without_digits(const char *text, size_t len)
{
	size_t n = digits_before(text, len);
	char before;

	if (n == 0 || n + 1 >= len || !is_separator(text[len - n - 1]))
		return len;
	before = text[len - n - 1];
	if (n <= NUMBER_DIGITS ? before == '.' : n >= 8 && n <= 14)
		return len - n - 1;
	return len;
}

/* Does `text`, up to `len`, end in the shape `shape` (0 a digit, - one of
 * - _ T : . and anything else itself)? */
static bool
ends_in(const char *text, size_t len, const char *shape)
{
	size_t n = strlen(shape);

	if (len <= n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text[len - n + i];

		if (shape[i] == '0' ? !isdigit((unsigned char)c)
				    : strchr("-_T:.", c) == NULL)
			return false;
	}
	return true;
}

/* Take a written-out date off, with what may stand behind it. */
static size_t
without_date(const char *text, size_t len)
{
	static const char *const shapes[] = { "-0000-00-00-00-00-00",
		"-0000-00-00-000000", "-0000-00-00-00-00", "-0000-00-00-0000",
		"-0000-00-00-00", "-0000-00-00-0", "-0000-00-00",
		"-00000000-000000", "-00000000-0000", "-00000000-00",
		"-00000000-0" };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (ends_in(text, len, shapes[i]))
			return len - strlen(shapes[i]);
	return len;
}

static size_t
without_suffixes(const char *text, size_t len)
{
	size_t before;

	do {
		before = len;
		len = without_ending(text, len);
		len = without_date(text, len);
		len = without_digits(text, len);
	} while (len < before);
	return len;
}

/* Where the last ending begins (`.log`), if it is one of letters. */
static size_t
ending_at(const char *text, size_t len)
{
	size_t at = len;

	while (at > 0 && isalpha((unsigned char)text[at - 1]))
		at--;
	return at > 1 && at < len && text[at - 1] == '.' ? at - 1 : len;
}

void
stem_of(const char *name, char out[static NAME_MAX + 1])
{
	size_t len = strnlen(name, NAME_MAX);
	size_t end = without_suffixes(name, len);
	size_t dot = ending_at(name, end);
	size_t middle = dot < end ? without_suffixes(name, dot) : dot;

	memcpy(out, name, middle);
	memcpy(out + middle, name + dot, end - dot);
	out[middle + (end - dot)] = '\0';
}

bool
stem_is_rotation_of(const char *name, const char *live)
{
	char stem[NAME_MAX + 1];
	size_t len = strlen(live);

	if (strcmp(name, live) == 0)
		return false;
	/* A live file may carry a date itself: only what follows counts. */
	if (strncmp(name, live, len) == 0 &&
	    (is_separator(name[len]) || name[len] == '~')) {
		return without_suffixes(name, strlen(name)) <= len;
	}
	stem_of(name, stem);
	return strcmp(stem, live) == 0;
}

/* The number behind the last dot of `text` as it was before it was packed;
 * 0: a live name; -1: it tells no number. */
static long
number_of(const char *text, const char *stem)
{
	size_t len = unpack_bare(text), at = len;

	while (at > 0 && isdigit((unsigned char)text[at - 1]))
		at--;
	if (at == len)
		return len == strlen(stem) ? 0 : -1;
	if (at == 0 || text[at - 1] != '.' || len - at > 5)
		return -1;
	return strtol(text + at, NULL, 10);
}

bool
stem_precedes(const char *a, const char *b)
{
	char stem[NAME_MAX + 1];
	size_t len_a = unpack_bare(a), len_b = unpack_bare(b);
	long x, y;

	stem_of(a, stem);
	x = number_of(a, stem);
	y = number_of(b, stem);
	if (x >= 0 && y >= 0)
		return x > y;
	/* Dates of one form; a live name comes last. */
	if (y == 0)
		return true;
	return x < 0 && y < 0 && len_a == len_b && strncmp(a, b, len_a) < 0;
}
