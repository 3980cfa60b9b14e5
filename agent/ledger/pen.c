/* SPDX-License-Identifier: Apache-2.0
 *
 * pen: see pen.h. Allocates nothing: a letter may be a megabyte, and what it
 * takes as JSON several.
 *
 * Thread: ledger.
 */
#include "pen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

void
pen_begin(struct pen *p, int fd)
{
	p->fd = fd;
	p->error = 0;
	p->total = 0;
	p->len = 0;
}

static void
flush(struct pen *p)
{
	size_t done = 0;

	while (p->fd >= 0 && p->error == 0 && done < p->len) {
		ssize_t n = write(p->fd, p->at + done, p->len - done);

		if (n < 0 && errno != EINTR)
			p->error = errno;
		if (n > 0)
			done += (size_t)n;
	}
	p->len = 0;
}

void
pen_put(struct pen *p, struct span bytes)
{
	p->total += bytes.len;
	while (bytes.len > 0) {
		size_t room = PEN_ROOM - p->len;
		size_t len = bytes.len < room ? bytes.len : room;

		memcpy(p->at + p->len, bytes.at, len);
		p->len += len;
		bytes = span_of(bytes.at + len, bytes.len - len);
		if (p->len == PEN_ROOM)
			flush(p);
	}
}

void
pen_text(struct pen *p, const char *text)
{
	pen_put(p, span_str(text));
}

void
pen_number(struct pen *p, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	pen_text(p, text);
}

static void
escape(struct pen *p, unsigned char c)
{
	char text[8];

	switch (c) {
	case '\n':
		pen_text(p, "\\n");
		return;
	case '\r':
		pen_text(p, "\\r");
		return;
	case '\t':
		pen_text(p, "\\t");
		return;
	case '"':
	case '\\':
		(void)snprintf(text, sizeof(text), "\\%c", c);
		break;
	default:
		(void)snprintf(text, sizeof(text), "\\u%04x", c);
		break;
	}
	pen_text(p, text);
}

/* How many bytes from the start stand for themselves in a string. */
static size_t
plain(struct span text)
{
	size_t n = 0;

	while (n < text.len && text.at[n] >= ' ' && text.at[n] < 0x7f &&
	       text.at[n] != '"' && text.at[n] != '\\')
		n++;
	return n;
}

void
pen_string(struct pen *p, struct span text)
{
	pen_text(p, "\"");
	while (text.len > 0) {
		size_t len = plain(text);

		if (len > 0) {
			pen_put(p, span_of(text.at, len));
		} else if (text.at[0] < 0x80) {
			escape(p, text.at[0]);
			len = 1;
		} else if ((len = utf8_length(text)) > 0) {
			pen_put(p, span_of(text.at, len));
		} else {
			pen_text(p, "\\ufffd");
			len = 1;
		}
		text = span_of(text.at + len, text.len - len);
	}
	pen_text(p, "\"");
}

void
pen_base64(struct pen *p, struct span data)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";

	pen_text(p, "\"");
	for (size_t i = 0; i < data.len; i += 3) {
		size_t left = data.len - i;
		unsigned bits = (unsigned)data.at[i] << 16;
		unsigned char four[4];

		if (left > 1)
			bits |= (unsigned)data.at[i + 1] << 8;
		if (left > 2)
			bits |= data.at[i + 2];
		for (int k = 0; k < 4; k++)
			four[k] =
			    (unsigned char)letters[bits >> (18 - 6 * k) & 63];
		if (left < 3)
			four[3] = '=';
		if (left < 2)
			four[2] = '=';
		pen_put(p, span_of(four, sizeof(four)));
	}
	pen_text(p, "\"");
}

int
pen_end(struct pen *p)
{
	flush(p);
	return p->error;
}
