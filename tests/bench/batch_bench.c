/* SPDX-License-Identifier: Apache-2.0
 *
 * batch_bench: what a record costs from the newline search to its place in a
 * request's body, per wire. One thread, memory warm, no I/O.
 *
 *   batch_bench [BYTES A LINE] [RECORDS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch.h"
#include "frame.h"

#define TEXT (1 << 20)

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A megabyte of lines, as a reader's chunk; the answer is its lines' bytes. */
static size_t
write_lines(unsigned char *text, size_t line)
{
	size_t len = TEXT / line * line;

	for (size_t i = 0; i < len; i++)
		text[i] = (unsigned char)('a' + i % 25);
	for (size_t i = line - 1; i < len; i += line)
		text[i] = '\n';
	return len;
}

/* `wanted` records through batches of 500; bytes of body as answer. */
static uint64_t
run(struct pool *p, const struct api *api, struct span text, uint64_t wanted)
{
	struct batch *b = batch_new(p, 0, api, 500, 5 << 20);
	struct reader *nobody = (struct reader *)(void *)p;
	uint64_t offset = 0, bytes = 0;
	static const char key[] = "0123456789abcdef";
	size_t at = 0, length;

	while (wanted > 0) {
		struct span rest = span_of(text.at + at, text.len - at);

		if (frame_line(rest, 0, &length) == FRAME_MORE) {
			at = 0;
			continue;
		}
		if (batch_append(b, span_of(rest.at, length),
			batch_key_of(span_of(key, 16))) != BATCH_TAKEN) {
			batch_seal(b);
			bytes += b->len;
			batch_free(&b);
			b = batch_new(p, 0, api, 500, 5 << 20);
			continue;
		}
		batch_cover(b, nobody, offset, offset + length, 0);
		offset += length;
		at += length;
		wanted--;
	}
	bytes += b->len;
	batch_free(&b);
	return bytes;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		struct flow_config flow;
	} rows[] = {
		{ "streams cbor", { .wire = CONFIG_WIRE_CBOR } },
		{ "streams json", { .wire = CONFIG_WIRE_JSON } },
		{ "firehose json", { .destination = DESTINATION_FIREHOSE } },
	};
	size_t line = argc > 1 ? strtoul(argv[1], NULL, 10) : 180;
	uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000000;
	unsigned char *text = malloc(TEXT);
	struct pool *p = pool_new(64 << 20, 1, 1 << 20);

	if (text == NULL || p == NULL || line == 0 || line > 100000) {
		fprintf(stderr, "usage: batch_bench [BYTES] [RECORDS]\n");
		pool_free(p);
		free(text);
		return 1;
	}
	struct span lines = span_of(text, write_lines(text, line));

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double start = seconds();
		uint64_t bytes = run(p, api_of(&rows[i].flow), lines, records);
		double took = seconds() - start;

		printf("%-14s %6.1f ns/record  %6.2f GB/s of lines  "
		       "%5.1f bytes of body a record\n",
		    rows[i].name, took * 1e9 / (double)records,
		    (double)(records * line) / took / 1e9,
		    (double)bytes / (double)records);
	}
	pool_free(p);
	free(text);
	return 0;
}
