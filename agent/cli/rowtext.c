/* SPDX-License-Identifier: Apache-2.0
 *
 * rowtext: see rowtext.h. A path is bytes, and JSON knows only text: where it
 * is none, its bytes stand beside it in hexadecimal.
 *
 * Thread: main; there is no other.
 */
#include "rowtext.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "ledger.h"
#include "mem.h"
#include "span.h"
#include "utf8.h"

#define RANGES_SHOWN 3

json_t *
rowtext_string(const char *bytes)
{
	static const char mark[] = "\xEF\xBF\xBD";
	struct span rest = span_str(bytes);
	struct buf text;
	json_t *string;

	buf_init(&text, sizeof(mark) * (rest.len + 1));
	while (rest.len > 0) {
		size_t len = utf8_length(rest);

		if (len > 0)
			(void)buf_add(&text, rest.at, len);
		else
			(void)buf_add_str(&text, mark);
		len = len > 0 ? len : 1;
		rest = span_of(rest.at + len, rest.len - len);
	}
	string = json_string(buf_text(&text));
	buf_fini(&text);
	return string;
}

static json_t *
hexadecimal(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	char *text = mem_new(2 * len + 1);
	json_t *string;

	for (size_t i = 0; i < len; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", at[i]);
	string = json_string(text);
	free(text);
	return string;
}

/* Wider than what JSON's readers take for a number. */
static json_t *
wide(uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

static json_t *
offset(uint64_t number)
{
	return json_integer((json_int_t)number);
}

static json_t *
moment(int64_t wall_ms)
{
	char text[25];

	clock_extended(wall_ms, text);
	return json_string(text);
}

static json_t *
mark(const struct mark *m)
{
	json_t *object = json_object();
	char text[20];

	(void)snprintf(text, sizeof(text), "%016" PRIx64, m->mark);
	(void)json_object_set_new(object, "end", offset(m->end));
	(void)json_object_set_new(object, "length", offset(m->len));
	(void)json_object_set_new(object, "hash", json_string(text));
	return object;
}

static json_t *
marks(const struct checkpoint *row)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < row->mark_count; i++)
		(void)json_array_append_new(array, mark(&row->marks[i]));
	return array;
}

static json_t *
ranges(const struct checkpoint *row)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < row->range_count; i++) {
		json_t *pair = json_array();

		(void)json_array_append_new(pair, offset(row->ranges[i].from));
		(void)json_array_append_new(pair, offset(row->ranges[i].to));
		(void)json_array_append_new(array, pair);
	}
	return array;
}

static const char *
kind_of(const struct checkpoint *row)
{
	if (row->imported)
		return "java";
	return row->id.handle_len > 0 ? "handle" : "inode";
}

static void
add_identity(json_t *object, const struct checkpoint *row)
{
	const struct identity *id = &row->id;

	(void)json_object_set_new(object, "device", wide(id->dev));
	(void)json_object_set_new(object, "inode", wide(id->ino));
	(void)json_object_set_new(
	    object, "birth_ns", json_integer(id->birth_ns));
	(void)json_object_set_new(
	    object, "handle_type", json_integer(id->handle_type));
	(void)json_object_set_new(
	    object, "handle", hexadecimal(id->handle, id->handle_len));
	(void)json_object_set_new(
	    object, "head", row->head.end > 0 ? mark(&row->head) : json_null());
	(void)json_object_set_new(object, "marks", marks(row));
}

uint64_t
rowtext_left(const struct checkpoint *row)
{
	uint64_t left =
	    row->size > row->committed ? row->size - row->committed : 0;

	for (uint32_t i = 0; i < row->range_count; i++) {
		uint64_t had = row->ranges[i].to - row->ranges[i].from;

		left -= had < left ? had : left;
	}
	return left;
}

json_t *
rowtext_json(const struct checkpoint *row, bool whole)
{
	json_t *object = json_object();

	(void)json_object_set_new(object, "row", offset(row->row));
	(void)json_object_set_new(object, "flow", rowtext_string(row->flow));
	(void)json_object_set_new(object, "file", rowtext_string(row->path));
	if (!utf8_is_text(span_str(row->path)))
		(void)json_object_set_new(object, "file_hex",
		    hexadecimal(row->path, strlen(row->path)));
	(void)json_object_set_new(object, "committed", offset(row->committed));
	(void)json_object_set_new(object, "size", offset(row->size));
	(void)json_object_set_new(object, "left", offset(rowtext_left(row)));
	(void)json_object_set_new(object, "delivered", ranges(row));
	if (row->footer > 0)
		(void)json_object_set_new(
		    object, "footer", offset(row->footer));
	(void)json_object_set_new(object, "changed", moment(row->changed_ms));
	(void)json_object_set_new(
	    object, "known_by", json_string(kind_of(row)));
	(void)json_object_set_new(
	    object, "imported", json_boolean(row->imported));
	if (whole)
		add_identity(object, row);
	return object;
}

bool
rowtext_put(FILE *out, json_t *value)
{
	bool put = json_dumpf(value, out, JSON_COMPACT) == 0 &&
		   fputc('\n', out) != EOF;

	json_decref(value);
	return put;
}

void
rowtext_name(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (iscntrl((unsigned char)*text))
			(void)fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			(void)fputc(*text, out);
	}
}

void
rowtext_titles(FILE *out)
{
	(void)fprintf(out, "%6s %15s %15s %5s %12s  %-19s  %-8s  %s\n", "row",
	    "committed", "of", "", "left", "changed (UTC)", "known by",
	    "flow: file");
}

/* Of what was seen; rounded down, so that 100 means all. */
static unsigned
per_cent(const struct checkpoint *row)
{
	uint64_t left = rowtext_left(row);

	if (left == 0)
		return 100;
	return (
	    unsigned)(100 * ((double)(row->size - left) / (double)row->size));
}

static void
show_ranges(FILE *out, const struct checkpoint *row)
{
	uint32_t shown = row->range_count;

	if (row->range_count == 0)
		return;
	if (shown > RANGES_SHOWN)
		shown = RANGES_SHOWN;
	(void)fputs("; beyond that delivered", out);
	for (uint32_t i = 0; i < shown; i++)
		(void)fprintf(out, "%s [%" PRIu64 ", %" PRIu64 ")",
		    i > 0 ? "," : "", row->ranges[i].from, row->ranges[i].to);
	if (row->range_count > shown)
		(void)fprintf(
		    out, " and %" PRIu32 " more", row->range_count - shown);
}

void
rowtext_line(FILE *out, const struct checkpoint *row)
{
	char changed[25];

	clock_extended(row->changed_ms, changed);
	changed[10] = ' ';
	(void)fprintf(out,
	    "%6" PRIu64 " %15" PRIu64 " %15" PRIu64 " %4u%% %12" PRIu64
	    "  %.19s  %-8s  ",
	    row->row, row->committed, row->size, per_cent(row),
	    rowtext_left(row), changed, kind_of(row));
	rowtext_name(out, row->flow);
	(void)fputs(": ", out);
	rowtext_name(out, row->path);
	show_ranges(out, row);
	if (row->imported)
		(void)fputs("; the Java agent's, not met yet", out);
	(void)fputc('\n', out);
}
