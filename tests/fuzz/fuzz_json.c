/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as JSON: what we take is JSON to jansson too, and what jansson
 * takes we take (but for depth and lone surrogates, where we differ); written
 * compact and pretty it stays what it is; any text becomes a string that says
 * the same.
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/jsonin.h"
#include "parsers/jsonout.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_object(struct span text)
{
	struct span key, value;
	struct jsonin walk;

	if (!jsonin_open(&walk, text, '{'))
		return false;
	while (jsonin_next(&walk, &key, &value)) {
		unsigned char *room = malloc(key.len);

		assert(room != NULL && key.len >= 2);
		assert(jsonin_unescape(key, room) <= key.len - 2);
		free(room);
	}
	assert(walk.done != walk.failed);
	return walk.done;
}

static void
check_written(struct span text, bool pretty)
{
	struct buf out;

	buf_init(&out, 1 << 22);
	if (jsonout_value(&out, text, pretty, 0))
		assert(is_object(buf_span(&out)));
	buf_fini(&out);
}

static void
check_text(struct span text)
{
	struct buf out;
	unsigned char *clean = malloc(3 * text.len + 1);
	unsigned char *back;
	size_t len = utf8_clean(text, clean);

	buf_init(&out, 8 * text.len + 2);
	assert(clean != NULL && utf8_is_text(span_of(clean, len)));
	assert(jsonout_text(&out, text));
	assert(utf8_is_text(buf_span(&out)));
	back = malloc(out.len);
	assert(back != NULL);
	assert(span_eq(span_of(back, jsonin_unescape(buf_span(&out), back)),
	    span_of(clean, len)));
	free(back);
	free(clean);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as long as it is, so that reading on is seen. */
	uint8_t *copy = malloc(size == 0 ? 1 : size);
	struct span text = span_of(copy, size);
	json_error_t error;
	json_t *judged;
	bool ours;

	assert(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	ours = is_object(text);
	judged = json_loadb((const char *)copy, size, JSON_ALLOW_NUL, &error);
	if (ours && utf8_is_text(text)) {
		enum json_error_code why = json_error_code(&error);

		assert(judged != NULL || why == json_error_numeric_overflow ||
		       strstr(error.text, "Unicode") != NULL ||
		       strstr(error.text, "NUL byte") != NULL);
		check_written(text, false);
		check_written(text, true);
	}
	/* jansson reads over a NUL behind a number. */
	if (judged != NULL && json_is_object(judged) && size < JSONIN_DEPTH &&
	    memchr(data, '\0', size) == NULL)
		assert(ours);
	json_decref(judged);
	check_text(text);
	free(copy);
	return 0;
}
