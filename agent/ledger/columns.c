/* SPDX-License-Identifier: Apache-2.0
 *
 * columns: see columns.h. What each column holds stands in checkpoints.c.
 *
 * A row comes from a disk, so nothing in it is believed before
 * checkpoint_fault has seen it.
 *
 * Thread: its statement's. Neither logs nor decides anything.
 */
#include "columns.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

#include "buf.h"
#include "checkpoint.h"

/* As in COLUMNS, counted from 0. */
enum column {
	ROW,
	FLOW,
	PATH,
	DEV,
	INO,
	BIRTH_NS,
	HANDLE_TYPE,
	HANDLE,
	HEAD,
	MARKS,
	COMMITTED,
	SIZE,
	RANGES,
	CHANGED_MS,
	FOOTER
};

/* A text column, borrowed from `s`; NULL when a NUL hides in it. */
static char *
text_of(sqlite3_stmt *s, enum column at)
{
	const unsigned char *text = sqlite3_column_text(s, (int)at);
	size_t len = (size_t)sqlite3_column_bytes(s, (int)at);

	if (text == NULL || memchr(text, '\0', len) != NULL)
		return NULL;
	return (char *)text;
}

static struct span
blob_of(sqlite3_stmt *s, enum column at)
{
	const void *blob = sqlite3_column_blob(s, (int)at);

	return span_of(blob, (size_t)sqlite3_column_bytes(s, (int)at));
}

static const char *
read_identity(sqlite3_stmt *s, struct identity *id)
{
	int64_t type = sqlite3_column_int64(s, HANDLE_TYPE);
	struct span handle = blob_of(s, HANDLE);

	if (type < INT32_MIN || type > INT32_MAX)
		return "its file handle's type makes no sense";
	if (handle.len > sizeof(id->handle))
		return "its file handle is too long";
	id->dev = (uint64_t)sqlite3_column_int64(s, DEV);
	id->ino = (uint64_t)sqlite3_column_int64(s, INO);
	id->birth_ns = sqlite3_column_int64(s, BIRTH_NS);
	id->handle_type = (int32_t)type;
	id->handle_len = (uint16_t)handle.len;
	if (handle.len > 0)
		memcpy(id->handle, handle.at, handle.len);
	return NULL;
}

const char *
columns_read(sqlite3_stmt *s, struct checkpoint *row)
{
	const char *fault = read_identity(s, &row->id);
	uint32_t heads;

	row->row = (uint64_t)sqlite3_column_int64(s, ROW);
	row->flow = text_of(s, FLOW);
	row->path = text_of(s, PATH);
	row->committed = (uint64_t)sqlite3_column_int64(s, COMMITTED);
	row->size = (uint64_t)sqlite3_column_int64(s, SIZE);
	row->changed_ms = sqlite3_column_int64(s, CHANGED_MS);
	row->footer = (uint64_t)sqlite3_column_int64(s, FOOTER);
	row->imported =
	    row->id.handle_len == 0 && row->id.handle_type == IDENTITY_BARE;
	if (fault != NULL)
		return fault;
	if (!checkpoint_unpack_marks(blob_of(s, HEAD), 1, &row->head, &heads))
		return "its head mark has a wrong length";
	if (!checkpoint_unpack_marks(
		blob_of(s, MARKS), MARKS_MAX, row->marks, &row->mark_count))
		return "its marks have a wrong length";
	if (!checkpoint_unpack_ranges(
		blob_of(s, RANGES), &row->ranges, &row->range_count))
		return "its delivered ranges have a wrong length";
	return checkpoint_fault(row);
}

/* Nothing can be wrong with a bind but its position, so that is asserted. */
static void
bind_number(sqlite3_stmt *s, enum column at, int64_t value)
{
	int code = sqlite3_bind_int64(s, (int)at + 1, value);

	assert(code == SQLITE_OK);
}

static void
bind_text(sqlite3_stmt *s, enum column at, const char *text)
{
	int code = sqlite3_bind_text(s, (int)at + 1, text, -1, SQLITE_STATIC);

	assert(code == SQLITE_OK);
}

static void
bind_blob(sqlite3_stmt *s, enum column at, const void *blob, size_t len)
{
	/* A NULL pointer would bind NULL and not an empty blob. */
	int code = sqlite3_bind_blob(
	    s, (int)at + 1, len == 0 ? "" : blob, (int)len, SQLITE_STATIC);

	assert(code == SQLITE_OK);
}

/* Blobs that are made for the statement, one behind the other in one buffer,
 * which may move while it grows: so they are bound when all are made. */
struct blobs {
	size_t marks, ranges; /* where they begin; the head is at 0 */
};

static void
put(struct buf *scratch, const unsigned char *packed, size_t len)
{
	bool fits = buf_add(scratch, packed, len);

	assert(fits);
}

static struct blobs
pack(const struct checkpoint *row, struct buf *scratch)
{
	uint32_t ranges = row->range_count;
	unsigned char mark[MARK_PACKED], range[RANGE_PACKED];
	struct blobs at;

	buf_clear(scratch);
	if (row->head.end > 0) {
		checkpoint_pack_mark(&row->head, mark);
		put(scratch, mark, sizeof(mark));
	}
	at.marks = scratch->len;
	for (uint32_t i = 0; i < row->mark_count; i++) {
		checkpoint_pack_mark(&row->marks[i], mark);
		put(scratch, mark, sizeof(mark));
	}
	at.ranges = scratch->len;
	for (uint32_t i = 0; i < ranges && i < RANGES_KEPT; i++) {
		checkpoint_pack_range(&row->ranges[i], range);
		put(scratch, range, sizeof(range));
	}
	return at;
}

void
columns_bind(sqlite3_stmt *s, const struct checkpoint *row, struct buf *scratch)
{
	struct blobs at = pack(row, scratch);
	const unsigned char *blob =
	    scratch->at != NULL ? scratch->at : (const unsigned char *)"";

	bind_number(s, ROW, (int64_t)row->row);
	bind_text(s, FLOW, row->flow);
	bind_text(s, PATH, row->path);
	bind_number(s, DEV, (int64_t)row->id.dev);
	bind_number(s, INO, (int64_t)row->id.ino);
	bind_number(s, BIRTH_NS, row->id.birth_ns);
	bind_number(s, HANDLE_TYPE, row->id.handle_type);
	bind_blob(s, HANDLE, row->id.handle, row->id.handle_len);
	bind_blob(s, HEAD, blob, at.marks);
	bind_blob(s, MARKS, blob + at.marks, at.ranges - at.marks);
	bind_number(s, COMMITTED, (int64_t)row->committed);
	bind_number(s, SIZE, (int64_t)row->size);
	bind_blob(s, RANGES, blob + at.ranges, scratch->len - at.ranges);
	bind_number(s, CHANGED_MS, row->changed_ms);
	bind_number(s, FOOTER, (int64_t)row->footer);
}
