/* SPDX-License-Identifier: Apache-2.0
 *
 * header: see header.h.
 *
 * Headers that lie in one chunk are counted anew whenever the file changes, so
 * that it does not matter what stood there before; longer ones are counted on
 * from where the last chunk ended.
 *
 * Thread: tail.
 */
#include "header.h"

#include <string.h>

#include "file.h"
#include "flow.h"
#include "line.h"
#include "state.h"

bool
header_awaited(const struct reader *r)
{
	return r->flow->config->skip_headers > 0 && r->offset == 0;
}

/* Count up to `most` lines that end in `text`; `*len` bytes are theirs, or all
 * where there are fewer. */
static uint32_t
count_lines(struct span text, uint32_t most, size_t *len)
{
	uint32_t lines = 0;

	*len = 0;
	while (lines < most && *len < text.len) {
		const unsigned char *end =
		    memchr(text.at + *len, '\n', text.len - *len);

		if (end == NULL) {
			*len = text.len;
			break;
		}
		*len = (size_t)(end - text.at) + 1;
		lines++;
	}
	return lines;
}

/* Count on in the chunk at r->scanned, but not beyond `end`. Answers how many
 * bytes there were. */
static ssize_t
count_on(struct tail *t, struct reader *r, uint64_t end)
{
	uint32_t wanted = r->flow->config->skip_headers;
	size_t want = t->chunk_room, len;
	ssize_t n;

	if (end - r->scanned < want)
		want = (size_t)(end - r->scanned);
	n = reader_read(r, t->chunk, want, r->scanned);
	if (n <= 0)
		return n;
	r->headers += count_lines(
	    span_of(t->chunk, (size_t)n), wanted - r->headers, &len);
	r->scanned += len;
	return n;
}

static enum reader_turn
pass(struct tail *t, struct reader *r)
{
	uint64_t to = r->scanned;

	/* With more headers than when some of this was delivered. */
	if (to > reader_limit(r))
		to = reader_limit(r);
	if (!line_filter(t, r, to, r->headers))
		return TURN_BLOCKED;
	r->scanned = r->offset;
	r->headers = 0;
	reader_mark(r);
	return TURN_MORE;
}

enum reader_turn
header_pass(struct tail *t, struct reader *r)
{
	uint32_t links;
	ssize_t n;

	if (file_refresh(r->file, t->now_ms, &links) != 0)
		return TURN_FAILED;
	if (r->scanned < t->chunk_room || r->scanned > r->file->size)
		r->scanned = r->headers = 0;
	n = count_on(t, r, UINT64_MAX);
	if (n < 0)
		return TURN_FAILED;
	if (r->headers == r->flow->config->skip_headers)
		return pass(t, r);
	if (r->scanned > r->file->size)
		file_saw(r->file, r->scanned, t->now_ms);
	return (size_t)n == t->chunk_room ? TURN_MORE : TURN_END;
}

bool
header_end(struct tail *t, struct reader *r)
{
	return line_filter(t, r, r->file->size, r->headers);
}

int
header_look(struct tail *t, struct reader *r, uint64_t end, bool *whole)
{
	uint32_t wanted = r->flow->config->skip_headers;
	ssize_t n = 1;

	r->scanned = r->headers = 0;
	while (r->headers < wanted && r->scanned < end && n > 0)
		n = count_on(t, r, end);
	*whole = r->headers == wanted;
	r->headers = 0;
	return n < 0 ? -1 : 0;
}
