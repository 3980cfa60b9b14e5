/* SPDX-License-Identifier: Apache-2.0
 *
 * credentials: who we are to AWS.
 *
 * The providers are asked in AWS's order, and the first that has keys wins.
 * Lives in secret memory, keys and all.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdint.h>

#include "config.h"

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
	const char *source; /* static: the provider, for people */
};

struct credentials {
	struct credentials_keys now;  /* to sign with */
	struct credentials_keys next; /* scratch of credentials_load */
	uint32_t serial;              /* of `now`: another one on change */
};

enum credentials_answer {
	CREDENTIALS_SAME, /* what we had */
	CREDENTIALS_NEW,  /* other keys than before */
	CREDENTIALS_NONE  /* no provider has any; `now` is as it was */
};

/* Empty. NULL: failed, logged. */
struct credentials *credentials_new(void);

/* Wiped. NULL is fine. */
void credentials_free(struct credentials *c);

/* Ask the providers again. Reads the environment and small files. What a
 * provider has but cannot be used is logged; that there is none is not. */
enum credentials_answer credentials_load(
    struct credentials *c, const struct config *config);

#endif
