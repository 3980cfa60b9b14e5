/* SPDX-License-Identifier: Apache-2.0
 *
 * multiline: see multiline.h. Nothing is kept between calls: a line is judged
 * by itself and the one before it, so a search may go on anywhere.
 *
 * One thread at a time. Pure.
 */
#include "multiline.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

/* How lines look that go on with a record. A trace follows the line that was
 * logged with it, so what begins a trace goes on, too. */
static const char *const going_on[] = {
	[MULTILINE_JAVA] = "[ \\t]|Caused by: |Suppressed: |"
			   "(?:[A-Za-z_$][\\w$]*\\.)+[\\w$]*"
			   "(?:Exception|Error|Throwable)\\b",
	[MULTILINE_PYTHON] =
	    "[ \\t]|Traceback \\(most recent call last\\):|"
	    "(?:[A-Za-z_]\\w*\\.)*[A-Za-z_]\\w*(?:Error|Exception|Warning|"
	    "Interrupt|Exit|Iteration|Group)(?::|\\s*$)|"
	    "During handling of the above exception|"
	    "The above exception was the direct cause",
	[MULTILINE_GO] = "\\t|goroutine \\d+ \\[|created by |\\[signal |"
			 "exit status \\d|\\.\\.\\.(?:additional|\\d)|"
			 "[\\w./*()%\\-]+\\([^ ]*(?:, [^ ]*)*\\)\\s*$|"
			 "panic\\(|\\[recovered\\]",
	[MULTILINE_CRI] = NULL,
};

struct multiline {
	enum multiline_style style;
	struct regex *regex; /* owned; NULL: the style needs none */
};

struct multiline *
multiline_new(
    enum multiline_style style, const char *pattern, struct regex_fault *fault)
{
	struct multiline *m = mem_new(sizeof(*m));

	assert(style != MULTILINE_NONE);
	m->style = style;
	if (style == MULTILINE_CRI || style == MULTILINE_DOCKER)
		return m;
	if (style != MULTILINE_PATTERN)
		pattern = going_on[style];
	m->regex = regex_new_start(pattern, fault);
	if (m->regex != NULL)
		return m;
	free(m);
	return NULL;
}

void
multiline_free(struct multiline *m)
{
	if (m == NULL)
		return;
	regex_free(m->regex);
	free(m);
}

static bool
is_blank_line(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] > ' ')
			return false;
	return true;
}

static bool
starts_with(struct span line, const char *text)
{
	size_t len = strlen(text);

	return line.len >= len && memcmp(line.at, text, len) == 0;
}

static bool
is_word(unsigned char c)
{
	unsigned char letter = c | 0x20;

	return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.';
}

/* What an exception of Python's says stands behind the last frame, whatever
 * it is called. */
static bool
is_verdict(struct span before, struct span line)
{
	size_t i = 0;

	if (before.len == 0 || before.at[0] != ' ' || line.len == 0 ||
	    (line.at[0] >= '0' && line.at[0] <= '9'))
		return false;
	while (i < line.len && is_word(line.at[i]))
		i++;
	return i > 0 && i < line.len &&
	       (line.at[i] == ':' || line.at[i] == '\n');
}

/* Blank lines stand inside of traces, and around what they say. */
static bool
goes_on_in_trace(
    const struct multiline *m, struct span before, struct span line)
{
	if (m->style == MULTILINE_PYTHON)
		return is_verdict(before, line) || is_blank_line(line);
	if (m->style == MULTILINE_GO)
		return is_blank_line(line) &&
		       (starts_with(before, "panic: ") ||
			   starts_with(before, "fatal error: ") ||
			   starts_with(before, "[signal ") ||
			   starts_with(before, "\t"));
	return false;
}

/* `time stream tag ...`: P is a part, with more to come. */
static bool
is_cri_part(struct span line)
{
	const unsigned char *at = line.at, *end = at + line.len;

	for (int i = 0; i < 2; i++) {
		at = memchr(at, ' ', (size_t)(end - at));
		if (at == NULL)
			return false;
		at++;
	}
	return end - at >= 2 && at[0] == 'P' && (at[1] == ' ' || at[1] == ':');
}

