/* SPDX-License-Identifier: Apache-2.0
 *
 * frame: where one record ends and the next begins.
 *
 * Any thread. Pure. Knows lines only; has no opinion on how long one may be:
 * that is for whoever holds the bytes.
 */
#include "frame.h"

#include <assert.h>

enum frame_result
frame_line(struct span bytes, size_t searched, size_t *length)
{
	assert(searched <= bytes.len);
	if (searched == bytes.len)
		return FRAME_MORE;

	const unsigned char *end =
	    memchr(bytes.at + searched, '\n', bytes.len - searched);

	if (end == NULL)
		return FRAME_MORE;
	*length = (size_t)(end - bytes.at) + 1;
	return FRAME_RECORD;
}
