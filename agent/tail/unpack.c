/* SPDX-License-Identifier: Apache-2.0
 *
 * unpack: see unpack.h.
 *
 * The decoder writes into `recent`, behind what it wrote before; when that is
 * full its younger half stays. The first bytes are kept besides, since the
 * mark of a file's head is asked for at any time.
 *
 * The only file that knows zlib and libzstd. Both check what they decode (a
 * gzip file at its end, a zstd file at each frame's end, if it was made so):
 * bytes before such a check have been handed out when it fails.
 *
 * Thread: its owner's.
 */
#include "unpack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "mem.h"

#define INPUT      ((size_t)64 * 1024)
#define RECENT     (2 * UNPACK_KEPT)
#define HEAD       1024
#define MAGIC      4  /* bytes that tell whether another frame begins */
#define WINDOW_LOG 27 /* 128 MiB: what zstd itself takes unasked */

struct unpack {
	enum unpack_kind kind;
	z_stream zlib;
	ZSTD_DCtx *zstd; /* owned */
	unsigned char input[INPUT];
	size_t input_from, input_to; /* not yet decoded */
	uint64_t file_at;            /* where the next input is */
	unsigned char head[HEAD];    /* the content's first bytes */
	unsigned char *recent;       /* owned: RECENT bytes */
	uint64_t from, to;           /* of the content: what `recent` holds */
	bool begun;                  /* the decoder is set up */
	bool some;                   /* a member or frame has ended */
	bool inside;                 /* one has begun and not ended */
	bool full;                   /* it may hold output back */
	bool over;                   /* only garbage follows the last one */
	const char *reason;          /* broken; static */
};

/* What one step of the decoder met. */
enum step { STEP_MORE, STEP_END, STEP_SHORT, STEP_BROKEN, STEP_FAILED };

static const struct ending {
	const char *text;
	enum unpack_kind kind;
} endings[] = {
	{ ".gz", UNPACK_GZIP },
	{ ".zst", UNPACK_ZSTD },
};

static const struct ending *
ending_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i].text);

		if (len > n && strcasecmp(name + len - n, endings[i].text) == 0)
			return &endings[i];
	}
	return NULL;
}

enum unpack_kind
unpack_kind(const char *name)
{
	const struct ending *ending = ending_of(name, strlen(name));

	return ending != NULL ? ending->kind : UNPACK_NONE;
}

const char *
unpack_ending(enum unpack_kind kind)
{
	size_t i = 0;

	assert(kind != UNPACK_NONE);
	while (endings[i].kind != kind)
		i++;
	return endings[i].text;
}

size_t
unpack_bare(const char *name)
{
	size_t len = strlen(name);
	const struct ending *ending = ending_of(name, len);

	return ending != NULL ? len - strlen(ending->text) : len;
}

struct unpack *
unpack_new(enum unpack_kind kind)
{
	struct unpack *u = mem_new(sizeof(*u));

	assert(kind != UNPACK_NONE);
	u->kind = kind;
	u->recent = mem_new_array(1, RECENT);
	return u;
}

static void
end_decoder(struct unpack *u)
{
	if (u->begun && u->kind == UNPACK_GZIP)
		(void)inflateEnd(&u->zlib);
	(void)ZSTD_freeDCtx(u->zstd);
	u->zstd = NULL;
	u->begun = false;
}

void
unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	end_decoder(u);
	free(u->recent);
	free(u);
}

const char *
unpack_reason(const struct unpack *u)
{
	return u->reason;
}

static enum step
broken(struct unpack *u, const char *reason)
{
	u->reason = reason;
	return STEP_BROKEN;
}

static enum step
no_memory(void)
{
	errno = ENOMEM;
	return STEP_FAILED;
}

/* Set the decoder up for the file's first byte. -1: no memory. */
static int
begin(struct unpack *u)
{
	end_decoder(u);
	u->input_from = u->input_to = 0;
	u->file_at = 0;
	u->from = u->to = 0;
	u->some = u->inside = u->full = u->over = false;
	u->reason = NULL;
	if (u->kind == UNPACK_GZIP) {
		memset(&u->zlib, 0, sizeof(u->zlib));
		u->begun = inflateInit2(&u->zlib, 15 + 16) == Z_OK;
		return u->begun ? 0 : -1;
	}
	u->zstd = ZSTD_createDCtx();
	if (u->zstd == NULL)
		return -1;
	(void)ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	u->begun = true;
	return 0;
}

