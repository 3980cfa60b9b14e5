/* SPDX-License-Identifier: Apache-2.0
 *
 * json: from JSON with comments to a tree.
 *
 * A reader of our own, because a mistake must be answered with its line and
 * column and jansson keeps none for keys and values; it is smaller than what
 * would find the places again. Strict RFC 8259, plus comments of both kinds
 * wherever white space may stand (the Java agent's file has them). It agrees
 * with jansson on what is JSON; tests/fuzz holds the two against each other.
 *
 * Refused: trailing commas, a NUL in a string, half a surrogate pair. Does
 * not recurse.
 */
#include "readers.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "tree.h"
#include "utf8.h"

struct reader {
	const unsigned char *at, *end; /* what is left */
	struct place place;            /* of *at */
	struct tree *tree;
	struct buf text; /* scratch: the string being read */
};

enum expect {
	EXPECT_VALUE,
	EXPECT_VALUE_OR_END, /* just behind [ */
	EXPECT_KEY,
	EXPECT_KEY_OR_END, /* just behind { */
	EXPECT_MORE,       /* behind a value: comma or end */
	EXPECT_NOTHING     /* behind the root */
};

static int
fail(struct reader *r, struct place at, const char *what)
{
	report_error(r->tree->report, at, NULL, "not valid JSON: %s", what);
	return -1;
}

/* The next byte, or -1 at the end of the file. */
static int
peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : -1;
}

static void
step(struct reader *r)
{
	unsigned char c = *r->at++;

	if (c == '\n') {
		r->place.line++;
		r->place.column = 1;
	} else if ((c & 0xC0) != 0x80) {
		r->place.column++;
	}
}

static bool
follows(const struct reader *r, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(r->end - r->at) >= len && memcmp(r->at, text, len) == 0;
}

static void
skip(struct reader *r, size_t count)
{
	while (count-- > 0)
		step(r);
}

static int
skip_block_comment(struct reader *r)
{
	struct place begin = r->place;

	skip(r, 2);
	while (r->at < r->end && !follows(r, "*/"))
		step(r);
	if (r->at == r->end)
		return fail(r, begin, "this comment has no end (*/)");
	skip(r, 2);
	return 0;
}

static int
skip_space(struct reader *r)
{
	for (;;) {
		int c = peek(r);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			step(r);
		} else if (follows(r, "//")) {
			while (r->at < r->end && *r->at != '\n')
				step(r);
		} else if (follows(r, "/*")) {
			if (skip_block_comment(r) != 0)
				return -1;
		} else {
			return 0;
		}
	}
}

static int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits of \uXXXX; -1: not four, reported. */
static int32_t
read_unit(struct reader *r)
{
	int32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(peek(r));

		if (digit < 0)
			return fail(
			    r, r->place, "\\u needs four hexadecimal digits");
		unit = unit * 16 + digit;
		step(r);
	}
	return unit;
}

static void
add_character(struct buf *b, uint32_t c)
{
	unsigned char bytes[4];

	buf_add(b, bytes, utf8_encode(c, bytes));
}

/* Behind "\u". */
static int
read_unicode_escape(struct reader *r)
{
	struct place begin = r->place;
	int32_t high = read_unit(r), low;

	if (high < 0)
		return -1;
	if (high == 0)
		return fail(r, begin, "a NUL in a string is not allowed");
	if (high < 0xD800 || high > 0xDFFF) {
		add_character(&r->text, (uint32_t)high);
		return 0;
	}
	if (high > 0xDBFF || !follows(r, "\\u"))
		return fail(r, begin, "half a surrogate pair");
	skip(r, 2);
	low = read_unit(r);
	if (low < 0)
		return -1;
	if (low < 0xDC00 || low > 0xDFFF)
		return fail(r, begin, "half a surrogate pair");
	add_character(&r->text, 0x10000 + (((uint32_t)high & 0x3FF) << 10) +
				    ((uint32_t)low & 0x3FF));
	return 0;
}

/* At the backslash. */
static int
read_escape(struct reader *r)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	struct place begin = r->place;
	const char *found;
	int c;

	step(r);
	c = peek(r);
	if (c == 'u') {
		step(r);
		return read_unicode_escape(r);
	}
	found = c > 0 ? strchr(names, c) : NULL;
	if (found == NULL)
		return fail(r, begin,
		    "no such escape; a backslash itself is "
		    "written \\\\");
	buf_add(&r->text, &bytes[found - names], 1);
	step(r);
	return 0;
}

/* At the opening quote; on 0 `*text` is the caller's. */
static int
read_string(struct reader *r, char **text)
{
	struct place begin = r->place;

	buf_clear(&r->text);
	step(r);
	for (;;) {
		int c = peek(r);

		if (c < 0 || c == '\n')
			return fail(r, begin, "this string has no closing \"");
		if (c < 0x20)
			return fail(r, r->place,
			    "a control character in a string; write it as an "
			    "escape (a tab: \\t)");
		if (c == '"')
			break;
		if (c == '\\') {
			if (read_escape(r) != 0)
				return -1;
			continue;
		}
		buf_add(&r->text, r->at, 1);
		step(r);
	}
	step(r);
	*text = mem_dup(buf_text(&r->text));
	return 0;
}

static bool
is_word(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '+' ||
	       c == '.' || c == '$' || c >= 0x80;
}

