/* SPDX-License-Identifier: Apache-2.0
 *
 * wire: the bytes of a record in a request, in CBOR and in JSON.
 *
 * Writers write at `out`, for which the caller has room (wire_bound), and
 * answer where they stopped. Pure; any thread; nothing fails.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdint.h>

#include "api.h"
#include "batch.h"
#include "buf.h"
#include "span.h"

/* A byte of text in JSON becomes at most "\u001f". */
#define WIRE_ESCAPE 6

/* What an explicit hash key takes at most, name and all. */
#define WIRE_HASH 64

/* The most that a record of `data` bytes takes in a body for `api`. */
size_t wire_bound(const struct api *api, size_t data, struct batch_key key);

/* A whole record, JSON with its leading comma. */
unsigned char *wire_record(const struct api *api, unsigned char *out,
    struct span data, struct batch_key key);

/* The data in a whole `record` as wire_record wrote it: borrowed from it, or
 * decoded into `room`, which is cleared first and may grow so far. */
struct span wire_data(
    const struct api *api, struct span record, struct buf *room);

/* The key of one in CBOR: borrowed from it. */
struct batch_key wire_key(const struct api *api, struct span record);

/* CBOR: the head of an item of type `major` (0..7) with argument `n`, in the
 * shortest form. */
unsigned char *wire_head(unsigned char *out, unsigned major, size_t n);

/* CBOR: a text string. */
unsigned char *wire_text(unsigned char *out, struct span text);

/* JSON: `text` (UTF-8) as it stands between quotes. */
unsigned char *wire_escaped(unsigned char *out, struct span text);

/* Base64 with padding, no line breaks, no NUL behind. */
unsigned char *wire_base64(unsigned char *out, struct span data);

#endif
