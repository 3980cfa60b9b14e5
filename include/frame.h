/* SPDX-License-Identifier: Apache-2.0
 *
 * frame: where one record ends and the next begins. Pure: bytes in, lengths
 * out; no I/O, no clock, no state between calls but what the caller keeps.
 *
 * A record is its line with the newline kept (the Java agent's framing).
 */
#ifndef FRAME_H
#define FRAME_H

#include "span.h"

enum frame_result {
	FRAME_RECORD, /* `length` bytes from the start are one record */
	FRAME_MORE    /* no end in sight: more bytes are needed */
};

/* Look for the end of the record that begins at `bytes.at`. The first
 * `searched` bytes are known to hold no end (pass what a former FRAME_MORE on
 * the same record has seen). On FRAME_RECORD `*length` counts the newline. */
enum frame_result frame_line(
    struct span bytes, size_t searched, size_t *length);

#endif
