/* SPDX-License-Identifier: Apache-2.0
 *
 * answer: see answer.h. Refuses to send what is no JSON: an answer that cannot
 * be completed is broken, and its connection cut.
 *
 * Thread: tail.
 */
#include "answer.h"

#include <stdarg.h>
#include <stdio.h>

#include "span.h"
#include "utf8.h"

#define REFUSAL 256 /* bytes of one */

void
answer_text(struct answer *a, const char *text)
{
	a->broken = a->broken || !buf_add_str(&a->text, text);
}

static int
take_piece(const char *text, size_t len, void *owner)
{
	struct answer *a = owner;

	return buf_add(&a->text, text, len) ? 0 : -1;
}

void
answer_value(struct answer *a, json_t *value)
{
	if (value == NULL ||
	    json_dump_callback(value, take_piece, a,
		JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) != 0)
		a->broken = true;
	json_decref(value);
}

void
answer_row(struct answer *a, bool first, json_t *value)
{
	answer_text(a, first ? "\n" : ",\n");
	answer_value(a, value);
}

void
answer_refuse(struct answer *a, const char *format, ...)
{
	char why[REFUSAL];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	answer_value(a, json_pack("{s:o}", "error", answer_name(why)));
	answer_text(a, "\n");
}

bool
answer_is_full(const struct answer *a)
{
	return a->broken || a->text.len >= a->full;
}

json_t *
answer_name(const char *bytes)
{
	static const char mark[] = "\xEF\xBF\xBD";
	struct span rest = span_str(bytes);
	struct buf text;
	json_t *name;

	if (utf8_is_text(rest))
		return json_stringn_nocheck(bytes, rest.len);
	buf_init(&text, sizeof(mark) * rest.len);
	while (rest.len > 0) {
		size_t len = utf8_length(rest);

		if (len > 0)
			(void)buf_add(&text, rest.at, len);
		else
			(void)buf_add_str(&text, mark);
		len = len > 0 ? len : 1;
		rest = span_of(rest.at + len, rest.len - len);
	}
	name = json_stringn_nocheck((const char *)text.at, text.len);
	buf_fini(&text);
	return name;
}
