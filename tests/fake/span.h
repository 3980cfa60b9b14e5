/* SPDX-License-Identifier: Apache-2.0
 *
 * span: borrowed bytes. Who lends them says for how long. An absent member of
 * a request is a span whose `at` is NULL; an empty one has an address.
 */
#ifndef FAKE_SPAN_H
#define FAKE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	uint8_t *at;
	size_t length;
};

static inline bool
span_equals(struct span s, const void *bytes, size_t length)
{
	return s.at != NULL && s.length == length &&
	       memcmp(s.at, bytes, length) == 0;
}

static inline bool
span_is(struct span s, const char *text)
{
	return span_equals(s, text, strlen(text));
}

#endif
