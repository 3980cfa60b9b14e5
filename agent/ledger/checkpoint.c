/* SPDX-License-Identifier: Apache-2.0
 *
 * checkpoint: one row as a value. The formats stand in checkpoint.h.
 *
 * The same test of sense is asserted where the agent sends a row and asked
 * where a row comes back from the disk, so that neither side can hand the
 * other something it would not accept itself.
 *
 * Thread: any. Neither logs nor blocks.
 */
#include "checkpoint.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* Offsets travel as off_t outside of us. */
#define OFFSET_MAX ((uint64_t)INT64_MAX)

void
checkpoint_fini(struct checkpoint *row)
{
	free(row->flow);
	free(row->path);
	free(row->ranges);
	row->flow = NULL;
	row->path = NULL;
	row->ranges = NULL;
	row->range_count = 0;
}

static bool
text_fits(const char *text)
{
	if (text == NULL || text[0] == '\0')
		return false;
	return strnlen(text, CHECKPOINT_TEXT_MAX) < CHECKPOINT_TEXT_MAX;
}

static bool
mark_fits(const struct mark *m, uint32_t longest)
{
	return m->len <= longest && m->len <= m->end && m->end <= OFFSET_MAX;
}

static const char *
marks_fault(const struct checkpoint *row)
{
	if (row->head.end > HEAD_BYTES || !mark_fits(&row->head, HEAD_BYTES))
		return "its head mark makes no sense";
	if (row->mark_count > MARKS_MAX)
		return "it has too many marks";
	for (uint32_t i = 0; i < row->mark_count; i++)
		if (!mark_fits(&row->marks[i], MARK_BYTES))
			return "a mark makes no sense";
	return NULL;
}

static const char *
ranges_fault(const struct checkpoint *row)
{
	uint64_t behind = row->committed;

	for (uint32_t i = 0; i < row->range_count; i++) {
		const struct range *r = &row->ranges[i];

		if (i == 0 ? r->from <= behind : r->from < behind)
			return "its delivered ranges are not ascending above "
			       "the committed offset";
		if (r->to <= r->from || r->to > OFFSET_MAX)
			return "a delivered range makes no sense";
		behind = r->to;
	}
	return NULL;
}

const char *
checkpoint_fault(const struct checkpoint *row)
{
	const char *fault;

	if (row->row > (uint64_t)INT64_MAX)
		return "its number is negative";
	if (!text_fits(row->flow))
		return "its flow's name is empty or too long";
	if (!text_fits(row->path))
		return "its path is empty or too long";
	if (row->id.handle_len > IDENTITY_HANDLE)
		return "its file handle is too long";
	if (row->committed > OFFSET_MAX || row->size > OFFSET_MAX ||
	    row->footer > OFFSET_MAX)
		return "an offset is negative";
	fault = marks_fault(row);
	if (fault != NULL)
		return fault;
	return ranges_fault(row);
}

static void
put64(unsigned char *at, uint64_t value)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof(value));
}

static uint64_t
get64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

void
checkpoint_pack_mark(
    const struct mark *m, unsigned char out[static MARK_PACKED])
{
	uint32_t len = htobe32(m->len);

	put64(out, m->end);
	put64(out + 8, m->mark);
	memcpy(out + 16, &len, sizeof(len));
}

void
checkpoint_pack_range(
    const struct range *r, unsigned char out[static RANGE_PACKED])
{
	put64(out, r->from);
	put64(out + 8, r->to);
}

bool
checkpoint_unpack_marks(
    struct span blob, uint32_t max, struct mark *marks, uint32_t *count)
{
	if (blob.len % MARK_PACKED != 0 || blob.len / MARK_PACKED > max)
		return false;
	*count = (uint32_t)(blob.len / MARK_PACKED);
	for (uint32_t i = 0; i < *count; i++) {
		const unsigned char *at = blob.at + (size_t)i * MARK_PACKED;
		uint32_t len;

		memcpy(&len, at + 16, sizeof(len));
		marks[i].end = get64(at);
		marks[i].mark = get64(at + 8);
		marks[i].len = be32toh(len);
	}
	return true;
}

bool
checkpoint_unpack_ranges(
    struct span blob, struct range **ranges, uint32_t *count)
{
	*ranges = NULL;
	*count = 0;
	if (blob.len % RANGE_PACKED != 0 ||
	    blob.len / RANGE_PACKED > RANGES_KEPT)
		return false;
	if (blob.len == 0)
		return true;
	*count = (uint32_t)(blob.len / RANGE_PACKED);
	*ranges = mem_new_array(*count, sizeof(**ranges));
	for (uint32_t i = 0; i < *count; i++) {
		const unsigned char *at = blob.at + (size_t)i * RANGE_PACKED;

		(*ranges)[i].from = get64(at);
		(*ranges)[i].to = get64(at + 8);
	}
	return true;
}
