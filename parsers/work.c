/* SPDX-License-Identifier: Apache-2.0
 *
 * work: see work.h. The chain's thread.
 */
#include "work.h"

#include <stdlib.h>

#include "jsonin.h"
#include "jsonout.h"
#include "mem.h"
#include "utf8.h"

#define FIRST_FIELDS 32

void
work_init(struct work *w, size_t max)
{
	*w = (struct work){ .room = FIRST_FIELDS };
	w->members = mem_new_array(w->room, sizeof(*w->members));
	buf_init(&w->out[0], max);
	buf_init(&w->out[1], max);
	arena_init(&w->arena, max);
}

void
work_fini(struct work *w)
{
	free(w->members);
	buf_fini(&w->out[0]);
	buf_fini(&w->out[1]);
	arena_fini(&w->arena);
}

void
work_begin(struct work *w, struct span text, const struct parser_facts *facts)
{
	arena_reset(&w->arena);
	/* Spans of nothing have a place, too: no place means null. */
	w->text = text.len > 0 ? text : span_of("", 0);
	w->count = 0;
	w->has_text = true;
	w->has_fields = w->pretty = false;
	w->facts = facts;
}

struct buf *
work_draft(struct work *w)
{
	struct buf *next = &w->out[1 - w->turn];

	buf_clear(next);
	return next;
}

void
work_done(struct work *w)
{
	w->turn = 1 - w->turn;
	w->text = buf_span(&w->out[w->turn]);
	w->has_text = true;
	w->has_fields = false;
}

static bool
write_value(struct buf *out, const struct member *f, bool pretty)
{
	switch (f->kind) {
	case MEMBER_NULL:
		return buf_add(out, "null", 4);
	case MEMBER_TEXT:
		return jsonout_text(out, f->value);
	case MEMBER_STRING:
		return buf_add_span(out, f->value);
	case MEMBER_JSON:
		return jsonout_value(out, f->value, pretty, 1);
	}
	return false;
}

static bool
write_compact(const struct member *members, size_t count, struct buf *out)
{
	unsigned char before = '{';

	if (count == 0)
		return buf_add(out, "{}\n", 3);
	for (size_t i = 0; i < count; i++) {
		const struct member *f = &members[i];

		if (!buf_reserve(out, f->key.len + 1))
			return false;
		out->at[out->len] = before;
		memcpy(out->at + out->len + 1, f->key.at, f->key.len);
		out->len += f->key.len + 1;
		if (!write_value(out, f, false))
			return false;
		before = ',';
	}
	return buf_add(out, "}\n", 2);
}

static bool
write_pretty(const struct member *members, size_t count, struct buf *out)
{
	if (count == 0)
		return buf_add(out, "{ }\n", 4);
	for (size_t i = 0; i < count; i++) {
		const struct member *f = &members[i];

		if (!buf_add(out, i == 0 ? "{" : ",", 1) ||
		    !jsonout_break(out, 1) ||
		    !buf_add(out, f->key.at, f->key.len - 1) ||
		    !buf_add(out, " : ", 3) || !write_value(out, f, true))
			return false;
	}
	return buf_add(out, "\n}\n", 3);
}

bool
work_write(
    const struct member *members, size_t count, bool pretty, struct buf *out)
{
	return pretty ? write_pretty(members, count, out)
		      : write_compact(members, count, out);
}

bool
work_text(struct work *w, struct span *text)
{
	if (!w->has_text) {
		struct buf *out = work_draft(w);

		if (!work_write(w->members, w->count, w->pretty, out))
			return false;
		work_done(w);
		w->has_fields = true;
	}
	*text = w->text;
	return true;
}

void
work_clear(struct work *w, bool pretty)
{
	w->count = 0;
	w->pretty = pretty;
	w->has_fields = true;
	w->has_text = false;
}

void
work_touch(struct work *w)
{
	w->has_text = false;
}

bool
work_add(
    struct work *w, struct span key, struct span value, enum member_kind kind)
{
	if (w->count == w->room) {
		if (w->room == WORK_FIELDS)
			return false;
		w->room *= 2;
		w->members =
		    mem_resize(w->members, w->room, sizeof(*w->members));
	}
	w->members[w->count++] = (struct member){ key, value, kind };
	return true;
}

