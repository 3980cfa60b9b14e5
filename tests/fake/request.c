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
	[FORMAT_QUERY] = "text/xml",
	[FORMAT_OTHER] = "application/x-amz-json-1.1",
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
	if (span_is(type, "application/x-www-form-urlencoded"))
		return FORMAT_QUERY;
	return FORMAT_OTHER;
}

const char *
answer_content_type(enum format format)
{
	return content_types[format];
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

/* Text between tags. */
static void
put_xml(struct bytes *b, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '&')
			bytes_text(b, "&amp;");
		else if (text.at[i] == '<')
			bytes_text(b, "&lt;");
		else
			bytes_put(b, text.at + i, 1);
	}
}

void
answer_error_span(
    struct answer *a, unsigned status, const char *type, struct span message)
{
	struct bytes *b = &a->body;

	bytes_clear(b);
	a->status = status;
	a->content_type = answer_content_type(a->format);
	if (a->format == FORMAT_QUERY) {
		bytes_format(b,
		    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/"
		    "2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n"
		    "    <Code>%s</Code>\n    <Message>",
		    type);
		put_xml(b, message);
		bytes_text(b, "</Message>\n  </Error>\n  <RequestId>01234567-"
			      "89ab-cdef-0123-456789abcdef</RequestId>\n"
			      "</ErrorResponse>\n");
		return;
	}
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
