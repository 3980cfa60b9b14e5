/* SPDX-License-Identifier: Apache-2.0
 *
 * remark: see remark.h.
 *
 * The writer makes `turn` odd, writes, makes it even; a reader that finds it
 * odd, or another than before, tries again. Every part is atomic, and ordered
 * so that who sees a new word sees a new turn, too: no fence is needed, and
 * there is no race to excuse.
 *
 * Thread: writing: one; reading: any.
 */
#include "remark.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ATTEMPTS 100

/* Of a character that was cut in the middle nothing is left. */
static void
mend_end(char text[static REMARK_BYTES])
{
	size_t len = strlen(text);

	while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xC0)
		text[len - 1] = '\0';
}

void
remark_say(struct remark *r, int64_t wall_ms, const char *format, ...)
{
	uint32_t turn = atomic_load_explicit(&r->turn, memory_order_relaxed);
	uint64_t words[REMARK_WORDS] = { 0 };
	char text[REMARK_BYTES] = "";
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) >= REMARK_BYTES)
		mend_end(text);
	va_end(args);
	memcpy(words, text, strlen(text));
	atomic_store_explicit(&r->turn, turn + 1, memory_order_relaxed);
	atomic_store_explicit(&r->wall_ms, wall_ms, memory_order_release);
	for (size_t i = 0; i < REMARK_WORDS; i++)
		atomic_store_explicit(
		    &r->words[i], words[i], memory_order_release);
	atomic_store_explicit(&r->turn, turn + 2, memory_order_release);
}

bool
remark_get(
    const struct remark *r, int64_t *wall_ms, char text[static REMARK_BYTES])
{
	uint64_t words[REMARK_WORDS];
	int64_t when;

	for (int i = 0; i < ATTEMPTS; i++) {
		uint32_t turn =
		    atomic_load_explicit(&r->turn, memory_order_acquire);

		if (turn == 0)
			return false;
		when = atomic_load_explicit(&r->wall_ms, memory_order_acquire);
		for (size_t w = 0; w < REMARK_WORDS; w++)
			words[w] = atomic_load_explicit(
			    &r->words[w], memory_order_acquire);
		if (turn % 2 != 0 || atomic_load_explicit(&r->turn,
					 memory_order_relaxed) != turn)
			continue;
		*wall_ms = when;
		memcpy(text, words, REMARK_BYTES);
		return true;
	}
	return false;
}