bool
work_settle(struct work *w, struct span *s)
{
	const struct buf *out = &w->out[w->turn];
	unsigned char *at;

	if (w->text.at != out->at)
		return true;
	at = arena_take(&w->arena, s->len);
	if (at == NULL)
		return false;
	if (s->len > 0)
		memcpy(at, s->at, s->len);
	*s = span_of(at, s->len);
	return true;
}

/* `quoted` with its colon. */
static struct span
with_colon(struct work *w, struct span quoted)
{
	unsigned char *at;

	if (quoted.at[quoted.len] == ':')
		return span_of(quoted.at, quoted.len + 1);
	at = arena_take(&w->arena, quoted.len + 1);
	if (at == NULL)
		return span_of(NULL, 0);
	memcpy(at, quoted.at, quoted.len);
	at[quoted.len] = ':';
	return span_of(at, quoted.len + 1);
}

static enum member_kind
kind_of(struct span value)
{
	if (value.at[0] == '"')
		return MEMBER_STRING;
	return value.at[0] == 'n' ? MEMBER_NULL : MEMBER_JSON;
}

enum work_answer
work_parse(struct work *w)
{
	struct span text = w->text, key, value;
	struct jsonin walk;

	if (w->has_fields)
		return WORK_IS;
	w->count = 0;
	if (!jsonin_open(&walk, text, '{'))
		return WORK_IS_NOT;
	if (!work_settle(w, &text) || !work_utf8(w, &text))
		return WORK_TOO_LARGE;
	(void)jsonin_open(&walk, text, '{');
	while (jsonin_next(&walk, &key, &value)) {
		key = with_colon(w, key);
		if (key.at == NULL || !work_add(w, key, value, kind_of(value)))
			return WORK_TOO_LARGE;
	}
	if (walk.failed) {
		w->count = 0;
		return WORK_IS_NOT;
	}
	w->has_fields = true;
	return WORK_IS;
}

struct member *
work_find(struct work *w, struct span name)
{
	for (size_t i = 0; i < w->count; i++) {
		struct span key = w->members[i].key;

		if (key.len == name.len + 3 &&
		    memcmp(key.at + 1, name.at, name.len) == 0)
			return &w->members[i];
	}
	return NULL;
}

/* What the JSON `string` says, in quotes as it is. No place: no memory. */
static struct span
unescaped(struct work *w, struct span string)
{
	unsigned char *at = arena_take(&w->arena, string.len);
	size_t len;

	if (at == NULL)
		return span_of(NULL, 0);
	len = jsonin_unescape(string, at);
	arena_trim(&w->arena, string.len, len);
	return span_of(at, len);
}

bool
work_name(struct work *w, const struct member *f, struct span *name)
{
	*name = span_of(f->key.at + 1, f->key.len - 3);
	if (name->len > 0 && memchr(name->at, '\\', name->len) != NULL)
		*name = unescaped(w, span_of(f->key.at, f->key.len - 1));
	return name->at != NULL;
}

bool
work_value(struct work *w, struct member *f, struct span *value)
{
	if (f->kind == MEMBER_NULL)
		return false;
	if (f->kind == MEMBER_STRING) {
		f->value = unescaped(w, f->value);
		if (f->value.at == NULL)
			return false;
		f->kind = MEMBER_TEXT;
	}
	*value = f->value;
	return true;
}

bool
work_utf8(struct work *w, struct span *s)
{
	unsigned char *at;
	size_t most, len;

	if (utf8_is_text(*s))
		return true;
	if (__builtin_mul_overflow(s->len, 3, &most))
		return false;
	at = arena_take(&w->arena, most);
	if (at == NULL)
		return false;
	len = utf8_clean(*s, at);
	arena_trim(&w->arena, most, len);
	*s = span_of(at, len);
	return true;
}

struct span
work_key(const char *name)
{
	struct span text = span_str(name);
	struct buf key;

	buf_init(&key, 6 * text.len + 3);
	(void)(jsonout_text(&key, text) && buf_add(&key, ":", 1));
	return buf_span(&key);
}

struct span
work_line(struct span text)
{
	if (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	return text;
}
