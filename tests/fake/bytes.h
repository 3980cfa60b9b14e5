/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes: owned bytes that grow up to a ceiling and are used again. What does
 * not fit is left out and remembered in `overflowed`, so that a writer asks
 * once, at the end.
 */
#ifndef FAKE_BYTES_H
#define FAKE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct bytes {
	uint8_t *at; /* owned */
	size_t length;
	size_t capacity;
	size_t ceiling;  /* never more than this */
	bool overflowed; /* something was left out */
};

void bytes_init(struct bytes *b, size_t ceiling);
void bytes_fini(struct bytes *b);

/* Forget the content, keep the memory. */
void bytes_clear(struct bytes *b);

/* Whether `more` further bytes fit; true makes room for them. */
bool bytes_reserve(struct bytes *b, size_t more);

void bytes_put(struct bytes *b, const void *from, size_t length);
void bytes_text(struct bytes *b, const char *text);
void bytes_span(struct bytes *b, struct span s);
void bytes_format(struct bytes *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
