/* SPDX-License-Identifier: Apache-2.0
 *
 * redact: REDACT, what a pattern finds is replaced: by a text, in which $1 is
 * the first group, or by a keyed hash, by which equals are known as equals and
 * nothing else.
 *
 * A record that cannot be looked through to its end is refused, not sent: it
 * may hold what must not leave. The chain's thread.
 */
#include <stdlib.h>

#include "digest.h"
#include "mem.h"
#include "work.h"
#include "step.h"
#include "told.h"
#include "utf8.h"

#define HASH_BYTES 16 /* of the hash are shown, in hex */

struct redact {
	struct regex *regex; /* owned */
	char *field;         /* owned; NULL: the whole text */
	char *replacement;   /* owned */
	char *hash_key;      /* owned; NULL: the replacement */
	struct buf made;     /* a field's new text */
};

static void
redact_free(void *state)
{
	struct redact *s = state;

	if (s->hash_key != NULL)
		explicit_bzero(s->hash_key, strlen(s->hash_key));
	regex_free(s->regex);
	free(s->field);
	free(s->replacement);
	free(s->hash_key);
	buf_fini(&s->made);
	free(s);
}

static void
check_replacement(const struct redact *s, struct told *t)
{
	for (const char *at = s->replacement; *at != '\0'; at++) {
		if (*at != '$')
			continue;
		at++;
		if (*at == '$')
			continue;
		if (*at < '0' || *at > '9') {
			told_refuse(t, "replacement",
			    "a $ stands for a group: write $1, or $$ for $");
			return;
		}
		if ((size_t)(*at - '0') > regex_groups(s->regex)) {
			told_refuse(t, "replacement",
			    "$%c: the pattern has %zu groups", *at,
			    regex_groups(s->regex));
			return;
		}
	}
}

static char *
copy_of(const char *text)
{
	return text != NULL && text[0] != '\0' ? mem_dup(text) : NULL;
}

static void *
redact_make(struct told *t)
{
	struct redact *s = mem_new(sizeof(*s));
	const char *replacement = told_text(t, "replacement");

	buf_init(&s->made, SIZE_MAX / 2);
	if (told_need(t, "pattern") != NULL)
		s->regex = told_regex(t, "pattern", REGEX_ANYWHERE);
	s->field = copy_of(told_text(t, "field"));
	s->hash_key = copy_of(told_text(t, "hashKey"));
	s->replacement =
	    mem_dup(replacement != NULL ? replacement : "[REDACTED]");
	if (s->hash_key != NULL && replacement != NULL)
		told_refuse(
		    t, "hashKey", "replacement is given too; keep one of them");
	else if (s->regex != NULL)
		check_replacement(s, t);
	if (!t->failed)
		return s;
	redact_free(s);
	return NULL;
}

static bool
add_hash(const struct redact *s, struct span found, struct buf *out)
{
	unsigned char hash[DIGEST_SHA256];
	char hex[2 * HASH_BYTES + 1];

	digest_hmac_sha256(span_str(s->hash_key), found, hash);
	digest_hex(hash, HASH_BYTES, hex);
	return buf_add(out, hex, 2 * HASH_BYTES);
}

static bool
add_replacement(const struct redact *s, struct buf *out)
{
	for (const char *at = s->replacement; *at != '\0'; at++) {
		struct span group;

		if (at[0] != '$') {
			if (!buf_add(out, at, 1))
				return false;
			continue;
		}
		at++;
		if (*at == '$') {
			if (!buf_add(out, "$", 1))
				return false;
		} else if (regex_group(s->regex, (size_t)(*at - '0'), &group) &&
			   !buf_add_span(out, group)) {
			return false;
		}
	}
	return true;
}

/* The length of what must be passed so that the next search begins elsewhere:
 * a character. */
static size_t
step_over(struct span text, size_t at)
{
	struct span rest = span_of(text.at + at, text.len - at);
	size_t len = utf8_length(rest);

	return len > 0 || rest.len == 0 ? len : utf8_bad_length(rest);
}

/* `text` as it may be shown, behind what is in `out`. `*found`: it differs. */
static enum step_answer
rewrite(const struct redact *s, struct span text, struct buf *out, bool *found)
{
	size_t at = 0, copied = 0;
	enum regex_answer answer = REGEX_NO;
	struct span match;

	while (at <= text.len) {
		answer = regex_find(s->regex, text, at);
		if (answer != REGEX_YES || !regex_group(s->regex, 0, &match))
			break;
		*found = true;
		at = (size_t)(match.at - text.at);
		if (at < copied ||
		    !buf_add(out, text.at + copied, at - copied) ||
		    !(s->hash_key != NULL ? add_hash(s, match, out)
					  : add_replacement(s, out)))
			return STEP_TOO_HARD;
		at += match.len;
		copied = at;
		if (match.len == 0)
			at += at < text.len ? step_over(text, at) : 1;
	}
	if (answer == REGEX_TOO_HARD ||
	    !buf_add(out, text.at + copied, text.len - copied))
		return STEP_TOO_HARD;
	return STEP_DONE;
}

static enum step_answer
redact_text(struct redact *s, struct work *w)
{
	struct span text, line;
	enum step_answer answer;
	struct buf *out;
	bool found = false;

	if (!work_text(w, &text))
		return STEP_TOO_HARD;
	line = work_line(text);
	if (!work_utf8(w, &line))
		return STEP_TOO_HARD;
	out = work_draft(w);
	answer = rewrite(s, line, out, &found);
	if (answer != STEP_DONE || !found)
		return answer;
	if (text.at[text.len - 1] == '\n' && !buf_add(out, "\n", 1))
		return STEP_TOO_HARD;
	work_done(w);
	/* What a line's fields held must not come out by another way. */
	w->count = 0;
	return STEP_DONE;
}

static enum step_answer
redact_field(struct redact *s, struct work *w, struct member *f)
{
	enum step_answer answer;
	struct span text;
	unsigned char *at;
	bool found = false;

	if (!work_value(w, f, &text) || !work_utf8(w, &text))
		return STEP_TOO_HARD;
	buf_clear(&s->made);
	answer = rewrite(s, text, &s->made, &found);
	if (answer != STEP_DONE || !found)
		return answer;
	at = arena_take(&w->arena, s->made.len);
	if (at == NULL)
		return STEP_TOO_HARD;
	if (s->made.len > 0)
		memcpy(at, s->made.at, s->made.len);
	f->value = span_of(at, s->made.len);
	f->kind = MEMBER_TEXT;
	work_touch(w);
	return STEP_DONE;
}

static enum step_answer
redact_run(void *state, struct work *w)
{
	struct redact *s = state;
	struct member *f;

	if (s->field == NULL)
		return redact_text(s, w);
	switch (work_parse(w)) {
	case WORK_IS:
		break;
	case WORK_IS_NOT:
		return STEP_NO_MATCH;
	case WORK_TOO_LARGE:
		return STEP_TOO_HARD;
	}
	f = work_find(w, span_str(s->field));
	if (f == NULL || f->kind == MEMBER_NULL)
		return STEP_DONE;
	return redact_field(s, w, f);
}

static bool
redact_is_interpreted(const void *state)
{
	const struct redact *s = state;

	return regex_is_interpreted(s->regex);
}

/* What cannot be redacted is not sent as it came. */
const struct step_kind redact_kind = { "REDACT",
	"pattern field replacement hashKey", true, redact_make, redact_run,
	redact_free, redact_is_interpreted };
