/* SPDX-License-Identifier: Apache-2.0
 *
 * batch_dump: requests with what went into them, on standard output, for a
 * judge in another language (judge_batch.py). Not a test by itself.
 *
 * A request is: wire (one byte), body, number of records (four bytes), and of
 * each record data and key. Byte strings come with four bytes of length;
 * numbers are big-endian.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch.h"

#define REQUESTS 60

static unsigned char block[1 << 18];
static uint64_t dice = 7;

static uint32_t
roll(uint32_t below)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((dice >> 33) % below);
}

static void
put_number(size_t n)
{
	uint32_t big = htonl((uint32_t)n);

	(void)fwrite(&big, sizeof(big), 1, stdout);
}

static void
put_bytes(struct span s)
{
	put_number(s.len);
	(void)fwrite(s.at, 1, s.len, stdout);
}

static void
put_body(const struct batch *b)
{
	struct span pieces[BATCH_RECORDS], suffix = { 0 };
	uint32_t records;
	size_t n = batch_pieces(b, 0, b->count, pieces, &records);
	struct buf body;

	buf_init(&body, 64 << 20);
	if (api_wrap(b->api, "arn:aws:kinesis:eu-west-1:1:stream/\xc3\xbc",
		records, &body, &suffix) != 0)
		exit(1);
	for (size_t i = 0; i < n; i++)
		(void)buf_add_span(&body, pieces[i]);
	(void)buf_add_span(&body, suffix);
	(void)putchar(b->api->wire == WIRE_CBOR ? 'C' : 'J');
	put_bytes(buf_span(&body));
	put_number(records);
	buf_fini(&body);
}

static void
dump(struct pool *p, const struct api *api)
{
	struct batch *b = batch_new(p, 0, api, 500, 10 << 20);
	struct span data[BATCH_RECORDS] = { 0 };
	char keys[BATCH_RECORDS][64];
	uint32_t most = (uint32_t)1 << roll(18), wanted = 1 + roll(500);

	for (uint32_t i = 0; i < wanted; i++) {
		size_t len = roll(most + 1);

		data[i] = span_of(block + roll(sizeof(block) - most), len);
		(void)snprintf(keys[i], sizeof(keys[i]), "%c\"\\\xc3\xa4%*u",
		    (char)(1 + roll(127)), (int)roll(50), i);
		if (batch_append(b, data[i], batch_key_of(span_str(keys[i]))) !=
		    BATCH_TAKEN)
			break;
	}
	batch_seal(b);
	for (uint32_t i = 0; i < b->count; i++) {
		if (roll(3) == 0 && b->pending_count > 1)
			batch_accept(b, i);
	}
	put_body(b);
	for (uint32_t i = 0; i < b->count; i++) {
		if (!batch_is_pending(b, i))
			continue;
		put_bytes(data[i]);
		put_bytes(span_str(api->has_keys ? keys[i] : ""));
	}
	batch_free(&b);
}

int
main(void)
{
	static const struct flow_config flows[] = {
		{ .wire = CONFIG_WIRE_CBOR },
		{ .wire = CONFIG_WIRE_JSON },
		{ .destination = DESTINATION_FIREHOSE },
	};
	struct pool *p = pool_new(64 << 20, 1, 1 << 20);

	if (p == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (unsigned char)roll(256);
	for (size_t i = 0; i < REQUESTS; i++)
		dump(p, api_of(&flows[i % 3]));
	pool_free(p);
	return fflush(stdout) == 0 ? 0 : 1;
}
