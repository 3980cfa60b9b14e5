/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a row: columns lie inside it in order, there are no more than
 * it has bytes and one, and what a plain writer of RFC 4180 makes of them is
 * read back as they were.
 *
 * Input: one byte for the delimiter, then the row.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "parsers/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span
text_of(const struct csv_column *column, unsigned char *room)
{
	if (!column->doubled)
		return column->text;
	return span_of(room, csv_undouble(column->text, room));
}

static void
write_column(struct buf *out, struct span text)
{
	assert(buf_add(out, "\"", 1));
	for (size_t i = 0; i < text.len; i++) {
		assert(buf_add(out, text.at + i, 1));
		if (text.at[i] == '"')
			assert(buf_add(out, "\"", 1));
	}
	assert(buf_add(out, "\"", 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_column column, again;
	struct csv row = { .done = false }, copy = { .done = false };
	unsigned char *first = malloc(size + 1), *second = malloc(size + 1);
	const unsigned char *last;
	struct buf out;
	size_t count = 0;

	assert(first != NULL && second != NULL);
	buf_init(&out, 8 * size + 64);
	if (size > 0 && data[0] != '"') {
		row.delimiter = copy.delimiter = span_of(data, 1);
		row.row = span_of(data + 1, size - 1);
		last = row.row.at;
		while (csv_next(&row, &column)) {
			assert(column.text.at >= last);
			last = column.text.at + column.text.len;
			assert(last <= row.row.at + row.row.len);
			if (count++ > 0)
				assert(buf_add(&out, data, 1));
			write_column(&out, text_of(&column, first));
		}
		assert(count >= 1 && count <= size + 1);
		copy.row = buf_span(&out);
		row.at = 0;
		row.done = false;
		while (csv_next(&row, &column)) {
			assert(csv_next(&copy, &again));
			assert(span_eq(
			    text_of(&column, first), text_of(&again, second)));
		}
		assert(!csv_next(&copy, &again));
	}
	buf_fini(&out);
	free(first);
	free(second);
	return 0;
}
