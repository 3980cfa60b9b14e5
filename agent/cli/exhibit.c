/* SPDX-License-Identifier: Apache-2.0
 *
 * exhibit: see exhibit.h.
 *
 * For people: a title where another flow begins to speak, as tail(1) does for
 * files, then each record, its partition key and a tab before it. In a pipe the
 * bytes of the record are those that would be sent; on a terminal those that
 * would steer it are shown as \xNN.
 *
 * Thread: main.
 */
#include "exhibit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "batch.h"
#include "config.h"
#include "letter.h"
#include "mem.h"
#include "span.h"
#include "utf8.h"

#define RECORD_BYTES ((size_t)16 * 1024 * 1024) /* more than any may have */
#define OUTPUT_BYTES ((size_t)64 * 1024)

void
exhibit_begin(struct exhibit *e, bool json)
{
	*e = (struct exhibit){ .json = json,
		.terminal = isatty(STDOUT_FILENO) == 1 };
	buf_init(&e->room, RECORD_BYTES);
	(void)setvbuf(stdout, NULL, _IOFBF, OUTPUT_BYTES);
}

void
exhibit_end(struct exhibit *e)
{
	buf_fini(&e->room);
}

bool
exhibit_flush(struct exhibit *e)
{
	(void)e;
	return fflush(stdout) == 0 && !ferror(stdout);
}

static const char *
service(const struct flow_config *flow)
{
	return flow->destination == DESTINATION_STREAM ? "kinesis" : "firehose";
}

/* ---- For people ---- */

static void
put_title(struct exhibit *e, const struct flow_config *flow)
{
	if (e->flow == flow)
		return;
	printf("%s==> %s -> %s:%s <==\n", e->flow != NULL ? "\n" : "",
	    flow->name, service(flow), flow->target);
	e->flow = flow;
}

static bool
steers(unsigned char byte)
{
	return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
}

static void
put_bytes(const struct exhibit *e, struct span s)
{
	if (!e->terminal) {
		(void)fwrite(s.at, 1, s.len, stdout);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		/* C1 controls as UTF-8 spells them. */
		bool c1 = s.at[i] == 0xc2 && i + 1 < s.len &&
			  s.at[i + 1] >= 0x80 && s.at[i + 1] < 0xa0;

		if (steers(s.at[i]) || c1)
			printf("\\x%02x", s.at[i]);
		else
			putchar(s.at[i]);
	}
}

static void
put_line(const struct exhibit *e, struct span data)
{
	put_bytes(e, data);
	if (data.len == 0 || data.at[data.len - 1] != '\n')
		putchar('\n');
}

/* ---- For scripts ---- */

static char *
base64_of(struct span s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = mem_new((s.len + 2) / 3 * 4 + 1), *out = text;

	for (size_t i = 0; i < s.len; i += 3) {
		size_t left = s.len - i;
		unsigned bits = (unsigned)s.at[i] << 16;

		bits |= left > 1 ? (unsigned)s.at[i + 1] << 8 : 0;
		bits |= left > 2 ? s.at[i + 2] : 0;
		*out++ = letters[bits >> 18];
		*out++ = letters[bits >> 12 & 63];
		*out++ = '=';
		*out++ = '=';
		if (left > 1)
			out[-2] = letters[bits >> 6 & 63];
		if (left > 2)
			out[-1] = letters[bits & 63];
	}
	return text;
}

static void
set_span(json_t *object, const char *name, struct span s)
{
	if (s.len > 0)
		(void)json_object_set_new(
		    object, name, json_stringn((const char *)s.at, s.len));
}

static json_t *
object_of(const struct flow_config *flow)
{
	char *destination = mem_format("%s:%s", service(flow), flow->target);
	json_t *object = json_pack(
	    "{s:s, s:s}", "flow", flow->name, "destination", destination);

	free(destination);
	return object;
}

/* `object` is used up. */
static void
put_object(json_t *object, struct span data)
{
	char *base64;

	if (utf8_is_text(data)) {
		(void)json_object_set_new(object, "data",
		    json_stringn((const char *)data.at, data.len));
	} else {
		base64 = base64_of(data);
		(void)json_object_set_new(
		    object, "dataBase64", json_string(base64));
		free(base64);
	}
	(void)json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
}

/* ---- */

void
exhibit_record(struct exhibit *e, const struct flow_config *flow,
    const struct batch *b, uint32_t i)
{
	struct batch_key key;
	struct span data;
	json_t *object;

	batch_read(b, i, &e->room, &data, &key);
	if (e->json) {
		object = object_of(flow);
		set_span(object, "partitionKey", key.text);
		set_span(object, "explicitHashKey", key.hash);
		put_object(object, data);
		return;
	}
	put_title(e, flow);
	if (key.text.len > 0) {
		put_bytes(e, key.text);
		putchar('\t');
	}
	put_line(e, data);
}

void
exhibit_letter(struct exhibit *e, const struct flow_config *flow,
    const struct batch *b, uint32_t i)
{
	struct letter letter;
	json_t *object;

	letter_read(b, i, &e->room, &letter);
	if (e->json) {
		object = object_of(flow);
		(void)json_object_set_new(
		    object, "deadLetter", json_string(letter.reason));
		put_object(object, letter.data);
		return;
	}
	put_title(e, flow);
	printf("--- a dead letter: %s: ", letter.reason);
	put_line(e, letter.data);
}
