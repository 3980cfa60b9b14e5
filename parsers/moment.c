/* SPDX-License-Identifier: Apache-2.0
 *
 * moment: see moment.h. Any thread. Pure.
 *
 * Days are counted by Howard Hinnant's method: years begin in March, so that
 * the leap day is the last of its year.
 */
#include "moment.h"

#include <stdio.h>
#include <strings.h>

#include "cursor.h"

#define DAY_S 86400

static int64_t
days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

static void
civil_from_days(int64_t z, int64_t *y, unsigned *m, unsigned *d)
{
	int64_t era;
	unsigned doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = (unsigned)(z - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = (int64_t)yoe + era * 400 + (*m <= 2);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void
moment_write(const struct moment *m, char out[static MOMENT_TEXT])
{
	int64_t days = floor_div(m->seconds, DAY_S), year;
	int rest = (int)(m->seconds - days * DAY_S);
	unsigned month, day;

	civil_from_days(days, &year, &month, &day);
	snprintf(out, MOMENT_TEXT, "%04d-%02u-%02uT%02d:%02d:%02d%s%sZ",
	    (int)year, month, day, rest / 3600, rest / 60 % 60, rest % 60,
	    m->fraction[0] != '\0' ? "." : "", m->fraction);
}

void
moment_extended(int64_t ms, char out[static MOMENT_TEXT])
{
	struct moment m = { .seconds = floor_div(ms, 1000) };

	snprintf(m.fraction, sizeof(m.fraction), "%03d",
	    (int)(ms - m.seconds * 1000));
	moment_write(&m, out);
}

/* What was read so far. */
struct parts {
	int64_t year, month, day, hour, minute, second, epoch, day_of_year;
	int64_t half; /* 0: am, 1: pm; -1: not said */
	int32_t zone_s;
	bool has_year, has_zone, has_epoch, has_day_of_year;
	char *fraction;
};

/* Up to `most` digits, and at least `least`. */
static bool
take_number(struct cursor *c, unsigned least, unsigned most, int64_t *out)
{
	unsigned n = 0;

	*out = 0;
	for (; n < most && c->at < c->end && *c->at >= '0' && *c->at <= '9';
	     n++)
		*out = *out * 10 + (*c->at++ - '0');
	return n >= least;
}

static bool
take_fraction(struct cursor *c, char fraction[static 10])
{
	struct span digits;
	size_t len;

	if (!cursor_digits(c, &digits))
		return false;
	len = digits.len < 9 ? digits.len : 9;
	memcpy(fraction, digits.at, len);
	fraction[len] = '\0';
	return true;
}

/* The number, from 1, of the name in `names` (three letters each) that stands
 * here; longer forms of it are passed over. */
static bool
take_name(struct cursor *c, const char *names, int64_t *out)
{
	size_t count = strlen(names) / 3;

	for (size_t i = 0; i < count && cursor_left(c) >= 3; i++) {
		if (strncasecmp((const char *)c->at, names + 3 * i, 3) != 0)
			continue;
		*out = (int64_t)i + 1;
		while (c->at < c->end && (*c->at | 0x20) >= 'a' &&
		       (*c->at | 0x20) <= 'z')
			c->at++;
		return true;
	}
	return false;
}

static bool
take_zone(struct cursor *c, int32_t *zone_s)
{
	int64_t hours, minutes;
	bool west;

	*zone_s = 0;
	if (cursor_pass(c, 'Z') || cursor_pass(c, 'z') ||
	    cursor_word(c, "UTC") || cursor_word(c, "GMT"))
		return true;
	west = cursor_is(c, '-');
	if (!west && !cursor_is(c, '+'))
		return false;
	c->at++;
	if (!take_number(c, 2, 2, &hours))
		return false;
	(void)cursor_pass(c, ':');
	if (!take_number(c, 2, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*zone_s = (int32_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

bool
moment_zone(struct span text, int32_t *zone_s)
{
	struct cursor c = cursor_of(text);

	return take_zone(&c, zone_s) && cursor_left(&c) == 0;
}

static bool
take_year(struct cursor *c, struct parts *p, bool brief)
{
	p->has_year = true;
	if (!brief)
		return take_number(c, 4, 4, &p->year);
	if (!take_number(c, 2, 2, &p->year))
		return false;
	p->year += p->year < 69 ? 2000 : 1900;
	return true;
}

static bool
take_seconds(struct cursor *c, struct parts *p, int64_t *out, unsigned most)
{
	if (!take_number(c, most > 2 ? 1 : 2, most, out))
		return false;
	if (cursor_is(c, '.') || cursor_is(c, ',')) {
		struct cursor behind = { c->at + 1, c->end };

		if (take_fraction(&behind, p->fraction))
			*c = behind;
	}
	return true;
}

static bool
take_half(struct cursor *c, int64_t *half)
{
	bool pm = cursor_is(c, 'p') || cursor_is(c, 'P');

	*half = pm;
	if (!pm && !cursor_is(c, 'a') && !cursor_is(c, 'A'))
		return false;
	c->at++;
	return cursor_pass(c, 'm') || cursor_pass(c, 'M');
}

static bool take_all(struct cursor *c, const char *format, struct parts *p);

/* One directive. */
static bool
take_part(struct cursor *c, char what, struct parts *p)
{
	int64_t ignored;

	switch (what) {
	case 'Y':
	case 'y':
		return take_year(c, p, what == 'y');
	case 'm':
		return take_number(c, 1, 2, &p->month);
	case 'd':
	case 'e':
		(void)cursor_pass(c, ' ');
		return take_number(c, 1, 2, &p->day);
	case 'j':
		p->has_day_of_year = true;
		return take_number(c, 1, 3, &p->day_of_year);
	case 'b':
		return take_name(
		    c, "JanFebMarAprMayJunJulAugSepOctNovDec", &p->month);
	case 'a':
		return take_name(c, "MonTueWedThuFriSatSun", &ignored);
	case 'H':
	case 'I':
		return take_number(c, 1, 2, &p->hour);
	case 'p':
		return take_half(c, &p->half);
	case 'M':
		return take_number(c, 2, 2, &p->minute);
	case 'S':
		return take_seconds(c, p, &p->second, 2);
	case 's':
		p->has_epoch = true;
		return take_seconds(c, p, &p->epoch, 11);
	case 'f':
		return take_fraction(c, p->fraction);
	case 'z':
		p->has_zone = true;
		return take_zone(c, &p->zone_s);
	case 'T':
		return take_all(c, "%H:%M:%S", p);
	case 'F':
		return take_all(c, "%Y-%m-%d", p);
	case '%':
		return cursor_pass(c, '%');
	default:
		return false;
	}
}

static bool
take_all(struct cursor *c, const char *format, struct parts *p)
{
	for (; *format != '\0'; format++) {
		if (*format == '%') {
			if (!take_part(c, *++format, p))
				return false;
		} else if (!cursor_pass(c, (unsigned char)*format)) {
			return false;
		}
	}
	return true;
}

bool
moment_knows(const char *format, size_t *at)
{
	for (size_t i = 0; format[i] != '\0'; i++) {
		if (format[i] != '%')
			continue;
		*at = i++;
		if (format[i] == '\0' ||
		    strchr("YymdejbaHIpMSsfzTF%", format[i]) == NULL)
			return false;
	}
	return true;
}

static bool
is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static bool
is_in_calendar(const struct parts *p)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	/* A leap second is there to be written. */
	if (p->hour > 23 || p->minute > 59 || p->second > 60)
		return false;
	if (p->has_day_of_year)
		return p->day_of_year >= 1 &&
		       p->day_of_year <= 365 + is_leap(p->year);
	return p->month >= 1 && p->month <= 12 && p->day >= 1 &&
	       (p->day <= days[p->month - 1] ||
		   (p->month == 2 && p->day == 29 && is_leap(p->year)));
}

static int64_t
seconds_of(const struct parts *p)
{
	int64_t days = p->has_day_of_year
			   ? days_from_civil(p->year, 1, 1) + p->day_of_year - 1
			   : days_from_civil(
				 p->year, (unsigned)p->month, (unsigned)p->day);

	return days * DAY_S + p->hour * 3600 + p->minute * 60 + p->second -
	       p->zone_s;
}

/* The year is this one; or the last, where that would be yet to come. */
static bool
guess_year(struct parts *p, int64_t now_ms)
{
	int64_t now_s = floor_div(now_ms, 1000);
	unsigned month, day;

	civil_from_days(floor_div(now_s, DAY_S), &p->year, &month, &day);
	p->year++;
	for (int i = 0; i < 9; i++, p->year--)
		if (is_in_calendar(p) && seconds_of(p) <= now_s + 2 * DAY_S)
			return true;
	return false;
}

bool
moment_read(const char *format, struct span text, int64_t now_ms,
    int32_t zone_s, struct moment *out)
{
	struct parts p = { .month = 1, .day = 1, .half = -1 };
	struct cursor c = cursor_of(text);

	out->fraction[0] = '\0';
	p.fraction = out->fraction;
	if (!take_all(&c, format, &p) || cursor_left(&c) > 0)
		return false;
	if (p.has_epoch) {
		out->seconds = p.epoch;
		return true;
	}
	if (!p.has_zone)
		p.zone_s = zone_s;
	if (p.half >= 0) {
		if (p.hour < 1 || p.hour > 12)
			return false;
		p.hour = p.hour % 12 + 12 * p.half;
	}
	if (p.has_year ? !is_in_calendar(&p) : !guess_year(&p, now_ms))
		return false;
	out->seconds = seconds_of(&p);
	return true;
}
