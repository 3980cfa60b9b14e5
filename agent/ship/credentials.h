/* SPDX-License-Identifier: Apache-2.0
 *
 * credentials: who we are to AWS. Lives in secret memory, keys and all.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

/* Ceilings. AWS's own: an access key id has up to 128 characters, a secret
 * 40; a session token has none, and comes with 1 to 4 KiB. */
#define CREDENTIALS_ID     128
#define CREDENTIALS_SECRET 256
#define CREDENTIALS_TOKEN  16383

/* One set of keys. */
struct credentials_keys {
	char access_key[CREDENTIALS_ID + 1];
	char secret_key[CREDENTIALS_SECRET + 1];
	char session_token[CREDENTIALS_TOKEN + 1]; /* "" for none */
	const char *source; /* static or of the configuration: for people */
	int64_t until_ms;   /* of clock_ms; CLOCK_NEVER: until refused */
};

/* What one identity signs with at present. */
struct credentials {
	struct credentials_keys now;
	uint32_t serial; /* of `now`: another one on change; 0: none yet */
};

/* Make `k` of these. `token` may be NULL. False: one is missing or too long
 * to be one. */
bool credentials_take(struct credentials_keys *k, const char *access_key,
    const char *secret_key, const char *token);

/* Are they the same keys? */
bool credentials_same(
    const struct credentials_keys *a, const struct credentials_keys *b);

/* Are there keys, and do they still hold? */
bool credentials_hold(const struct credentials *c, int64_t now_ms);

/* What time it is to a server whose answer says `date_ms` (0: nothing), when
 * it is `wall_ms` to us: its Date has whole seconds, so where we agree ours is
 * the better one. */
int64_t credentials_wall(int64_t date_ms, int64_t wall_ms);

/* When keys expire that were told to at `text` ("2026-11-22T01:02:03Z", or
 * with an offset), at a moment that is `wall_ms` to whoever told and `now_ms`
 * to us. False: it is no such text. */
bool credentials_expiry(
    const char *text, int64_t wall_ms, int64_t now_ms, int64_t *until_ms);

#endif