/* Have at least `least` bytes of input, as far as the file goes. -1: errno. */
static int
fetch(struct unpack *u, int fd, size_t least)
{
	ssize_t n;

	while (u->input_to - u->input_from < least) {
		memmove(u->input, u->input + u->input_from,
		    u->input_to - u->input_from);
		u->input_to -= u->input_from;
		u->input_from = 0;
		n = pread(fd, u->input + u->input_to, INPUT - u->input_to,
		    (off_t)u->file_at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		u->input_to += (size_t)n;
		u->file_at += (uint64_t)n;
	}
	return 0;
}

/* Behind a member or frame: does another begin here? What else may stand
 * there (padding, as tapes have it) is passed over, as gzip does. */
static bool
another_begins(const struct unpack *u)
{
	const unsigned char *at = u->input + u->input_from;
	size_t len = u->input_to - u->input_from;

	if (u->kind == UNPACK_GZIP)
		return at[0] == 0x1f && (len == 1 || at[1] == 0x8b);
	if (len < 4)
		return true;
	return memcmp(at, "\x28\xb5\x2f\xfd", 4) == 0 ||
	       (at[0] >> 4 == 5 && memcmp(at + 1, "\x2a\x4d\x18", 3) == 0);
}

static enum step
inflate_some(struct unpack *u, unsigned char *out, size_t room, size_t *made)
{
	z_stream *z = &u->zlib;
	int answer;

	z->next_in = u->input + u->input_from;
	z->avail_in = (uInt)(u->input_to - u->input_from);
	z->next_out = out;
	z->avail_out = (uInt)room;
	answer = inflate(z, Z_NO_FLUSH);
	u->input_from = u->input_to - z->avail_in;
	*made = room - z->avail_out;
	u->inside = answer != Z_STREAM_END;
	u->some = u->some || !u->inside;
	switch (answer) {
	case Z_STREAM_END:
		(void)inflateReset(z);
		return STEP_MORE;
	case Z_OK:
	case Z_BUF_ERROR:
		return STEP_MORE;
	case Z_MEM_ERROR:
		return no_memory();
	case Z_DATA_ERROR:
		/* The texts are zlib's own, and static. */
		return broken(u, z->msg != NULL ? z->msg : "invalid data");
	}
	return broken(u, "needs a dictionary");
}

static enum step
unzstd_some(struct unpack *u, unsigned char *out, size_t room, size_t *made)
{
	ZSTD_inBuffer in = { u->input, u->input_to, u->input_from };
	ZSTD_outBuffer to = { NULL, room, 0 };
	size_t answer;

	to.dst = out;
	answer = ZSTD_decompressStream(u->zstd, &to, &in);
	u->input_from = in.pos;
	*made = to.pos;
	u->inside = answer != 0;
	u->some = u->some || !u->inside;
	if (!ZSTD_isError(answer))
		return STEP_MORE;
	switch (ZSTD_getErrorCode(answer)) {
	case ZSTD_error_memory_allocation:
		return no_memory();
	case ZSTD_error_frameParameter_windowTooLarge:
		return broken(u, "needs more than 128 MiB of memory");
	default:
		return broken(u, ZSTD_getErrorName(answer));
	}
}

/* Make room behind u->to; the younger half stays. */
static void
forget_old(struct unpack *u)
{
	size_t held = (size_t)(u->to - u->from);

	if (held < RECENT)
		return;
	memcpy(u->recent, u->recent + held - UNPACK_KEPT, UNPACK_KEPT);
	u->from = u->to - UNPACK_KEPT;
}

static void
took(struct unpack *u, const unsigned char *out, size_t made)
{
	if (u->to < HEAD) {
		size_t room = HEAD - (size_t)u->to;

		memcpy(u->head + u->to, out, made < room ? made : room);
	}
	u->to += made;
}

/* Decode on for a bit; all of it is new in `recent`. */
static enum step
decode(struct unpack *u, int fd)
{
	unsigned char *out;
	size_t made = 0, room;
	enum step step;

	if (u->reason != NULL)
		return STEP_BROKEN;
	if (u->over)
		return STEP_END;
	if (fetch(u, fd, u->inside ? 1 : MAGIC) != 0)
		return STEP_FAILED;
	if (u->input_from == u->input_to && !u->inside)
		return u->some ? STEP_END : STEP_SHORT;
	if (u->input_from == u->input_to && !u->full)
		return STEP_SHORT;
	if (u->some && !u->inside && !another_begins(u)) {
		u->over = true;
		return STEP_END;
	}
	forget_old(u);
	out = u->recent + (u->to - u->from);
	room = RECENT - (size_t)(u->to - u->from);
	step = u->kind == UNPACK_GZIP ? inflate_some(u, out, room, &made)
				      : unzstd_some(u, out, room, &made);
	u->full = made == room;
	took(u, out, made);
	return step;
}

static enum unpack_result
result_of(enum step step)
{
	switch (step) {
	case STEP_MORE:
		return UNPACK_BYTES;
	case STEP_END:
		return UNPACK_END;
	case STEP_SHORT:
		return UNPACK_SHORT;
	case STEP_BROKEN:
		return UNPACK_BROKEN;
	case STEP_FAILED:
		return UNPACK_FAILED;
	}
	return UNPACK_FAILED;
}

/* Decode until `at` is among the recent bytes, or just behind them. */
static enum unpack_result
go_to(struct unpack *u, int fd, uint64_t at)
{
	uint64_t until, fed;

	if ((!u->begun || at < u->from) && begin(u) != 0)
		return result_of(no_memory());
	until = u->to + UNPACK_STEP;
	fed = u->file_at + UNPACK_STEP;
	while (u->to < at) {
		enum step step;

		if (u->to >= until || u->file_at >= fed)
			return UNPACK_LATER;
		step = decode(u, fd);
		if (step != STEP_MORE)
			return result_of(step);
	}
	return UNPACK_BYTES;
}

static size_t
copy_recent(
    const struct unpack *u, unsigned char *into, size_t len, uint64_t at)
{
	size_t there = (size_t)(u->to - at);

	if (there > len)
		there = len;
	memcpy(into, u->recent + (at - u->from), there);
	return there;
}

enum unpack_result
unpack_read(
    struct unpack *u, int fd, void *into, size_t len, uint64_t at, size_t *got)
{
	enum unpack_result result;

	*got = 0;
	if (len <= HEAD && at <= HEAD - len && at + len <= u->to) {
		memcpy(into, u->head + at, len);
		*got = len;
		return UNPACK_BYTES;
	}
	result = go_to(u, fd, at);
	if (result != UNPACK_BYTES)
		return result;
	for (;;) {
		*got += copy_recent(
		    u, (unsigned char *)into + *got, len - *got, at + *got);
		if (*got == len || result != UNPACK_BYTES)
			break;
		result = result_of(decode(u, fd));
	}
	if (result == UNPACK_FAILED)
		*got = 0;
	return *got == len ? UNPACK_BYTES : result;
}

static bool
gzip_told(int fd, uint64_t *size)
{
	unsigned char last[4];
	off_t end = lseek(fd, 0, SEEK_END);

	/* Header, an empty block and the trailer: the least there is. */
	if (end < 20 || pread(fd, last, sizeof(last), end - 4) != 4)
		return false;
	*size = (uint64_t)last[0] | (uint64_t)last[1] << 8 |
		(uint64_t)last[2] << 16 | (uint64_t)last[3] << 24;
	return true;
}

static bool
zstd_told(int fd, uint64_t *size)
{
	unsigned char head[18]; /* the longest header of a frame */
	ssize_t n = pread(fd, head, sizeof(head), 0);
	unsigned long long told;

	if (n <= 0)
		return false;
	told = ZSTD_getFrameContentSize(head, (size_t)n);
	if (told == ZSTD_CONTENTSIZE_UNKNOWN || told == ZSTD_CONTENTSIZE_ERROR)
		return false;
	*size = told;
	return true;
}

bool
unpack_told(enum unpack_kind kind, int fd, uint64_t *size)
{
	switch (kind) {
	case UNPACK_NONE:
		return false;
	case UNPACK_GZIP:
		return gzip_told(fd, size);
	case UNPACK_ZSTD:
		return zstd_told(fd, size);
	}
	return false;
}

bool
unpack_told_fits(enum unpack_kind kind, uint64_t told, uint64_t size)
{
	return kind == UNPACK_GZIP ? told == (uint32_t)size : told == size;
}
