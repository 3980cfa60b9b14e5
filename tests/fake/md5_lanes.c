/* SPDX-License-Identifier: Apache-2.0
 *
 * md5_lanes: MD5 (RFC 1321) of eight short keys side by side.
 *
 * One key alone waits for each of MD5's 64 steps; eight share the waiting. The
 * compiler turns the vectors into whatever the machine has. Only keys that,
 * with their padding, fit one block of 64 bytes.
 *
 * Thread: any; holds no state.
 */
#include "digest.h"

#include <assert.h>
#include <string.h>

typedef uint32_t lanes __attribute__((vector_size(4 * DIGEST_LANES)));

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t sines[64] = { 0xd76aa478, 0xe8c7b756, 0x242070db,
	0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
	0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e,
	0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
	0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
	0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60,
	0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
	0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7,
	0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f,
	0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391 };

static const uint8_t turns[4][4] = {
	{ 7, 12, 17, 22 },
	{ 5, 9, 14, 20 },
	{ 4, 11, 16, 23 },
	{ 6, 10, 15, 21 },
};

/* Lay the padded keys out so that word i of all of them is words[i]. */
static void
load(const struct span keys[DIGEST_LANES], lanes words[16])
{
	uint32_t laid_out[16][DIGEST_LANES];

	static_assert(sizeof(laid_out) == 16 * sizeof(lanes), "one block each");
	for (size_t lane = 0; lane < DIGEST_LANES; lane++) {
		uint32_t block[16] = { 0 };
		uint8_t *bytes = (uint8_t *)block;
		size_t length = keys[lane].length;

		assert(length <= DIGEST_LANE_MAX);
		if (length > 0)
			memcpy(bytes, keys[lane].at, length);
		bytes[length] = 0x80;
		block[14] = (uint32_t)length * 8;
		for (size_t i = 0; i < 16; i++)
			laid_out[i][lane] = block[i];
	}
	memcpy(words, laid_out, sizeof(laid_out));
}

/* Sixteen steps on the four words of the state. Inlined and unrolled, so that
 * `round` and every place is known when it is compiled. */
static inline __attribute__((always_inline)) void
run_round(lanes s[4], const lanes words[16], size_t round, size_t first,
    size_t stride)
{
#pragma GCC unroll 16
	for (size_t i = 0; i < 16; i++) {
		lanes *a = &s[-i & 3];
		lanes b = s[(1 - i) & 3], c = s[(2 - i) & 3],
		      d = s[(3 - i) & 3];
		int turn = turns[round][i & 3];
		lanes f;

		if (round == 0)
			f = d ^ (b & (c ^ d));
		else if (round == 1)
			f = c ^ (d & (b ^ c));
		else if (round == 2)
			f = b ^ c ^ d;
		else
			f = c ^ (b | ~d);
		f += *a + words[(first + i * stride) & 15] +
		     sines[round * 16 + i];
		*a = (f << turn | f >> (32 - turn)) + b;
	}
}

static digest_hash_key
number_of(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	uint64_t high = (uint64_t)__builtin_bswap32(a) << 32;
	uint64_t low = (uint64_t)__builtin_bswap32(c) << 32;

	high |= __builtin_bswap32(b);
	low |= __builtin_bswap32(d);
	return (digest_hash_key)high << 64 | low;
}

void
digest_md5_lanes(
    const struct span keys[DIGEST_LANES], digest_hash_key out[DIGEST_LANES])
{
	static const uint32_t start[4] = { 0x67452301, 0xefcdab89, 0x98badcfe,
		0x10325476 };
	lanes words[16], zero = { 0 };
	lanes s[4] = { zero + start[0], zero + start[1], zero + start[2],
		zero + start[3] };

	load(keys, words);
	run_round(s, words, 0, 0, 1);
	run_round(s, words, 1, 1, 5);
	run_round(s, words, 2, 5, 3);
	run_round(s, words, 3, 0, 7);
	for (size_t i = 0; i < 4; i++)
		s[i] += start[i];
	for (size_t lane = 0; lane < DIGEST_LANES; lane++)
		out[lane] =
		    number_of(s[0][lane], s[1][lane], s[2][lane], s[3][lane]);
}