/* `{"log":"...","stream":...`: its log ends in \n, or more is to come. */
static bool
is_docker_part(struct span line)
{
	static const char head[] = "{\"log\":\"";
	size_t at = sizeof(head) - 1;

	if (!starts_with(line, head))
		return false;
	while (at < line.len && line.at[at] != '"')
		at += line.at[at] == '\\' ? 2 : 1;
	if (at >= line.len)
		return false;
	/* An even number of backslashes before the n would be a text's. */
	if (at < sizeof(head) + 1 || line.at[at - 1] != 'n')
		return true;
	size_t slashes = 0;

	while (at - 2 - slashes >= sizeof(head) - 1 &&
	       line.at[at - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

bool
multiline_begins(struct multiline *m, struct span before, struct span line)
{
	switch (m->style) {
	case MULTILINE_NONE:
		return true;
	case MULTILINE_PATTERN:
		/* One that is too hard is no first line: nothing is torn. */
		return regex_is(m->regex, line) == REGEX_YES;
	case MULTILINE_JAVA:
	case MULTILINE_PYTHON:
	case MULTILINE_GO:
		return !goes_on_in_trace(m, before, line) &&
		       regex_is(m->regex, line) != REGEX_YES;
	case MULTILINE_CRI:
		return !is_cri_part(before);
	case MULTILINE_DOCKER:
		return !is_docker_part(before);
	}
	return true;
}

/* The line of `bytes` that begins at `from`, whole or, at the end, not. */
static struct span
line_at(struct span bytes, size_t from, bool *whole)
{
	const unsigned char *end =
	    memchr(bytes.at + from, '\n', bytes.len - from);
	size_t to = end != NULL ? (size_t)(end - bytes.at) + 1 : bytes.len;

	*whole = end != NULL;
	return span_of(bytes.at + from, to - from);
}

/* Where the last line begins that is whole within `searched`. */
static size_t
resume_at(struct span bytes, size_t searched)
{
	const unsigned char *last =
	    searched > 0 ? memrchr(bytes.at, '\n', searched) : NULL;

	if (last == NULL)
		return 0;
	last = last > bytes.at
		   ? memrchr(bytes.at, '\n', (size_t)(last - bytes.at))
		   : NULL;
	return last != NULL ? (size_t)(last - bytes.at) + 1 : 0;
}

/* What ends in a line that is whole needs no look at the next. */
static bool
ends_by_itself(const struct multiline *m, struct span line)
{
	return (m->style == MULTILINE_CRI && !is_cri_part(line)) ||
	       (m->style == MULTILINE_DOCKER && !is_docker_part(line));
}

enum frame_result
multiline_next(struct multiline *m, struct span bytes, size_t searched,
    size_t most, size_t *length)
{
	size_t from = resume_at(bytes, searched);
	struct span before = span_of(NULL, 0), line;
	bool whole = true;

	while (from < bytes.len) {
		line = line_at(bytes, from, &whole);
		*length = from;
		if (from > 0 && before.len > 0 &&
		    (whole ? from + line.len > most ||
				 multiline_begins(m, before, line)
			   : bytes.len > most))
			return FRAME_RECORD;
		if (!whole)
			return FRAME_MORE;
		*length = from + line.len;
		if (ends_by_itself(m, line) || *length > most)
			return FRAME_RECORD;
		before = line;
		from = *length;
	}
	return FRAME_MORE;
}

size_t
multiline_last(struct multiline *m, struct span bytes)
{
	size_t length = 0, from = bytes.len, begin;
	const unsigned char *end;

	if (multiline_next(m, bytes, 0, bytes.len, &length) == FRAME_RECORD)
		return length;
	while (from > 0 && bytes.at[from - 1] != '\n')
		from--;
	if (from == 0 || from == bytes.len)
		return bytes.len;
	end = memrchr(bytes.at, '\n', from - 1);
	begin = end != NULL ? (size_t)(end - bytes.at) + 1 : 0;
	if (!multiline_begins(m, span_of(bytes.at + begin, from - begin),
		span_of(bytes.at + from, bytes.len - from)))
		return bytes.len;
	return from;
}
