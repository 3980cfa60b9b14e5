/* SPDX-License-Identifier: Apache-2.0
 *
 * syslogs: see syslogs.h. Any thread. Pure.
 */
#include "syslogs.h"

#include "cursor.h"

/* `<34>`: pass over it, if it is there. */
static bool
pass_priority(struct cursor *c)
{
	struct span digits;

	return !cursor_pass(c, '<') ||
	       (cursor_digits(c, &digits) && cursor_pass(c, '>'));
}

/* `<0.6> `: pass over it, if it is there. */
static bool
pass_facility(struct cursor *c)
{
	struct span digits;

	return !cursor_pass(c, '<') ||
	       (cursor_digits(c, &digits) && cursor_pass(c, '.') &&
		   cursor_digits(c, &digits) && cursor_word(c, "> "));
}

static bool
is_month(const unsigned char *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; i < sizeof(months) - 1; i += 3)
		if (memcmp(at, months + i, 3) == 0)
			return true;
	return false;
}

static bool
take_old_time(struct cursor *c, struct span *out)
{
	const unsigned char *from = c->at;

	if (!cursor_shape(c, "AAA _0 00:00:00") || !is_month(from))
		return false;
	*out = span_of(from, (size_t)(c->at - from));
	return true;
}

static bool
take_rfc3339_time(struct cursor *c, struct span *out)
{
	const unsigned char *from = c->at;
	struct span fraction;

	if (!cursor_shape(c, "0000-00-00") ||
	    !(cursor_pass(c, 'T') || cursor_pass(c, 't')) ||
	    !cursor_shape(c, "00:00:00") ||
	    (cursor_pass(c, '.') && !cursor_digits(c, &fraction)))
		return false;
	if (!cursor_pass(c, 'Z') && !cursor_pass(c, 'z') &&
	    !cursor_shape(c, "+00:00") && !cursor_shape(c, "-00:00"))
		return false;
	*out = span_of(from, (size_t)(c->at - from));
	return true;
}

/* `program`, or `program[pid]`. */
static bool
split_tag(struct span tag, struct span *program, struct span *pid)
{
	const unsigned char *open;

	*program = tag;
	if (tag.len == 0 || tag.at[tag.len - 1] != ']')
		return tag.len > 0;
	open = memchr(tag.at, '[', tag.len);
	if (open == NULL || open == tag.at || tag.at + tag.len - open < 3)
		return open != tag.at;
	*program = span_of(tag.at, (size_t)(open - tag.at));
	*pid = span_of(open + 1, (size_t)(tag.at + tag.len - open - 2));
	return true;
}

/* `program[pid]: message`. The tag is the first word, without its colon;
 * where no blank follows the colon, what stands before that. */
static bool
take_tag_and_message(struct cursor *c, struct span *values)
{
	const unsigned char *end = c->at, *colon;
	size_t len;

	while (end < c->end && *end != ' ')
		end++;
	len = (size_t)(end - c->at);
	if (len == 0)
		return false;
	colon = end[-1] == ':' ? end - 1 : memchr(c->at, ':', len);
	if (colon == NULL || !split_tag(span_of(c->at, (size_t)(colon - c->at)),
				 &values[2], &values[3]))
		return false;
	c->at = colon + 1;
	(void)cursor_pass(c, ' ');
	values[4] = cursor_rest(c);
	return true;
}

static enum format_answer
scan_syslog(struct span line, struct span *values,
    bool (*take_time)(struct cursor *, struct span *))
{
	struct cursor c = cursor_of(line);

	if (pass_priority(&c) && take_time(&c, &values[0]) &&
	    cursor_pass(&c, ' ') && pass_facility(&c) &&
	    cursor_until(&c, ' ', &values[1]) && values[1].len > 0 &&
	    take_tag_and_message(&c, values))
		return FORMAT_IS;
	return FORMAT_IS_NOT;
}

enum format_answer
syslogs_old(struct span line, struct span *values)
{
	return scan_syslog(line, values, take_old_time);
}

enum format_answer
syslogs_rfc3339(struct span line, struct span *values)
{
	return scan_syslog(line, values, take_rfc3339_time);
}

/* One `[id name="value" ...]`; inside values ", \ and ] stand behind \. */
static bool
pass_element(struct cursor *c)
{
	struct span text;

	while (c->at < c->end && *c->at != ']') {
		if (*c->at++ == '"' && !cursor_quoted(c, &text))
			return false;
	}
	return cursor_pass(c, ']');
}

static bool
take_structured(struct cursor *c, struct span *out)
{
	const unsigned char *from = c->at;

	if (!cursor_pass(c, '-')) {
		if (!cursor_is(c, '['))
			return false;
		while (cursor_pass(c, '['))
			if (!pass_element(c))
				return false;
	}
	*out = span_of(from, (size_t)(c->at - from));
	return true;
}

static bool
take_words(struct cursor *c, struct span *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!cursor_until(c, ' ', &values[i]) || values[i].len == 0)
			return false;
	return true;
}

enum format_answer
syslogs_rfc5424(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line);

	if (!cursor_pass(&c, '<') || !cursor_digits(&c, &values[0]) ||
	    values[0].len > 3 || !cursor_pass(&c, '>') ||
	    !cursor_digits(&c, &values[1]) || !cursor_pass(&c, ' '))
		return FORMAT_IS_NOT;
	if (cursor_is(&c, '-')) {
		values[2] = span_of(c.at, 1);
		c.at++;
	} else if (!take_rfc3339_time(&c, &values[2])) {
		return FORMAT_IS_NOT;
	}
	if (!cursor_pass(&c, ' ') || !take_words(&c, &values[3], 4) ||
	    !take_structured(&c, &values[7]))
		return FORMAT_IS_NOT;
	if (cursor_left(&c) == 0)
		return FORMAT_IS;
	if (!cursor_pass(&c, ' '))
		return FORMAT_IS_NOT;
	(void)cursor_word(&c, "\xEF\xBB\xBF"); /* UTF-8, it says */
	values[8] = cursor_rest(&c);
	return FORMAT_IS;
}

enum format_answer
syslogs_cri(struct span line, struct span *values)
{
	struct cursor c = cursor_of(line);

	if (!take_rfc3339_time(&c, &values[0]) || !cursor_pass(&c, ' ') ||
	    !cursor_until(&c, ' ', &values[1]) ||
	    !(span_eq(values[1], span_str("stdout")) ||
		span_eq(values[1], span_str("stderr"))) ||
	    !cursor_until(&c, ' ', &values[2]) || values[2].len == 0 ||
	    (values[2].at[0] != 'F' && values[2].at[0] != 'P'))
		return FORMAT_IS_NOT;
	values[3] = cursor_rest(&c);
	return FORMAT_IS;
}
