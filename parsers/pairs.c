/* SPDX-License-Identifier: Apache-2.0
 *
 * pairs: see pairs.h. The chain's thread.
 */
#include "pairs.h"

#include "cursor.h"
#include "jsonout.h"
#include "work.h"

/* What stands behind \ in a quoted value. */
static unsigned char
unescaped(unsigned char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* `s` without its backslashes. No place: no memory. */
static struct span
unescape(struct work *w, struct span s)
{
	unsigned char *at, *to;

	if (memchr(s.at, '\\', s.len) == NULL)
		return s;
	at = to = arena_take(&w->arena, s.len);
	if (at == NULL)
		return span_of(NULL, 0);
	for (size_t i = 0; i < s.len; i++)
		*to++ = s.at[i] == '\\' ? unescaped(s.at[++i]) : s.at[i];
	return span_of(at, (size_t)(to - at));
}

/* `name` as a key of JSON. */
static struct span
make_key(struct work *w, struct span name)
{
	struct buf key;
	unsigned char *at;
	size_t most = 6 * name.len + 3;

	at = arena_take(&w->arena, most);
	if (at == NULL)
		return span_of(NULL, 0);
	/* Borrowed room: the ceiling is what there is, so it never grows. */
	key = (struct buf){ .at = at, .room = most, .max = most };
	if (!jsonout_text(&key, name) || !buf_add(&key, ":", 1))
		return span_of(NULL, 0);
	arena_trim(&w->arena, most, key.len);
	return buf_span(&key);
}

static bool
take_key(struct cursor *c, struct span *key)
{
	const unsigned char *from = c->at;

	while (c->at<c->end && * c->at> ' ' && *c->at != '=' && *c->at != '"')
		c->at++;
	*key = span_of(from, (size_t)(c->at - from));
	return key->len > 0;
}

static bool
take_bare(struct cursor *c, struct span *value)
{
	const unsigned char *from = c->at;

	while (c->at<c->end && * c->at> ' ' && *c->at != '"')
		c->at++;
	*value = span_of(from, (size_t)(c->at - from));
	return true;
}

static enum format_answer
take_pair(struct work *w, struct cursor *c, bool *equals)
{
	struct span key, value = span_of("true", 4);
	enum member_kind kind = MEMBER_JSON;

	if (!take_key(c, &key))
		return FORMAT_IS_NOT;
	if (cursor_pass(c, '=')) {
		bool quoted = cursor_pass(c, '"');

		*equals = true;
		kind = MEMBER_TEXT;
		if (!(quoted ? cursor_quoted(c, &value) : take_bare(c, &value)))
			return FORMAT_IS_NOT;
		if (quoted)
			value = unescape(w, value);
	}
	if (cursor_left(c) > 0 && *c->at > ' ')
		return FORMAT_IS_NOT;
	key = make_key(w, key);
	if (key.at == NULL || value.at == NULL ||
	    !work_add(w, key, value, kind))
		return FORMAT_TOO_LARGE;
	return FORMAT_IS;
}

enum format_answer
pairs_logfmt(struct work *w, struct span line)
{
	struct cursor c = cursor_of(line);
	enum format_answer answer = FORMAT_IS;
	bool equals = false;

	work_clear(w, false);
	while (answer == FORMAT_IS) {
		while (c.at < c.end && *c.at <= ' ')
			c.at++;
		if (c.at == c.end)
			return equals ? FORMAT_IS : FORMAT_IS_NOT;
		answer = take_pair(w, &c, &equals);
	}
	return answer;
}

enum format_answer
pairs_json(struct work *w, struct span line)
{
	(void)line;
	switch (work_parse(w)) {
	case WORK_IS:
		work_touch(w);
		return FORMAT_IS;
	case WORK_IS_NOT:
		break;
	case WORK_TOO_LARGE:
		return FORMAT_TOO_LARGE;
	}
	return FORMAT_IS_NOT;
}
