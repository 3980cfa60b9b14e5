/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tail relies on when it reads on inside a compressed file: the very
 * bytes that were compressed, from any place, and a word for each way in
 * which a file can have no more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "tail/unpack.h"

#define MIB ((size_t)1024 * 1024)

/* A compressed file that is made here, piece by piece. */
struct archive {
	enum unpack_kind kind;
	int fd;
	struct unpack *u;
};

static const enum unpack_kind kinds[] = { UNPACK_GZIP, UNPACK_ZSTD };

static void
begin(struct archive *a, enum unpack_kind kind)
{
	a->kind = kind;
	a->fd = memfd_create("archive", MFD_CLOEXEC);
	assert_true(a->fd >= 0);
	a->u = unpack_new(kind);
}

static void
end(struct archive *a)
{
	unpack_free(a->u);
	close(a->fd);
}

static void
put(struct archive *a, const void *at, size_t len)
{
	assert_int_equal(write(a->fd, at, len), (ssize_t)len);
}

/* `len` bytes of text, as a member or frame of their own. Owned by the caller. */
static unsigned char *
pack(enum unpack_kind kind, const void *text, size_t len, size_t *packed)
{
	size_t room = len + len / 8 + 1024;
	unsigned char *out = malloc(room);
	z_stream z;

	assert_non_null(out);
	if (kind == UNPACK_ZSTD) {
		ZSTD_CCtx *c = ZSTD_createCCtx();

		ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
		*packed = ZSTD_compress2(c, out, room, text, len);
		assert_false(ZSTD_isError(*packed));
		ZSTD_freeCCtx(c);
		return out;
	}
	memset(&z, 0, sizeof(z));
	assert_int_equal(
	    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*packed = room - z.avail_out;
	deflateEnd(&z);
	return out;
}

static void
put_packed(struct archive *a, const void *text, size_t len)
{
	size_t packed;
	unsigned char *out = pack(a->kind, text, len, &packed);

	put(a, out, packed);
	free(out);
}

/* Lines that tell where they stand. Owned by the caller. */
static char *
make_text(size_t len)
{
	char *text = malloc(len + 32);

	assert_non_null(text);
	for (size_t at = 0; at < len;) {
		int n = snprintf(text + at, 32, "%zu %x\n", at,
		    (unsigned)(at * 2654435761U));

		at += (size_t)n;
	}
	return text;
}

/* Ask until it is no longer on its way. */
static enum unpack_result
ask(struct archive *a, void *into, size_t len, uint64_t at, size_t *got)
{
	enum unpack_result result;

	do {
		result = unpack_read(a->u, a->fd, into, len, at, got);
	} while (result == UNPACK_LATER);
	return result;
}

static void
assert_reads(struct archive *a, const char *text, uint64_t at, size_t len)
{
	char *into = malloc(len + 1);
	size_t got;

	assert_non_null(into);
	assert_int_equal(ask(a, into, len, at, &got), UNPACK_BYTES);
	assert_int_equal(got, len);
	assert_memory_equal(into, text + at, len);
	free(into);
}

static void
assert_ends(struct archive *a, uint64_t at, enum unpack_result how)
{
	char into[64];
	size_t got;

	assert_int_equal(ask(a, into, sizeof(into), at, &got), how);
	assert_int_equal(got, 0);
}

static void
every_byte_is_the_one_that_was_compressed(void **state)
{
	size_t len = 9 * MIB;
	char *text = make_text(len);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;

		begin(&a, kinds[k]);
		put_packed(&a, text, len);
		for (uint64_t at = 0; at < len; at += 256 * 1024)
			assert_reads(
			    &a, text, at > 64 ? at - 64 : 0, 256 * 1024);
		assert_ends(&a, len, UNPACK_END);
		assert_null(unpack_reason(a.u));
		end(&a);
	}
	free(text);
}

static void
going_back_gives_the_same_bytes(void **state)
{
	size_t len = 12 * MIB;
	char *text = make_text(len);
	const uint64_t places[] = { 11 * MIB, 10 * MIB, 11 * MIB + 5, 0, 1000,
		3 * MIB, 3 * MIB - 64, 700, 12 * MIB - 100, 1 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;

		begin(&a, kinds[k]);
		put_packed(&a, text, len);
		for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
			assert_reads(&a, text, places[i], 100);
		end(&a);
	}
	free(text);
}

