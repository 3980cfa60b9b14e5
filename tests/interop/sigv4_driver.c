/* SPDX-License-Identifier: Apache-2.0
 *
 * sigv4_driver: lets a script ask the agent's own signer for signatures.
 *
 * Standard input holds requests, each of these lines:
 *
 *   ACCESS-KEY SECRET-KEY REGION SERVICE DATE METHOD PATH
 *   HEADER-COUNT BODY-LENGTH
 *   NAME:VALUE          (HEADER-COUNT times; VALUE is taken as it is)
 *
 * and BODY-LENGTH bytes. Standard output gets one Authorization value a line.
 * One key is kept for all requests, as the agent keeps it, so that a key that
 * should have been made anew shows.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "ship/sigv4.h"

#define FIELDS 7

static void
give_up(const char *what)
{
	fprintf(stderr, "sigv4_driver: %s\n", what);
	exit(2);
}

/* The next line without its newline, owned; NULL at the end of input. */
static char *
next_line(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len = getline(&line, &room, stdin);

	if (len < 0) {
		free(line);
		return NULL;
	}
	if (line[len - 1] == '\n')
		line[len - 1] = '\0';
	return line;
}

static void
split(char *line, char *fields[static FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = strsep(&line, " ");
		if (fields[i] == NULL)
			give_up("a request line is too short");
	}
}

static void
read_headers(struct sigv4_header *headers, char **lines, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		char *rest = lines[i] = next_line();

		if (rest == NULL)
			give_up("a header is missing");
		headers[i].name = strsep(&rest, ":");
		if (rest == NULL)
			give_up("a header without a colon");
		headers[i].value = span_str(rest);
	}
}

/* Hash in three pieces, as the agent hashes prefix, records and suffix. */
static void
hash_body(size_t len, unsigned char out[static DIGEST_SHA256])
{
	unsigned char *body = mem_new(len + 1);
	size_t a = len / 7, b = len / 3;

	if (fread(body, 1, len, stdin) != len)
		give_up("a body is too short");
	const struct span pieces[] = { span_of(body, a),
		span_of(body + a, b - a), span_of(body + b, len - b) };

	digest_sha256_pieces(pieces, 3, out);
	free(body);
}

static void
answer(char *line, struct sigv4_key *key, uint32_t serial)
{
	char *fields[FIELDS], *lines[SIGV4_HEADERS];
	struct sigv4_header headers[SIGV4_HEADERS];
	unsigned char payload[DIGEST_SHA256];
	char *sizes = next_line();
	unsigned long count = 0, length = 0;
	struct buf out;

	split(line, fields);
	if (sizes == NULL || sscanf(sizes, "%lu %lu", &count, &length) != 2 ||
	    count > SIGV4_HEADERS)
		give_up("no sizes");
	free(sizes);
	read_headers(headers, lines, count);
	hash_body(length, payload);
	const struct sigv4_request r = { .access_key = fields[0],
		.secret_key = fields[1],
		.serial = serial,
		.region = fields[2],
		.service = fields[3],
		.when = fields[4],
		.method = fields[5],
		.path = fields[6],
		.headers = headers,
		.header_count = count,
		.payload = payload };

	buf_init(&out, 1 << 20);
	if (sigv4_sign(key, &r, &out) != 0)
		give_up("cannot sign");
	puts(buf_text(&out));
	buf_fini(&out);
	for (unsigned long i = 0; i < count; i++)
		free(lines[i]);
}

int
main(void)
{
	struct sigv4_key key = { 0 };
	uint32_t serial = 0;
	char *line;

	if (digest_setup() != 0)
		return 2;
	while ((line = next_line()) != NULL) {
		answer(line, &key, ++serial);
		free(line);
	}
	return 0;
}
