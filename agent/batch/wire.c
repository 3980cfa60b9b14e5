/* SPDX-License-Identifier: Apache-2.0
 *
 * wire: the bytes of a record in a request, in CBOR and in JSON.
 *
 * The agent's hottest code beside the newline search and the hashes: each
 * byte of data is touched once here. CBOR copies it; JSON turns three bytes
 * into four letters, twelve bits at a time through a table of letter pairs
 * (libcrypto's encoder is half as fast and writes a NUL past its end).
 *
 * Any thread. Pure. Refuses nothing: what may go in is the caller's to know.
 */
#include "wire.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>

/* Of 2^128 - 1. A name, quotes and a head come to less than 25. */
#define WIRE_DIGITS 39
_Static_assert(WIRE_DIGITS + 25 <= WIRE_HASH, "a hash key fits");

enum { CBOR_BYTES = 2, CBOR_TEXT = 3, CBOR_MAP = 5 };

/* Both letters for each value of twelve bits: "AAABAC...9/+A...+////". */
/* clang-format off */
#define FOUR(a, w, x, y, z) a w a x a y a z
#define ROW(a) \
	FOUR(a, "A", "B", "C", "D") FOUR(a, "E", "F", "G", "H") \
	FOUR(a, "I", "J", "K", "L") FOUR(a, "M", "N", "O", "P") \
	FOUR(a, "Q", "R", "S", "T") FOUR(a, "U", "V", "W", "X") \
	FOUR(a, "Y", "Z", "a", "b") FOUR(a, "c", "d", "e", "f") \
	FOUR(a, "g", "h", "i", "j") FOUR(a, "k", "l", "m", "n") \
	FOUR(a, "o", "p", "q", "r") FOUR(a, "s", "t", "u", "v") \
	FOUR(a, "w", "x", "y", "z") FOUR(a, "0", "1", "2", "3") \
	FOUR(a, "4", "5", "6", "7") FOUR(a, "8", "9", "+", "/")

static const char pairs[] =
	ROW("A") ROW("B") ROW("C") ROW("D") ROW("E") ROW("F") ROW("G") ROW("H")
	ROW("I") ROW("J") ROW("K") ROW("L") ROW("M") ROW("N") ROW("O") ROW("P")
	ROW("Q") ROW("R") ROW("S") ROW("T") ROW("U") ROW("V") ROW("W") ROW("X")
	ROW("Y") ROW("Z") ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f")
	ROW("g") ROW("h") ROW("i") ROW("j") ROW("k") ROW("l") ROW("m") ROW("n")
	ROW("o") ROW("p") ROW("q") ROW("r") ROW("s") ROW("t") ROW("u") ROW("v")
	ROW("w") ROW("x") ROW("y") ROW("z") ROW("0") ROW("1") ROW("2") ROW("3")
	ROW("4") ROW("5") ROW("6") ROW("7") ROW("8") ROW("9") ROW("+") ROW("/");
/* clang-format on */

_Static_assert(sizeof(pairs) == 2 * 4096 + 1, "a pair for each twelve bits");

#define LITERAL(out, text) literal((out), "" text, sizeof(text) - 1)

static inline unsigned char *
literal(unsigned char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	return out + len;
}

static inline unsigned char *
copy(unsigned char *out, struct span s)
{
	if (s.len > 0)
		memcpy(out, s.at, s.len);
	return out + s.len;
}

unsigned char *
wire_head(unsigned char *out, unsigned major, size_t n)
{
	unsigned char type = (unsigned char)(major << 5);

	assert(major < 8 && n <= UINT32_MAX);
	if (n < 24) {
		*out++ = (unsigned char)(type | n);
		return out;
	}
	if (n <= UINT8_MAX) {
		*out++ = type | 24;
		*out++ = (unsigned char)n;
		return out;
	}
	if (n <= UINT16_MAX) {
		uint16_t big = htobe16((uint16_t)n);

		*out++ = type | 25;
		memcpy(out, &big, sizeof(big));
		return out + sizeof(big);
	}
	uint32_t big = htobe32((uint32_t)n);

	*out++ = type | 26;
	memcpy(out, &big, sizeof(big));
	return out + sizeof(big);
}