static void
members_behind_each_other_are_one_text(void **state)
{
	char *text = make_text(3000);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;

		begin(&a, kinds[k]);
		put_packed(&a, text, 1000);
		put_packed(&a, text + 1000, 0);
		put_packed(&a, text + 1000, 2000);
		assert_reads(&a, text, 0, 3000);
		assert_ends(&a, 3000, UNPACK_END);
		end(&a);
	}
	free(text);
}

static void
what_pads_the_end_is_passed_over(void **state)
{
	const char zeros[100] = { 0 };
	char *text = make_text(1000);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;

		begin(&a, kinds[k]);
		put_packed(&a, text, 1000);
		put(&a, zeros, sizeof(zeros));
		assert_reads(&a, text, 0, 1000);
		assert_ends(&a, 1000, UNPACK_END);
		end(&a);
	}
	free(text);
}

static void
a_skippable_frame_is_skipped(void **state)
{
	const char frame[] = "\x5a\x2a\x4d\x18\x04\x00\x00\x00skip";
	char *text = make_text(2000);
	struct archive a;

	(void)state;
	begin(&a, UNPACK_ZSTD);
	put(&a, frame, 12);
	put_packed(&a, text, 1000);
	put(&a, frame, 12);
	put_packed(&a, text + 1000, 1000);
	assert_reads(&a, text, 0, 2000);
	assert_ends(&a, 2000, UNPACK_END);
	end(&a);
	free(text);
}

/* Written a few bytes at a time, as by a compressor that is at work. */
static void
an_unfinished_file_is_short_and_goes_on_when_it_grows(void **state)
{
	size_t len = 100 * 1000;
	char *text = make_text(len), *into = malloc(len);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		size_t packed, got = 0, all = 0;
		unsigned char *out = pack(kinds[k], text, len, &packed);
		struct archive a;

		begin(&a, kinds[k]);
		assert_ends(&a, 0, UNPACK_SHORT);
		for (size_t at = 0; at < packed; at += 7) {
			enum unpack_result result;

			put(&a, out + at, packed - at < 7 ? packed - at : 7);
			result = ask(&a, into + all, len - all + 1, all, &got);
			all += got;
			assert_int_equal(result,
			    at + 7 < packed ? UNPACK_SHORT : UNPACK_END);
		}
		assert_int_equal(all, len);
		assert_memory_equal(into, text, len);
		free(out);
		end(&a);
	}
	free(text);
	free(into);
}

static void
a_member_that_is_added_later_is_read(void **state)
{
	char *text = make_text(2000);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;

		begin(&a, kinds[k]);
		put_packed(&a, text, 1000);
		assert_reads(&a, text, 0, 1000);
		assert_ends(&a, 1000, UNPACK_END);
		put_packed(&a, text + 1000, 1000);
		assert_reads(&a, text, 500, 1500);
		assert_ends(&a, 2000, UNPACK_END);
		end(&a);
	}
	free(text);
}

static void
a_broken_file_gives_what_stands_before_the_break(void **state)
{
	size_t len = 2 * MIB;
	char *text = make_text(len), *into = malloc(len);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		size_t packed, got;
		unsigned char *out = pack(kinds[k], text, len, &packed);
		struct archive a;

		begin(&a, kinds[k]);
		memset(out + packed / 2, 0xff, 1000);
		put(&a, out, packed);
		assert_reads(&a, text, 0, 100 * 1000);
		assert_int_equal(ask(&a, into, len, 0, &got), UNPACK_BROKEN);
		assert_true(got > 100 * 1000 && got < len);
		assert_non_null(unpack_reason(a.u));
		assert_ends(&a, got, UNPACK_BROKEN);
		assert_reads(&a, text, 50 * 1000, 1000);
		free(out);
		end(&a);
	}
	free(text);
	free(into);
}

static void
a_wrong_checksum_is_told(void **state)
{
	char *text = make_text(MIB), *into = malloc(MIB);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		size_t packed, got;
		unsigned char *out = pack(kinds[k], text, MIB, &packed);
		struct archive a;

		begin(&a, kinds[k]);
		out[packed - (k == 0 ? 8 : 4)] ^= 1;
		put(&a, out, packed);
		assert_reads(&a, text, 0, MIB / 2);
		assert_int_equal(ask(&a, into, MIB, 1, &got), UNPACK_BROKEN);
		assert_memory_equal(into, text + 1, got);
		assert_non_null(unpack_reason(a.u));
		free(out);
		end(&a);
	}
	free(text);
	free(into);
}

