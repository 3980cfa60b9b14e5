/* SPDX-License-Identifier: Apache-2.0
 *
 * apache: see apache.h. Any thread. Pure.
 *
 * From mod_log_config's and core's documentation. A quote inside a quoted item
 * is written \" by httpd, and stays so here.
 */
#include "apache.h"

#include "cursor.h"

#define DATETIME     "00/AAA/0000:00:00:00 "
#define DATETIME_LEN 26

/* A user may have blanks in its name: it ends before ` [DATETIME] `. */
static bool
take_user_and_time(struct cursor *c, struct span *user, struct span *time)
{
	const unsigned char *from = c->at;
	struct span before;

	while (cursor_until(c, '[', &before)) {
		const unsigned char *open = c->at - 1;
		struct cursor shape = *c;

		if (open - from < 2 || open[-1] != ' ' ||
		    !cursor_shape(&shape, DATETIME) ||
		    (!cursor_shape(&shape, "+0000") &&
			!cursor_shape(&shape, "-0000")) ||
		    !cursor_word(&shape, "] "))
			continue;
		*user = span_of(from, (size_t)(open - 1 - from));
		*time = span_of(c->at, DATETIME_LEN);
		*c = shape;
		return true;
	}
	return false;
}

static bool
take_status(struct cursor *c, struct span *out)
{
	const unsigned char *from = c->at;

	if (!cursor_shape(c, "000") && !cursor_pass(c, '-'))
		return false;
	*out = span_of(from, (size_t)(c->at - from));
	return cursor_pass(c, ' ');
}

static bool
take_size(struct cursor *c, struct span *out)
{
	if (cursor_is(c, '-')) {
		*out = span_of(c->at, 1);
		c->at++;
	} else if (!cursor_digits(c, out)) {
		return false;
	}
	return cursor_left(c) == 0 || *c->at <= ' ';
}

static bool
take_common(struct cursor *c, struct span *values)
{
	return cursor_until(c, ' ', &values[0]) && values[0].len > 0 &&
	       cursor_until(c, ' ', &values[1]) && values[1].len > 0 &&
	       take_user_and_time(c, &values[2], &values[3]) &&
	       cursor_pass(c, '"') && cursor_quoted(c, &values[4]) &&
	       cursor_pass(c, ' ') && take_status(c, &values[5]) &&
	       take_size(c, &values[6]);
}

enum format_answer
apache_common(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line);

	return take_common(&c, values) ? FORMAT_IS : FORMAT_IS_NOT;
}

enum format_answer
apache_combined(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line);

	if (take_common(&c, values) && cursor_word(&c, " \"") &&
	    cursor_quoted(&c, &values[7]) && cursor_word(&c, " \"") &&
	    cursor_quoted(&c, &values[8]))
		return FORMAT_IS;
	return FORMAT_IS_NOT;
}

/* `Fri Sep 09 10:42:29.902022 2011`, the fraction only where it is wanted. */
static bool
take_error_time(struct cursor *c, struct span *out)
{
	const unsigned char *from = c->at;
	struct span fraction;

	if (!cursor_shape(c, "AAA AAA _0 00:00:00") ||
	    (cursor_pass(c, '.') && !cursor_digits(c, &fraction)) ||
	    !cursor_shape(c, " 0000"))
		return false;
	*out = span_of(from, (size_t)(c->at - from));
	return true;
}

static bool
is_lower(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* `[module:severity]` or `[severity]`. */
static bool
take_severity(struct cursor *c, struct span *module, struct span *severity)
{
	struct span both;
	const unsigned char *colon;

	if (!cursor_until(c, ']', &both))
		return false;
	colon = both.len > 0 ? memchr(both.at, ':', both.len) : NULL;
	*severity = both;
	if (colon != NULL) {
		size_t len = (size_t)(colon - both.at);

		if (len > 0)
			*module = span_of(both.at, len);
		*severity = span_of(colon + 1, both.len - len - 1);
	}
	for (size_t i = 0; i < severity->len; i++)
		if (!is_lower(severity->at[i]))
			return false;
	return severity->len > 0;
}

/* `[pid N]` or `[pid N:tid N] `. */
static bool
take_process(struct cursor *c, struct span *pid, struct span *tid)
{
	return cursor_digits(c, pid) &&
	       (!cursor_word(c, ":tid ") || cursor_digits(c, tid)) &&
	       cursor_word(c, "] ");
}

enum format_answer
apache_error_line(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line);

	if (!cursor_pass(&c, '[') || !take_error_time(&c, &values[0]) ||
	    !cursor_word(&c, "] [") ||
	    !take_severity(&c, &values[1], &values[2]) || !cursor_pass(&c, ' '))
		return FORMAT_IS_NOT;
	if (cursor_word(&c, "[pid ") &&
	    !take_process(&c, &values[3], &values[4]))
		return FORMAT_IS_NOT;
	if (cursor_word(&c, "[client ") &&
	    (!cursor_until(&c, ']', &values[5]) || !cursor_pass(&c, ' ')))
		return FORMAT_IS_NOT;
	values[6] = cursor_rest(&c);
	return FORMAT_IS;
}
