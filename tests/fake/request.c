/* SPDX-License-Identifier: Apache-2.0
 *
 * request: looking things up in a request, and writing errors as AWS does.
 *
 * Thread: the connection's.
 */
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "cbor.h"
#include "json.h"

static const char *const content_types[] = {
	[FORMAT_JSON] = "application/x-amz-json-1.1",
	[FORMAT_CBOR] = "application/x-amz-cbor-1.1",
};

struct span
request_header(const struct request *r, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < r->header_count; i++) {
		const struct header *h = &r->headers[i];

		if (h->name.length == length &&
		    strncasecmp((const char *)h->name.at, name, length) == 0)
			return h->value;
	}
	return (struct span){ NULL, 0 };
}

enum format
request_format(const struct request *r)
{
	struct span type = request_header(r, "content-type");

	if (type.at == NULL)
		return FORMAT_OTHER;
	for (size_t i = 0; i < type.length; i++)
		if (type.at[i] == ';')
			type.length = i;
	if (span_is(type, content_types[FORMAT_CBOR]))
		return FORMAT_CBOR;
	if (span_is(type, content_types[FORMAT_JSON]) ||
	    span_is(type, "application/json"))
		return FORMAT_JSON;
	return FORMAT_OTHER;
}

const char *
answer_content_type(enum format format)
{
	return format == FORMAT_CBOR ? content_types[FORMAT_CBOR]
				     : content_types[FORMAT_JSON];
}

void
answer_begin(struct answer *a, enum format format)
{
	bytes_clear(&a->body);
	a->status = 200;
	a->content_type = answer_content_type(format);
	a->manner = MANNER_PLAIN;
	a->ms = 0;
	a->date_shift_ms = 0;
	a->format = format;
	a->refused = false;
}

void
answer_error_span(
    struct answer *a, unsigned status, const char *type, struct span message)
{
	struct bytes *b = &a->body;

	bytes_clear(b);
	a->status = status;
	a->content_type = answer_content_type(a->format);
	if (a->format == FORMAT_CBOR) {
		cbor_put_head(b, CBOR_MAP, 2);
		cbor_put_text(b, "__type", 6);
		cbor_put_text(b, type, strlen(type));
		cbor_put_text(b, "message", 7);
		cbor_put_text(b, message.at, message.length);
		return;
	}
	bytes_text(b, "{\"__type\":");
	json_put_text(b, type, strlen(type));
	bytes_text(b, ",\"message\":");
	json_put_text(b, message.at, message.length);
	bytes_text(b, "}");
}

void
answer_error(struct answer *a, unsigned status, const char *type,
    const char *format, ...)
{
	char text[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	answer_error_span(
	    a, status, type, (struct span){ (uint8_t *)text, strlen(text) });
}

void
answer_text(struct answer *a, unsigned status, const char *content_type,
    const char *text)
{
	bytes_clear(&a->body);
	bytes_text(&a->body, text);
	a->status = status;
	a->content_type = content_type;
}