static void
text_is_not_taken_for_an_archive(void **state)
{
	char *text = make_text(1000);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;

		begin(&a, kinds[k]);
		put(&a, text, 1000);
		assert_ends(&a, 0, UNPACK_BROKEN);
		end(&a);
	}
	free(text);
}

/* A frame's header may ask for a window of any size. */
static void
a_window_above_the_ceiling_is_refused(void **state)
{
	/* Magic, no content size, a window of 2^(10 + 18) bytes, an empty
	 * last block. */
	const unsigned char frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3,
		0x01, 0x00, 0x00 };
	struct archive a;

	(void)state;
	begin(&a, UNPACK_ZSTD);
	put(&a, frame, sizeof(frame));
	assert_ends(&a, 0, UNPACK_BROKEN);
	assert_non_null(strstr(unpack_reason(a.u), "128 MiB"));
	end(&a);
}

static void
a_long_way_is_gone_in_steps(void **state)
{
	size_t len = 3 * UNPACK_STEP, got;
	char *text = make_text(len), byte;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;
		unsigned steps = 0;

		begin(&a, kinds[k]);
		put_packed(&a, text, len);
		while (unpack_read(a.u, a.fd, &byte, 1, len - 1, &got) ==
		       UNPACK_LATER) {
			assert_int_equal(got, 0);
			steps++;
		}
		assert_int_equal(got, 1);
		assert_int_equal(byte, text[len - 1]);
		assert_in_range(steps, 1, 3);
		end(&a);
	}
	free(text);
}

static void
an_unreadable_file_has_failed_and_may_come_back(void **state)
{
	char *text = make_text(1000), byte;
	struct archive a;
	size_t got;

	(void)state;
	begin(&a, UNPACK_GZIP);
	put_packed(&a, text, 1000);
	assert_int_equal(
	    unpack_read(a.u, -1, &byte, 1, 0, &got), UNPACK_FAILED);
	assert_int_equal(got, 0);
	assert_reads(&a, text, 0, 1000);
	end(&a);
	free(text);
}

static void
a_file_tells_its_contents_size(void **state)
{
	char *text = make_text(3000);

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct archive a;
		uint64_t told;

		begin(&a, kinds[k]);
		assert_false(unpack_told(a.kind, a.fd, &told));
		put_packed(&a, text, 3000);
		assert_true(unpack_told(a.kind, a.fd, &told));
		assert_int_equal(told, 3000);
		assert_true(unpack_told_fits(a.kind, told, 3000));
		assert_false(unpack_told_fits(a.kind, told, 3001));
		end(&a);
	}
	assert_true(unpack_told_fits(UNPACK_GZIP, 5, (UINT64_C(1) << 32) + 5));
	free(text);
}

static void
names_tell_the_kind_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(unpack_kind("app.log.1.gz"), UNPACK_GZIP);
	assert_int_equal(unpack_kind("APP.LOG.GZ"), UNPACK_GZIP);
	assert_int_equal(unpack_kind("app.log.zst"), UNPACK_ZSTD);
	assert_int_equal(unpack_kind("app.log"), UNPACK_NONE);
	assert_int_equal(unpack_kind(".gz"), UNPACK_NONE);
	assert_int_equal(unpack_kind("app.log.bz2"), UNPACK_NONE);
	assert_int_equal(unpack_kind("app.gz.log"), UNPACK_NONE);
	assert_int_equal(unpack_bare("app.log.1.gz"), strlen("app.log.1"));
	assert_int_equal(unpack_bare("app.log"), strlen("app.log"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_the_one_that_was_compressed),
		cmocka_unit_test(going_back_gives_the_same_bytes),
		cmocka_unit_test(members_behind_each_other_are_one_text),
		cmocka_unit_test(what_pads_the_end_is_passed_over),
		cmocka_unit_test(a_skippable_frame_is_skipped),
		cmocka_unit_test(
		    an_unfinished_file_is_short_and_goes_on_when_it_grows),
		cmocka_unit_test(a_member_that_is_added_later_is_read),
		cmocka_unit_test(
		    a_broken_file_gives_what_stands_before_the_break),
		cmocka_unit_test(a_wrong_checksum_is_told),
		cmocka_unit_test(text_is_not_taken_for_an_archive),
		cmocka_unit_test(a_window_above_the_ceiling_is_refused),
		cmocka_unit_test(a_long_way_is_gone_in_steps),
		cmocka_unit_test(
		    an_unreadable_file_has_failed_and_may_come_back),
		cmocka_unit_test(a_file_tells_its_contents_size),
		cmocka_unit_test(names_tell_the_kind_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