static const char *
skip_digits(const char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

static bool
is_number(const char *text)
{
	const char *at = text, *digits;

	if (*at == '-')
		at++;
	digits = at;
	at = skip_digits(at);
	if (at == digits || (digits[0] == '0' && at - digits > 1))
		return false;
	if (*at == '.') {
		digits = ++at;
		at = skip_digits(at);
		if (at == digits)
			return false;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		if (*at == '+' || *at == '-')
			at++;
		digits = at;
		at = skip_digits(at);
		if (at == digits)
			return false;
	}
	return *at == '\0';
}

static int
take_word(struct reader *r)
{
	struct place begin = r->place;
	const unsigned char *from = r->at;
	enum node_kind kind = NODE_BARE;
	char *text;
	int answer = -1;

	while (is_word(peek(r)))
		step(r);
	if (r->at == from)
		return fail(r, begin, "a value is missing here");
	text = mem_dup_span(from, (size_t)(r->at - from));
	if (strcmp(text, "null") == 0)
		kind = NODE_NULL;
	if (kind == NODE_NULL || strcmp(text, "true") == 0 ||
	    strcmp(text, "false") == 0 || is_number(text))
		answer = tree_scalar(r->tree, kind, &text, begin);
	else
		fail(r, begin,
		    "neither a number nor true, false or null; a "
		    "string needs quotes (\")");
	free(text);
	return answer;
}

static int
take_string(struct reader *r)
{
	struct place begin = r->place;
	char *text = NULL;
	int answer;

	if (read_string(r, &text) != 0)
		return -1;
	answer = tree_scalar(r->tree, NODE_QUOTED, &text, begin);
	free(text);
	return answer;
}

static int
take_key(struct reader *r, enum expect *next)
{
	struct place begin = r->place;
	char *text = NULL;

	if (peek(r) != '"')
		return fail(r, begin,
		    peek(r) == '}' ? "a comma before the closing }"
				   : "a key in quotes (\") is missing here");
	if (read_string(r, &text) != 0)
		return -1;
	tree_key(r->tree, &text, begin);
	if (skip_space(r) != 0)
		return -1;
	if (peek(r) != ':')
		return fail(r, r->place, "a colon is missing behind the key");
	step(r);
	*next = EXPECT_VALUE;
	return 0;
}

static enum expect
behind_value(const struct reader *r)
{
	return r->tree->open == NULL ? EXPECT_NOTHING : EXPECT_MORE;
}

static int
take_value(struct reader *r, enum expect *next)
{
	int c = peek(r);

	if (c == '{' || c == '[') {
		enum node_kind kind = c == '{' ? NODE_MAP : NODE_LIST;

		if (tree_open(r->tree, kind, r->place) != 0)
			return -1;
		step(r);
		*next = c == '{' ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
		return 0;
	}
	if (c == ']')
		return fail(r, r->place, "a comma before the closing ]");
	if (c == '"' ? take_string(r) != 0 : take_word(r) != 0)
		return -1;
	*next = behind_value(r);
	return 0;
}

static bool
at_close(const struct reader *r)
{
	return peek(r) == (r->tree->open->kind == NODE_MAP ? '}' : ']');
}

static void
take_close(struct reader *r, enum expect *next)
{
	step(r);
	tree_close(r->tree);
	*next = behind_value(r);
}

static int
take_more(struct reader *r, enum expect *next)
{
	bool map = r->tree->open->kind == NODE_MAP;

	if (at_close(r)) {
		take_close(r, next);
		return 0;
	}
	if (peek(r) != ',')
		return fail(r, r->place,
		    map ? "a comma or } is missing here"
			: "a comma or ] is missing here");
	step(r);
	*next = map ? EXPECT_KEY : EXPECT_VALUE;
	return 0;
}

/* One token on; -1: reported. */
static int
take(struct reader *r, enum expect *next)
{
	switch (*next) {
	case EXPECT_KEY_OR_END:
	case EXPECT_VALUE_OR_END:
		if (at_close(r)) {
			take_close(r, next);
			return 0;
		}
		*next = *next == EXPECT_KEY_OR_END ? EXPECT_KEY : EXPECT_VALUE;
		return 0;
	case EXPECT_KEY:
		return take_key(r, next);
	case EXPECT_VALUE:
		return take_value(r, next);
	case EXPECT_MORE:
		return take_more(r, next);
	case EXPECT_NOTHING:
		break;
	}
	return fail(r, r->place, "nothing may follow the closing bracket");
}

int
json_to_tree(struct span text, struct tree *t)
{
	struct reader r = { text.at, text.at + text.len, { 1, 1 }, t,
		{ NULL, 0, 0, 0 } };
	enum expect next = EXPECT_VALUE;
	int answer = 0;

	/* No string is longer than the file: adding to it cannot fail. */
	buf_init(&r.text, text.len + 1);
	while (answer == 0) {
		answer = skip_space(&r);
		if (answer != 0)
			break;
		if (r.at == r.end && next == EXPECT_NOTHING)
			break;
		if (r.at == r.end)
			answer = fail(&r, r.place, "the file ends too early");
		else
			answer = take(&r, &next);
	}
	if (r.text.at != NULL)
		explicit_bzero(r.text.at, r.text.room);
	buf_fini(&r.text);
	return answer;
}