unsigned char *
wire_text(unsigned char *out, struct span text)
{
	return copy(wire_head(out, CBOR_TEXT, text.len), text);
}

static inline bool
needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static unsigned char *
escape(unsigned char *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	*out++ = '\\';
	if (c >= 0x20) {
		*out++ = c;
		return out;
	}
	out = LITERAL(out, "u00");
	*out++ = (unsigned char)hex[c >> 4];
	*out++ = (unsigned char)hex[c & 15];
	return out;
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* May one of eight bytes need an escape? Each test borrows into a byte's top
 * bit where the byte is less than what is subtracted; bytes from 0x80 on are
 * left out, and a borrow into a neighbour only makes it true too often. */
static inline bool
may_need_escape(uint64_t eight)
{
	uint64_t quote = eight ^ EACH_BYTE('"');
	uint64_t backslash = eight ^ EACH_BYTE('\\');
	uint64_t hits = ((eight - EACH_BYTE(0x20)) & ~eight) |
			((quote - EACH_BYTE(1)) & ~quote) |
			((backslash - EACH_BYTE(1)) & ~backslash);

	return (hits & EACH_BYTE(0x80)) != 0;
}

unsigned char *
wire_escaped(unsigned char *out, struct span text)
{
	size_t i = 0;

	while (i < text.len) {
		uint64_t eight;

		if (text.len - i >= sizeof(eight)) {
			memcpy(&eight, text.at + i, sizeof(eight));
			if (!may_need_escape(eight)) {
				memcpy(out, &eight, sizeof(eight));
				out += sizeof(eight);
				i += sizeof(eight);
				continue;
			}
		}
		unsigned char c = text.at[i++];

		if (needs_escape(c))
			out = escape(out, c);
		else
			*out++ = c;
	}
	return out;
}

static inline unsigned char *
put_pair(unsigned char *out, uint64_t twelve_bits)
{
	memcpy(out, pairs + 2 * twelve_bits, 2);
	return out + 2;
}

/* The last one or two bytes. */
static unsigned char *
base64_rest(unsigned char *out, const unsigned char *at, size_t left)
{
	if (left == 1) {
		out = put_pair(out, (uint64_t)at[0] << 4);
		return LITERAL(out, "==");
	}
	uint64_t word = (uint64_t)at[0] << 16 | (uint64_t)at[1] << 8;

	out = put_pair(out, word >> 12);
	*out++ = (unsigned char)pairs[2 * (word & 0xfff)];
	*out++ = '=';
	return out;
}

unsigned char *
wire_base64(unsigned char *out, struct span data)
{
	const unsigned char *at = data.at;
	size_t left = data.len;

	/* Six bytes a turn; eight are loaded, so eight must be there. */
	for (; left >= 8; left -= 6, at += 6) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		word = be64toh(word);
		out = put_pair(out, word >> 52);
		out = put_pair(out, word >> 40 & 0xfff);
		out = put_pair(out, word >> 28 & 0xfff);
		out = put_pair(out, word >> 16 & 0xfff);
	}
	for (; left >= 3; left -= 3, at += 3) {
		uint64_t word =
		    (uint64_t)at[0] << 16 | (uint64_t)at[1] << 8 | at[2];

		out = put_pair(out, word >> 12);
		out = put_pair(out, word & 0xfff);
	}
	return left > 0 ? base64_rest(out, at, left) : out;
}

size_t
wire_bound(const struct api *api, size_t data, struct batch_key key)
{
	size_t keys = key.text.len;

	if (api->wire == WIRE_JSON)
		keys *= WIRE_ESCAPE;
	if (key.hash.len > 0)
		keys += WIRE_HASH;
	return api->overhead + api_encoded_size(api->wire, data) +
	       (api->has_keys ? keys : 0);
}

static unsigned char *
cbor_record(unsigned char *out, struct span data, struct batch_key key)
{
	bool hash = key.hash.len > 0;

	*out++ = (unsigned char)(CBOR_MAP << 5 | (hash ? 3 : 2));
	out = LITERAL(out, "\x64"
			   "Data");
	out = copy(wire_head(out, CBOR_BYTES, data.len), data);
	out = LITERAL(out, "\x6c"
			   "PartitionKey");
	out = wire_text(out, key.text);
	if (!hash)
		return out;
	out = LITERAL(out, "\x6f"
			   "ExplicitHashKey");
	return wire_text(out, key.hash);
}

