/* SPDX-License-Identifier: Apache-2.0
 *
 * store: see store.h.
 *
 * Lines gather in one buffer and leave in writes of a quarter of a MiB; the
 * main thread flushes what lies about every 50 ms. REQUEST counts from 1, or
 * in a file that already holds something from its size, which no request
 * written before can have reached.
 *
 * Thread: any; one lock.
 */
#include "store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "stream.h"

#define WRITE_BYTES (256 * 1024)
/* An escaped byte takes four; a line holds a key and data of 10 MiB. */
#define LINES_MAX ((size_t)64 * 1024 * 1024)
#define HEAD_MAX  (STREAM_NUMBER_WIDTH + PUT_NAME_MAX + 128)

int
store_init(struct store *s, const char *path, bool print)
{
	struct stat st;

	*s = (struct store){
		.file = -1, .print = print ? 1 : -1, .next_request = 1
	};
	bytes_init(&s->lines, LINES_MAX);
	pthread_mutex_init(&s->lock, NULL);
	if (path == NULL)
		return 0;
	s->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (s->file < 0 || fstat(s->file, &st) != 0) {
		say("%s: %s", path, strerror(errno));
		return -1;
	}
	s->next_request = (uint64_t)st.st_size + 1;
	return 0;
}

void
store_fini(struct store *s)
{
	store_flush(s);
	if (s->file >= 0)
		close(s->file);
	bytes_fini(&s->lines);
	pthread_mutex_destroy(&s->lock);
}

bool
store_keeps(const struct store *s)
{
	return s->file >= 0 || s->print >= 0;
}

static void
write_all(int fd, const uint8_t *at, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			say("cannot store %zu bytes: %s", length,
			    strerror(errno));
			return;
		}
		at += n;
		length -= (size_t)n;
	}
}

/* Called with the lock held. */
static void
flush(struct store *s)
{
	if (s->lines.length == 0)
		return;
	if (s->file >= 0)
		write_all(s->file, s->lines.at, s->lines.length);
	if (s->print >= 0)
		write_all(s->print, s->lines.at, s->lines.length);
	bytes_clear(&s->lines);
}

static bool
needs_escape(uint8_t c)
{
	return c < 0x20 || c == 0x7f || c == '\\';
}

/* Whether any of the eight bytes at `at` needs an escape. May say yes for a
 * byte beside one that does. */
static bool
word_needs_escape(const uint8_t *at)
{
	const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
	uint64_t w, del, back;

	memcpy(&w, at, sizeof(w));
	del = w ^ ones * 0x7f;
	back = w ^ ones * '\\';
	return ((((w - ones * 0x20) & ~w) | ((del - ones) & ~del) |
		    ((back - ones) & ~back)) &
		   tops) != 0;
}

static uint8_t *
escape_byte(uint8_t *to, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";

	*to++ = '\\';
	switch (c) {
	case '\\':
		*to++ = '\\';
		return to;
	case '\n':
		*to++ = 'n';
		return to;
	case '\r':
		*to++ = 'r';
		return to;
	case '\t':
		*to++ = 't';
		return to;
	}
	*to++ = 'x';
	*to++ = (uint8_t)digits[c >> 4];
	*to++ = (uint8_t)digits[c & 15];
	return to;
}

static uint8_t *
escape(uint8_t *to, struct span s)
{
	const uint8_t *at = s.at, *end = s.at + s.length;

	while (at < end) {
		if (end - at >= 8 && !word_needs_escape(at)) {
			memcpy(to, at, 8);
			to += 8;
			at += 8;
		} else if (needs_escape(*at)) {
			to = escape_byte(to, *at++);
		} else {
			*to++ = *at++;
		}
	}
	return to;
}

static uint8_t *
put_text(uint8_t *to, const char *text)
{
	size_t length = strlen(text);

	memcpy(to, text, length);
	return to + length;
}

/* A record's place in its request, below 1,000. */
static uint8_t *
put_index(uint8_t *to, size_t index)
{
	static_assert(PUT_RECORDS_MAX <= 1000, "three digits");
	if (index >= 100)
		*to++ = (uint8_t)('0' + index / 100);
	if (index >= 10)
		*to++ = (uint8_t)('0' + index / 10 % 10);
	*to++ = (uint8_t)('0' + index % 10);
	return to;
}

static uint8_t *
put_head(uint8_t *to, const char *number, const char *stream,
    const char *request, const struct record *r, bool firehose)
{
	memcpy(to, number, STREAM_NUMBER_WIDTH);
	to += STREAM_NUMBER_WIDTH;
	*to++ = '\t';
	if (firehose) {
		to = put_text(to, "-\tfirehose:");
	} else {
		stream_write_shard(r->shard, (char *)to);
		to += STREAM_SHARD_WIDTH;
		*to++ = '\t';
	}
	to = put_text(to, stream);
	*to++ = '\t';
	return put_text(to, request);
}

static void
append_one(struct store *s, const char *stream, const char *request,
    size_t index, const struct record *r, const char *number, bool firehose)
{
	size_t worst = HEAD_MAX + 4 * (r->key.length + r->data.length);
	uint8_t *to;

	if (!bytes_reserve(&s->lines, worst)) {
		flush(s);
		if (!bytes_reserve(&s->lines, worst)) {
			say("a record of %zu bytes is too large to store",
			    r->data.length);
			return;
		}
	}
	to = put_head(s->lines.at + s->lines.length, number, stream, request, r,
	    firehose);
	*to++ = '\t';
	to = put_index(to, index);
	*to++ = '\t';
	to = firehose ? put_text(to, "-") : escape(to, r->key);
	*to++ = '\t';
	to = escape(to, r->data);
	*to++ = '\n';
	s->lines.length = (size_t)(to - s->lines.at);
	assert(s->lines.length <= s->lines.capacity);
}

void
store_append(struct store *s, const char *stream, const struct put *p,
    uint64_t first_number, bool firehose)
{
	char number[STREAM_NUMBER_WIDTH];
	char request[24];

	stream_write_number(first_number, number);
	pthread_mutex_lock(&s->lock);
	snprintf(request, sizeof(request), "%llu",
	    (unsigned long long)s->next_request++);
	for (size_t i = 0; i < p->count; i++, stream_next_number(number)) {
		const struct record *r = &p->records[i];

		if (r->outcome == OUTCOME_TAKEN)
			append_one(s, stream, request, i, r, number, firehose);
		if (s->lines.length >= WRITE_BYTES)
			flush(s);
	}
	pthread_mutex_unlock(&s->lock);
}

void
store_flush(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	flush(s);
	pthread_mutex_unlock(&s->lock);
}
