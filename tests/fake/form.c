/* SPDX-License-Identifier: Apache-2.0
 *
 * form: application/x-www-form-urlencoded from the receiving side.
 *
 * Thread: the connection's. Allocates nothing.
 */
#include "form.h"

struct span
form_pairs(const struct request *r)
{
	struct span type = request_header(r, "content-type");

	if (type.at != NULL &&
	    memmem(type.at, type.length, "form-urlencoded", 15) != NULL)
		return (struct span){ r->body.at, r->body.length };
	return r->query;
}

/* What comes after `name=`, up to the next pair; `at` is NULL without. */
static struct span
encoded(struct span pairs, const char *name)
{
	const size_t length = strlen(name);
	size_t from = 0;

	while (from < pairs.length) {
		const uint8_t *pair = pairs.at + from;
		const uint8_t *end = memchr(pair, '&', pairs.length - from);
		size_t size =
		    end != NULL ? (size_t)(end - pair) : pairs.length - from;

		if (size > length && memcmp(pair, name, length) == 0 &&
		    pair[length] == '=')
			return (struct span){ (uint8_t *)(uintptr_t)pair +
						  length + 1,
				size - length - 1 };
		from += size + 1;
	}
	return (struct span){ NULL, 0 };
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

bool
form_value(struct span pairs, const char *name, char *out, size_t room)
{
	struct span s = encoded(pairs, name);
	size_t length = 0;

	out[0] = '\0';
	if (s.at == NULL)
		return false;
	for (size_t i = 0; i < s.length; i++) {
		uint8_t c = s.at[i] == '+' ? ' ' : s.at[i];

		if (c == '%') {
			int high =
			    i + 2 < s.length ? hex_value(s.at[i + 1]) : -1;
			int low = high >= 0 ? hex_value(s.at[i + 2]) : -1;

			if (low < 0)
				goto wrong;
			c = (uint8_t)(high * 16 + low);
			i += 2;
		}
		if (c == '\0' || length + 1 >= room)
			goto wrong;
		out[length++] = (char)c;
	}
	out[length] = '\0';
	return true;

wrong:
	out[0] = '\0';
	return false;
}