static unsigned char *
json_record(
    bool has_keys, unsigned char *out, struct span data, struct batch_key key)
{
	out = LITERAL(out, ",{\"Data\":\"");
	out = wire_base64(out, data);
	if (has_keys) {
		out = LITERAL(out, "\",\"PartitionKey\":\"");
		out = wire_escaped(out, key.text);
	}
	if (has_keys && key.hash.len > 0) {
		out = LITERAL(out, "\",\"ExplicitHashKey\":\"");
		out = wire_escaped(out, key.hash);
	}
	return LITERAL(out, "\"}");
}

unsigned char *
wire_record(const struct api *api, unsigned char *out, struct span data,
    struct batch_key key)
{
	assert(key.hash.len <= WIRE_DIGITS);
	switch (api->wire) {
	case WIRE_CBOR:
		assert(api->has_keys);
		return cbor_record(out, data, key);
	case WIRE_JSON:
		return json_record(api->has_keys, out, data, key);
	}
	abort();
}

/* What wire_head wrote: the argument; `*at` moves behind it. */
static size_t
read_head(const unsigned char **at)
{
	unsigned form = *(*at)++ & 0x1f;
	size_t n = 0;

	if (form < 24)
		return form;
	assert(form <= 26);
	for (unsigned left = 1u << (form - 24); left > 0; left--)
		n = n << 8 | *(*at)++;
	return n;
}

static unsigned
six_bits(unsigned char letter)
{
	if (letter >= 'a')
		return letter - 'a' + 26u;
	if (letter >= 'A')
		return letter - 'A' + 0u;
	if (letter >= '0')
		return letter - '0' + 52u;
	return letter == '+' ? 62 : 63;
}

/* `text` is what wire_base64 wrote. */
static struct span
decoded(struct span text, struct buf *room)
{
	bool fits = buf_reserve(room, text.len / 4 * 3);
	unsigned char *out = room->at;
	size_t len = text.len / 4 * 3;

	assert(fits && text.len % 4 == 0);
	for (size_t i = 0; i < text.len; i += 4, out += 3) {
		unsigned bits = six_bits(text.at[i]) << 18 |
				six_bits(text.at[i + 1]) << 12 |
				six_bits(text.at[i + 2]) << 6 |
				six_bits(text.at[i + 3]);

		out[0] = (unsigned char)(bits >> 16);
		out[1] = (unsigned char)(bits >> 8);
		out[2] = (unsigned char)bits;
	}
	while (text.len > 0 && text.at[text.len - 1] == '=') {
		text.len--;
		len--;
	}
	room->len = len;
	return buf_span(room);
}

struct span
wire_data(const struct api *api, struct span record, struct buf *room)
{
	static const char data[] = ",{\"Data\":\"";
	const unsigned char *at = record.at;

	buf_clear(room);
	if (api->wire == WIRE_CBOR) {
		at += 1 + sizeof("Data"); /* the map, and the name's head */
		size_t len = read_head(&at);

		return span_of(at, len);
	}
	at += sizeof(data) - 1;
	const unsigned char *end =
	    memchr(at, '"', record.len - (sizeof(data) - 1));

	assert(end != NULL);
	return decoded(span_of(at, (size_t)(end - at)), room);
}

/* The CBOR string behind the name of `name_len` bytes at `*at`, which moves
 * behind it. */
static struct span
read_named(const unsigned char **at, size_t name_len)
{
	size_t len;

	*at += 1 + name_len; /* the name's head is a byte */
	len = read_head(at);
	*at += len;
	return span_of(*at - len, len);
}

struct batch_key
wire_key(const struct api *api, struct span record)
{
	const unsigned char *at = record.at + 1;
	struct batch_key key = { 0 };

	assert(api->wire == WIRE_CBOR);
	(void)read_named(&at, sizeof("Data") - 1);
	key.text = read_named(&at, sizeof("PartitionKey") - 1);
	if (at < record.at + record.len)
		key.hash = read_named(&at, sizeof("ExplicitHashKey") - 1);
	return key;
}
