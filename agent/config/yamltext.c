/* SPDX-License-Identifier: Apache-2.0
 *
 * yamltext: see yamltext.h. Thread: any.
 */
#include "yamltext.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "mem.h"
#include "utf8.h"

#define PLAIN_FIRST "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define PLAIN       PLAIN_FIRST "0123456789_.-*"

/* Does another reader see something else in it than text? */
static bool
is_word_of_yaml(const char *text)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on",
		"off", "y", "n", "null", NULL };

	for (size_t i = 0; words[i] != NULL; i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

static bool
is_plain(const char *text)
{
	return text[0] != '\0' && strspn(text, PLAIN) == strlen(text) &&
	       strchr(PLAIN_FIRST, text[0]) != NULL && !is_word_of_yaml(text);
}

/* Is the character not to be written as it is, by YAML's own rules? The
 * value; 0: it may. */
static uint32_t
unprintable(const unsigned char *at, size_t len)
{
	if (len == 1)
		return at[0] < 0x20 || at[0] == 0x7F ? at[0] : 0;
	if (len == 2 && at[0] == 0xC2 && at[1] < 0xA0)
		return at[1];
	if (len == 3 && at[0] == 0xE2 && at[1] == 0x80 &&
	    (at[2] == 0xA8 || at[2] == 0xA9))
		return 0x2000U + (at[2] - 0x80U);
	if (len == 3 && at[0] == 0xEF &&
	    ((at[1] == 0xBB && at[2] == 0xBF) ||
		(at[1] == 0xBF && at[2] >= 0xBE)))
		return 0xF000U | (uint32_t)(at[1] & 0x3F) << 6 |
		       (uint32_t)(at[2] & 0x3F);
	return 0;
}

/* Add the characters of `text`; `quotes`: with backslashes and quotes
 * escaped, too. */
static void
add_characters(struct buf *out, const char *text, bool quotes)
{
	struct span rest = span_str(text);

	while (rest.len > 0) {
		size_t len = utf8_length(rest);
		uint32_t value;

		if (len == 0)
			len = 1; /* it was checked when it was read */
		value = unprintable(rest.at, len);
		if (quotes && (rest.at[0] == '"' || rest.at[0] == '\\'))
			(void)buf_addf(out, "\\%c", rest.at[0]);
		else if (value == '\n')
			(void)buf_add_str(out, "\\n");
		else if (value == '\t')
			(void)buf_add_str(out, "\\t");
		else if (value != 0)
			(void)buf_addf(out, "\\u%04X", value);
		else
			(void)buf_add(out, rest.at, len);
		rest = span_of(rest.at + len, rest.len - len);
	}
}

void
yamltext_quote(struct buf *out, const char *text)
{
	if (is_plain(text)) {
		(void)buf_add_str(out, text);
		return;
	}
	(void)buf_add(out, "\"", 1);
	add_characters(out, text, true);
	(void)buf_add(out, "\"", 1);
}

void
yamltext_json(struct buf *out, const char *json)
{
	add_characters(out, json, false);
}

/* The folder's path of `len` bytes, whatever is in it standing for itself.
 * `.` and `..` are worked out, since our patterns have neither. */
static void
add_folder(struct buf *out, const char *path, size_t len)
{
	const char *end = path + len;

	while (path < end) {
		size_t part = strcspn(++path, "/");

		if (part == 2 && memcmp(path, "..", 2) == 0) {
			while (out->len > 0 && out->at[--out->len] != '/')
				;
		} else if (part > 0 && !(part == 1 && *path == '.')) {
			(void)buf_add(out, "/", 1);
			for (size_t i = 0; i < part; i++) {
				if (strchr("*?[{\\", path[i]) != NULL)
					(void)buf_add(out, "\\", 1);
				(void)buf_add(out, path + i, 1);
			}
		}
		path += part;
	}
}

char *
yamltext_pattern(const char *pattern)
{
	const char *slash = strrchr(pattern, '/');
	struct buf out;
	char *text;

	buf_init(&out, 2 * strlen(pattern) + 2);
	add_folder(&out, pattern, (size_t)(slash - pattern));
	if (strspn(slash + 1, "*") == strlen(slash + 1))
		(void)buf_add_str(&out, "/*");
	else
		(void)buf_add_str(&out, slash);
	text = mem_dup(buf_text(&out));
	buf_fini(&out);
	return text;
}
